// BootTests/SilenceTests.swift: nothing that the machine can raise reaches a kernel that is not whole.
// The release images, driven by a debugger and by the core's own bus.

import BoardSupport
import ELFKit
import Foundation
import ImagePlan
import QEMUKit
import Testing

@testable import BenchKit

@Suite struct SilenceTests {
  private static let masks: [Leftovers.Mask] = [
    .primask, .basepri, .faultmask, .none(clocks: 3), .none(clocks: 40), .none(clocks: 150),
  ]

  @Test(
    "Whatever a boot loader left, the first task finds the machine as after power-on.",
    arguments: Images.boards)
  func leftovers(board: String) async throws {
    let bundle = try await Images.shared.bundle("hello", board)
    let places = try Places(bundle)
    let fresh = try await HeldMachine(bundle).run { debugger, bus, monitor in
      try debugger.run(to: places.task)
      return try places.state(debugger, bus, monitor)
    }
    for mask in Self.masks {
      let state = try await HeldMachine(bundle).run { debugger, bus, monitor in
        try Leftovers(mask: mask, plan: bundle.plan).leave(debugger, bus, at: places.reset)
        // Time stands still until the first task, whose stop would hide that: QEMU skips time then.
        try debugger.run(to: places.boot, orAt: places.reset)
        #expect(try bus.word(at: 0xE000_E010) & 1 == 0, "after \(mask)")
        try debugger.run(to: places.task, orAt: places.reset)
        let state = try places.state(debugger, bus, monitor)
        // The kernel's own stack is the one in use only there.
        try debugger.run(to: places.tick, orAt: places.reset)
        #expect(try debugger.registers().general[13] == places.stackTop, "after \(mask)")
        try debugger.detach()
        return state
      } then: {
        try await $0.expect("Hello from Apus\r\n1 s\r\n")
      }
      let differences = state.filter { fresh[$0.key] != $0.value }.keys.sorted()
      #expect(differences == [], "after \(mask)")
    }
  }

  @Test(
    "An NMI at any instruction from reset to the first task resets, and the record names it.",
    arguments: Images.boards)
  func nonMaskable(board: String) async throws {
    let bundle = try await Images.shared.bundle("hello", board)
    let places = try Places(bundle)
    let trace = try await HeldMachine(bundle).run { debugger, bus, _ in
      let trace = try places.trace(debugger)
      // In the first task, too: where that was is on its own stack, which the kernel does not read.
      #expect(try places.interrupt(debugger, bus)[0] == Places.kernelFault)
      var passages: [UInt32: Int] = [:]
      for address in trace {
        try debugger.run(to: address, times: passages[address, default: 0] + 1)
        passages[address, default: 0] += 1
        let record = try places.interrupt(debugger, bus)
        guard record == [Places.kernelFault, 0, 0, address] else {
          Issue.record("at \(String(address, radix: 16)): \(record.map { String($0, radix: 16) })")
          break
        }
      }
      return trace
    }
    #expect(trace.count > 150)
  }

  @Test("31 tasks boot under a tick of 1,000 clocks, however little of the first has passed.")
  func shortTick() async throws {
    let bundle = try await WorstImage(
      root: Images.root, board: "mps2-an386", output: Images.output.appending(path: "silence"),
      size: .largest
    ).build()
    let frame = try ELFFile(path: bundle.kernel.path).address(of: "apus_first_frame")
    let places = try Places(bundle)
    try await HeldMachine(bundle).run { debugger, bus, _ in
      try debugger.run(to: frame)
      try bus.setWord(at: 0xE000_E014, to: 999)
      try bus.setWord(at: 0xE000_E018, to: 0)
      try debugger.run(to: places.task, orAt: places.tick, places.reset)
      #expect(try debugger.registers().programCounter == places.task)
      try debugger.run(to: places.tick, orAt: places.reset)
      #expect(try debugger.registers().programCounter == places.tick)
    }
  }
}

/// A machine that waits before its first instruction, for a debugger on a thread of its own.
private struct HeldMachine {
  let bundle: ImageBundle

  init(_ bundle: ImageBundle) { self.bundle = bundle }

  /// Starts the machine, does `work`, and then holds the conversation that `then` says.
  func run<Result: Sendable>(
    _ work: @escaping @Sendable (Debugger, Bus, Monitor) throws -> Result,
    then: @escaping @Sendable (Conversation) async throws -> Void = { _ in }
  ) async throws -> Result {
    let base = FileManager.default.temporaryDirectory.path + "/held-\(UUID().uuidString)"
    let (gdb, bus, monitor) = (
      URL(filePath: base + "-g"), URL(filePath: base + "-b"), URL(filePath: base + "-m")
    )
    defer { for socket in [gdb, bus, monitor] { try? FileManager.default.removeItem(at: socket) } }
    var machine = Machine(board: bundle.plan.board.machine, image: bundle.image)
    machine.startsStopped = true
    (machine.debuggerSocket, machine.busSocket, machine.monitorSocket) = (gdb, bus, monitor)
    let box = Box<Result>()
    try await Session(machine, limit: .seconds(240)).run { guest in
      box.value = try await onThread {
        try work(
          Debugger(gdb, patience: .seconds(60)), Bus(bus, patience: .seconds(60)),
          Monitor(monitor))
      }
      try await then(guest)
    }
    return try #require(box.value)
  }
}

/// Set by the conversation before its session returns.
private final class Box<Value: Sendable>: @unchecked Sendable {
  var value: Value?
}

/// Where an image's own places are.
private struct Places: Sendable {
  let (reset, boot, start, tick): (UInt32, UInt32, UInt32, UInt32)
  let (task, record, stackTop): (UInt32, UInt32, UInt32)
  let memory: Range<UInt32>
  let board: Board

  /// `ResetRecord.mark` and `ResetCause.kernelFault`.
  static let kernelFault: UInt32 = 0x4150_5503

  init(_ bundle: ImageBundle) throws {
    let kernel = try ELFFile(path: bundle.kernel.path)
    reset = try kernel.address(of: "apus_reset")
    boot = try kernel.address(of: "apus_boot")
    start = try kernel.address(of: "apus_start")
    tick = try kernel.address(of: "apus_tick_entry")
    stackTop = try kernel.address(of: "__kernel_stack_top")
    record = try kernel.address(of: "apus_reset_record")
    memory = try kernel.address(of: "__bss_start")..<kernel.address(of: "__bss_end")
    task = bundle.plan.tasks[0].entry
    board = bundle.plan.board
  }

  /// Everything that the first task or the kernel could notice of the machine.
  func state(
    _ debugger: Debugger, _ bus: Bus, _ monitor: Monitor
  ) throws -> [String: UInt32] {
    var state: [String: UInt32] = [:]
    let registers = try debugger.registers()
    for (index, value) in registers.general.enumerated() { state["r\(index)"] = value }
    state["xPSR"] = registers.status
    let unit = try monitor.floatingPointRegisters()
    for (index, word) in unit.enumerated() { state["s\(index)"] = word }
    // The stub sees memory as the task does: the kernel's is closed to it.
    for address in stride(from: memory.lowerBound, to: memory.upperBound, by: 4) {
      state["kernel's \(String(address, radix: 16))"] = try bus.word(at: address)
    }
    // SysTick, ICSR...SHCSR and CFSR, MPU_CTRL.
    var addresses: [UInt32] = [0xE000_E010, 0xE000_E014, 0xE000_ED94]
    addresses += stride(from: 0xE000_ED04, through: 0xE000_ED28, by: 4)
    for line in stride(from: 0, to: UInt32(board.interruptCount), by: 32) {
      addresses += [0xE000_E100, 0xE000_E200, 0xE000_E300].map { $0 + line / 8 }
    }
    for line in stride(from: 0, to: UInt32(board.interruptCount + 31) & ~31, by: 4) {
      addresses.append(0xE000_E400 + line)
    }
    if board.hasFloatingPoint { addresses += [0xE000_ED88, 0xE000_EF34] }
    for address in addresses {
      state[String(address, radix: 16)] = try bus.word(at: address)
    }
    for region: UInt32 in 0..<8 {
      try bus.setWord(at: 0xE000_ED98, to: region)
      state["RBAR \(region)"] = try bus.word(at: 0xE000_ED9C)
      state["RASR \(region)"] = try bus.word(at: 0xE000_EDA0)
    }
    return state
  }

  /// The addresses of all instructions from reset to the return into the first task, in order.
  ///
  /// The debugger's steps take no interrupts, and so come to the loop that waits for PendSV; a guest
  /// that runs does not.
  func trace(_ debugger: Debugger) throws -> [UInt32] {
    var trace: [UInt32] = [reset]
    while true {
      try debugger.step()
      var address = try debugger.registers().programCounter
      if address == task { return trace }
      if address == trace.last {
        trace.removeLast()
        try debugger.run(to: start)
        address = start
      }
      trace.append(address)
      if trace.count > 10_000 { throw QEMUError("the first task does not start") }
    }
  }

  /// Raises an NMI before the next instruction, and returns the record that the next life finds.
  func interrupt(_ debugger: Debugger, _ bus: Bus) throws -> [UInt32] {
    let words = stride(from: record, to: record + 16, by: 4)
    for word in words { try bus.setWord(at: word, to: 0) }
    try bus.setWord(at: 0xE000_ED04, to: 1 << 31)
    try debugger.run(to: reset, fromHere: true)
    return try words.map { try bus.word(at: $0) }
  }
}

extension Debugger {
  /// Runs until `address` has been reached for the given time, or any of the others.
  ///
  /// The instruction at which the guest stands counts unless it goes on from `here`.
  fileprivate func run(
    to address: UInt32, orAt others: UInt32..., times: Int = 1, fromHere: Bool = false
  ) throws {
    var left = times
    if !fromHere, try registers().programCounter == address { left -= 1 }
    while left > 0 {
      if !fromHere { try step() }
      for place in [address] + others { try setBreakpoint(at: place) }
      try resume()
      for place in [address] + others { try removeBreakpoint(at: place) }
      left -= 1
    }
  }
}

extension Leftovers {
  fileprivate init(mask: Mask, plan: Plan) {
    let ram = plan.board.ram
    self.init(
      mask: mask, place: UInt32(ram.end) - 4096, ram: ram.base..<UInt32(ram.end),
      interruptCount: plan.board.interruptCount, hasFloatingPoint: plan.board.hasFloatingPoint)
  }
}
