// SoakKit/Autopsy.swift: what the kernel's memory says at the end, read from outside the guest.
// It needs no word of the guest: QEMU saves the memory, the ELF says what lies where.

import ELFKit
import Foundation
import ImagePlan
import QEMUKit

/// The kernel's memory after a soak.
public struct Autopsy: Equatable, Sendable {
  /// The deepest that the kernel's stack was used, in bytes, and what it has.
  public var stackUsed: Int
  public var stackReserved: Int
  /// The lives that have ended, over all tasks.
  public var endedLives: Int

  /// What the stack is filled with before boot.
  static let fill: UInt8 = 0x5B

  /// The window of the kernel's stack.
  static func stack(_ bundle: ImageBundle) throws -> Window {
    guard let section = try ELFFile(path: bundle.kernel.path).section(named: ".kernel_stack") else {
      throw SoakFailure(description: "the kernel has no section '.kernel_stack'")
    }
    return Window(base: section.address, size: section.byteCount)
  }

  /// Reads a stopped guest; `folder` is for the file that QEMU writes.
  init(_ monitor: Monitor, _ bundle: ImageBundle, in folder: URL) throws {
    let ram = bundle.plan.kernel.ram
    let file = folder.appending(path: "kernel.bin")
    try monitor.execute(
      "pmemsave", ["val": Int(ram.base), "size": Int(ram.size), "filename": file.path])
    let bytes = [UInt8](try Data(contentsOf: file))
    guard bytes.count == Int(ram.size) else {
      throw SoakFailure(description: "QEMU saved \(bytes.count) of \(ram.size) bytes")
    }
    let stack = try Self.stack(bundle)
    let start = Int(stack.base - ram.base)
    let untouched = bytes[start..<start + Int(stack.size)].prefix { $0 == Self.fill }.count
    stackReserved = Int(stack.size)
    stackUsed = stackReserved - untouched
    guard let kernel = try ELFFile(path: bundle.kernel.path).symbol(named: "apus_kernel") else {
      throw SoakFailure(description: "the kernel does not define 'apus_kernel'")
    }
    endedLives = 0
    for index in bundle.plan.tasks.indices {
      // Task.life: 56 bytes into each control block of 64; the number of restarts above the index.
      let place = Int(kernel.address - ram.base) + index * 64 + 56
      let life = (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
      guard life & 31 == index else {
        throw SoakFailure(description: "task \(index)'s life says that it is task \(life & 31)")
      }
      endedLives += life >> 5
    }
  }
}
