// QEMUKitTests/IdleTimeTests.swift: two clocks of a guest that sleeps in between must agree.
// Nothing of Apus is in the image: its loop is `wfi`, as that of the kernel's idle task is.

import Foundation
import Synchronization
import Testing

@testable import QEMUKit

@Suite struct IdleTimeTests {
  /// Counts fifty ticks of 1 ms and a timer's interrupts, and stops at `done`: the interrupts are in
  /// r5, and what a second timer has counted down meanwhile is in r6.
  ///
  /// - Parameters:
  ///   - clock: The board's clocks in a millisecond.
  ///   - start: Starts both timers; `reload` is the first one's.
  ///   - vector: The exception of the first timer.
  private static func program(
    clock: Int, base: UInt32, start: String, acknowledge: String, second: UInt32, vector: Int
  ) -> String {
    """
    .thumb_func
    .globl reset
    reset:
      movs r4, #0
      movs r5, #0
      ldr r7, =\(base)
      ldr r8, =\(second)
      \(start)
      ldr r0, =0xE000E100
      ldr r1, =\(1 << (vector - 16))
      str r1, [r0]
      ldr r0, =0xE000E010
      ldr r1, =\(clock - 1)
      str r1, [r0, #4]
      str r1, [r0, #8]
      movs r1, #7
      ldr r6, [r8]
      str r1, [r0]
    again:
      cpsid i                 @ a tick between the question and the sleep would be slept over
      cmp r4, #50
      bhs enough
      wfi
      cpsie i
      b again
    enough:
      ldr r0, [r8]
      subs r6, r0
    .globl done
    done:
      b done
    .thumb_func
    .globl handler
    handler:
      mrs r0, ipsr
      cmp r0, #15
      ite eq
      addeq r4, #1
      addne r5, #1
      beq 1f
      movs r0, #1
      \(acknowledge)
    1:
      bx lr
    """
  }

  /// A timer of Arm's system design kit that interrupts every `period` clocks, and a second one.
  private static func cmsdk(period: Int) -> String {
    let start = """
      ldr r0, =\(period - 1)
      str r0, [r7, #8]
      str r0, [r7, #4]
      movs r0, #9
      str r0, [r7]
      mvn r0, #0
      str r0, [r8, #4]
      str r0, [r8]
      movs r0, #1
      str r0, [r8, #-4]
      """
    return program(
      clock: 25_000, base: 0x4000_0000, start: start, acknowledge: "str r0, [r7, #12]",
      second: 0x4000_1004, vector: 16 + 8)
  }

  /// A general-purpose timer of Stellaris's, whose count QEMU does not show.
  private static func stellaris(period: Int) -> String {
    let start = """
      movs r0, #2
      str r0, [r7, #4]
      movs r0, #1
      str r0, [r7, #24]
      ldr r0, =\(period)
      str r0, [r7, #40]
      movs r0, #1
      str r0, [r7, #12]
      """
    return program(
      clock: 12_500, base: 0x4003_1000, start: start, acknowledge: "str r0, [r7, #36]",
      second: 0x4003_1048, vector: 16 + 21)
  }

  /// Runs to `done`, and returns the timer's interrupts and the second timer's counts.
  private func run(
    _ program: String, on board: String, _ pace: Pace
  ) async throws -> (interrupts: UInt32, counts: UInt32) {
    let image = try await TinyImage(program)
    defer { image.remove() }
    var machine = Machine(board: board, image: image.url, pace: pace)
    machine.startsStopped = true
    let socket = image.url.deletingLastPathComponent().appending(path: "gdb")
    machine.debuggerSocket = socket
    let done = try image.address("done")
    let general = Mutex<[UInt32]>([])
    try await Session(machine).run { _ in
      let registers = try await onThread {
        let debugger = try Debugger(socket)
        try debugger.setBreakpoint(at: done)
        try debugger.resume()
        return try debugger.registers().general
      }
      general.withLock { $0 = registers }
    }
    return general.withLock { ($0[5], $0[6]) }
  }

  @Test(
    "Fifty ticks of 1 ms are 1,250,000 counts at 25 MHz, and as many interrupts as they must be.",
    arguments: ["mps2-an385", "mps2-an386", "mps2-an500"], [50, 100, 7_003])
  func designKit(board: String, microseconds: Int) async throws {
    let program = Self.cmsdk(period: microseconds * 25)
    for pace in [Pace.fast, .counting] {
      let (interrupts, counts) = try await run(program, on: board, pace)
      // The loop sees the last tick some instructions late: 30 of them are as many counts at most.
      #expect((1_250_000...1_250_030).contains(counts), "\(pace)")
      #expect(interrupts == UInt32(50_000 / microseconds), "\(pace)")
    }
  }

  @Test("Fifty ticks of 1 ms are 500 interrupts of a timer of 0.1 ms, at 12.5 MHz, too.")
  func stellaris() async throws {
    for pace in [Pace.fast, .counting] {
      let program = Self.stellaris(period: 1_250)
      #expect(try await run(program, on: "lm3s6965evb", pace).interrupts == 500, "\(pace)")
    }
  }
}
