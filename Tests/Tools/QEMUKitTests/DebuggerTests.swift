// QEMUKitTests/DebuggerTests.swift: the guest seen from outside, while it stands still.

import Foundation
import Testing

@testable import QEMUKit

@Suite struct DebuggerTests {
  private static let program = """
    .thumb_func
    .globl reset
    reset:
      movs r0, #7
      ldr r1, =0x20000100
      str r0, [r1]
    .globl stored
    stored:
      b stored
    .thumb_func
    .globl handler
    handler:
      b handler
    """

  @Test("A breakpoint stops the guest; registers and memory are as the program left them.")
  func breakpoint() async throws {
    let image = try await TinyImage(Self.program)
    defer { image.remove() }
    let stored = try image.address("stored")
    var machine = Machine(board: "mps2-an385", image: image.url)
    machine.startsStopped = true
    let socket = image.url.deletingLastPathComponent().appending(path: "gdb")
    machine.debuggerSocket = socket
    try await Session(machine).run { _ in
      let debugger = try Debugger(socket)
      try debugger.setBreakpoint(at: stored)
      try debugger.resume()
      let registers = try debugger.registers()
      #expect(registers.programCounter == stored)
      #expect(registers.general[0] == 7)
      // Thumb state, no exception.
      #expect(registers.status & 0x0100_01FF == 0x0100_0000)
      #expect(try debugger.memory(at: 0x2000_0100, count: 4) == [7, 0, 0, 0])
      #expect(try debugger.memory(at: 0, count: 2500).count == 2500)
      try debugger.removeBreakpoint(at: stored)
      try debugger.step()
      #expect(try debugger.registers().programCounter == stored)
      // What is written is there, and nothing beside it has changed.
      let bytes = (0..<1500).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      try debugger.setMemory(at: 0x2000_0200, to: bytes)
      #expect(try debugger.memory(at: 0x2000_01FF, count: 1502) == [0] + bytes + [0])
      var changed = try debugger.registers()
      changed.general[5] = 0x8000_1234
      try debugger.setRegister(5, to: 0x8000_1234)
      #expect(try debugger.registers() == changed)
      try debugger.detach()
    }
  }

  @Test("The monitor executes commands, counts instructions and reports a refusal in QEMU's words.")
  func monitor() async throws {
    let image = try await TinyImage(Self.program)
    defer { image.remove() }
    var machine = Machine(board: "mps2-an385", image: image.url)
    machine.startsStopped = true
    let socket = image.url.deletingLastPathComponent().appending(path: "qmp")
    machine.monitorSocket = socket
    try await Session(machine).run { _ in
      let monitor = try Monitor(socket)
      #expect(try monitor.instructionCount() == 0)
      try monitor.resume()
      while try monitor.instructionCount() == 0 {}
      try monitor.stop()
      let error = #expect(throws: QEMUError.self) { try monitor.execute("no-such-command") }
      #expect(error?.description.contains("has not been found") == true)
    }
  }
}
