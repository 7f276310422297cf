// QEMUKitTests/TinyImage.swift: images of a few instructions, assembled and linked on the spot.
// Nothing of Apus is in them: these tests are of QEMUKit alone.

import Foundation
import Subprocess

@testable import QEMUKit

/// A little program for mps2-an385 and what the linker says of it.
struct TinyImage {
  let url: URL
  /// The addresses of its global symbols, Thumb bit clear.
  let symbols: [String: UInt32]

  /// Assembles `body` behind a vector table whose reset is `reset` and whose every other entry is `handler`.
  init(_ body: String) async throws {
    let directory = try Self.temporaryDirectory()
    let source = directory.appending(path: "tiny.S")
    let text = """
      .syntax unified
      .thumb
      .word 0x20001000
      .word reset + 1
      .rept 14 + 32
      .word handler + 1
      .endr
      \(body)
      """
    try Data((text + "\n").utf8).write(to: source)
    url = directory.appending(path: "tiny.elf")
    let arguments = [
      "-mcpu=cortex-m3", "-mthumb", "-nostdlib", "-Wl,-Ttext=0", "-Wl,-e,reset", source.path, "-o",
      url.path,
    ]
    let build = try await run(
      .name("arm-none-eabi-gcc"), arguments: Arguments(arguments), output: .discarded,
      error: .string(limit: 1 << 16))
    guard build.terminationStatus.isSuccess else { throw QEMUError(build.standardError) }
    let names = try await run(
      .name("arm-none-eabi-nm"), arguments: [url.path], output: .string(limit: 1 << 16))
    var symbols: [String: UInt32] = [:]
    for line in names.standardOutput.split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count == 3, let address = UInt32(fields[0], radix: 16) {
        symbols[String(fields[2])] = address & ~1
      }
    }
    self.symbols = symbols
  }

  func address(_ name: String) throws -> UInt32 {
    guard let address = symbols[name] else { throw QEMUError("no symbol \(name)") }
    return address
  }

  static let toolDirectory = FileManager.default.temporaryDirectory
    .appending(path: "apus-qemukit-tools")

  static func temporaryDirectory() throws -> URL {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "apus-tiny-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }

  /// Removes the files; the image cannot be run any more.
  func remove() {
    try? FileManager.default.removeItem(at: url.deletingLastPathComponent())
  }

  /// Asks for a reset of the machine, and does nothing else.
  static let reset = """
    .thumb_func
    reset:
      ldr r0, =0xE000ED0C
      ldr r1, =0x05FA0004
      str r1, [r0]
    handler:
      b handler
    """

  /// Sends back every byte it gets; says `ready> ` first, and `bye` for a `q`.
  static let echo = """
    .thumb_func
    .globl reset
    reset:
      ldr r7, =0x40004000     @ the UART: data, state, control, ..., divider
      movs r0, #16
      str r0, [r7, #16]
      movs r0, #3
      str r0, [r7, #8]
      ldr r5, =0xE000E010     @ SysTick: without a timer QEMU looks at its input only rarely
      ldr r0, =24999
      str r0, [r5, #4]
      movs r0, #5
      str r0, [r5]
      ldr r6, =greeting
      bl print
    next:
      ldr r0, [r7, #4]
      lsls r0, r0, #30
      bpl next
      ldr r0, [r7]
      str r0, [r7]
      cmp r0, #'q'
      bne next
      ldr r6, =farewell
      bl print
    stay:
      b stay
    .thumb_func
    print:
      ldrb r0, [r6], #1
      cbz r0, done
      str r0, [r7]
      b print
    done:
      bx lr
    .thumb_func
    .globl handler
    handler:
      b handler
    .align 2
    .ltorg
    greeting: .asciz "ready> "
    farewell: .asciz "\\r\\nbye\\r\\n"
    """
}
