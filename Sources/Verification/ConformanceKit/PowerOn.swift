// ConformanceKit/PowerOn.swift: what an image goes through before the host says its first word.
// A debugger spoils registers and memory, sees the first task of all die, and makes the kernel trap.

import ELFKit
import Foundation
import ImagePlan
import PlainText
import QEMUKit

/// The first three lives of a machine, of which only the third talks.
///
/// 1. Registers and memory hold what a boot loader left, or noise. The supervisor reads the kernel's
///    memory and dies of it.
/// 2. The kernel's pointer to the running task is bent, so that the kernel itself traps.
/// 3. The banner has the record of that, and the cases begin.
struct PowerOn: Sendable {
  /// What the debugger saw.
  ///
  /// Without the first life's death nothing after it was done.
  struct History: Sendable {
    /// Where the kernel's memory at the first call depended on what had been there before.
    var unclearedWords: [UInt32] = []
    /// What of the registers and first frames of all tasks was not as a life begins.
    var traces: [String] = []
    /// The record that the supervisor's first life left; empty if it did not die.
    var firstDeath: [UInt32] = []
    /// The instruction at which the kernel trapped.
    var trap: UInt32 = 0
  }

  private let plan: Plan
  private let state: Range<UInt32>
  private let (reset, call, fault): (UInt32, UInt32, UInt32)
  private let (record, saving): (UInt32, UInt32)
  private let (blocks, kept): (UInt32, UInt32?)

  /// Finds the kernel's places in `bundle`.
  init(_ bundle: ImageBundle) throws {
    let kernel = try ELFFile(path: bundle.kernel.path)
    plan = bundle.plan
    state = try kernel.address(of: "__bss_start")..<kernel.address(of: "__bss_end")
    reset = try kernel.address(of: "apus_reset")
    call = try kernel.address(of: "apus_call_entry")
    fault = try kernel.address(of: "apus_fault_entry")
    record = try kernel.address(of: "apus_reset_record")
    blocks = try kernel.address(of: "apus_kernel")
    kept = plan.board.hasFloatingPoint ? try kernel.address(of: "apus_fp") : nil
    // stmia r0, {...}: the first use of the pointer.
    saving = try kernel.address(ofInstruction: 0xE880, from: call, within: 32)
  }

  /// Leads the machine, which waits before its first instruction, to its third life.
  ///
  /// - Throws: `QEMUError` if a life does not come to its end.
  func lead(_ sockets: Sockets) throws -> History {
    let patience = Duration.seconds(30)
    let debugger = try Debugger(sockets.debugger, patience: patience)
    let bus = try Bus(sockets.bus, patience: patience)
    var history = History()
    let ram = plan.board.ram
    let noise = (0..<plan.ramEnd - ram.base)
      .map { UInt8(truncatingIfNeeded: Leftovers.noise >> ($0 % 4 * 8)) }
    try debugger.setMemory(at: ram.base, to: noise)
    try Leftovers(
      mask: .basepri, place: UInt32(ram.end) - 4096, ram: ram.base..<UInt32(ram.end),
      interruptCount: plan.board.interruptCount, hasFloatingPoint: plan.board.hasFloatingPoint
    ).leave(debugger, bus, at: reset)
    try debugger.setBreakpoint(at: plan.tasks[0].entry)
    try debugger.resume()
    history.traces = try traces(debugger.registers(), bus, Monitor(sockets.monitor))
    try debugger.removeBreakpoint(at: plan.tasks[0].entry)
    // No stop between the calls: QEMU takes one for idle time, and a tick would follow on each.
    try debugger.setBreakpoint(at: call)
    try debugger.resume()
    let first = try memory(debugger)
    try debugger.removeBreakpoint(at: call)
    try debugger.step()
    try debugger.setBreakpoint(at: call)
    try debugger.setBreakpoint(at: fault)
    try debugger.resume()
    let isDying = try debugger.registers().programCounter == fault
    try debugger.removeBreakpoint(at: fault)
    try debugger.removeBreakpoint(at: call)
    if isDying {
      try debugger.setBreakpoint(at: reset)
      try debugger.resume()
      history.firstDeath = Debugger.words(try debugger.memory(at: record, count: 16))
      try debugger.removeBreakpoint(at: reset)
      // The same stop as before: see above.
      try debugger.setBreakpoint(at: plan.tasks[0].entry)
      try debugger.resume()
      try debugger.removeBreakpoint(at: plan.tasks[0].entry)
      try debugger.setBreakpoint(at: call)
      try debugger.resume()
      let second = try memory(debugger)
      for (index, pair) in zip(first, second).enumerated() where pair.0 != pair.1 {
        history.unclearedWords.append(state.lowerBound + UInt32(index) * 4)
      }
      try debugger.setRegister(2, to: Leftovers.noise)
      try debugger.removeBreakpoint(at: call)
      try debugger.setBreakpoint(at: saving)
      try debugger.resume()
      try debugger.removeBreakpoint(at: saving)
      // Several words at once cannot be stored to an odd address.
      try debugger.setRegister(0, to: debugger.registers().general[0] | 1)
      history.trap = saving
    }
    try debugger.detach()
    return history
  }

  private func memory(_ debugger: Debugger) throws -> [UInt32] {
    Debugger.words(try debugger.memory(at: state.lowerBound, count: state.count))
  }

  /// What of the tasks is not as a life begins: the first stands at its first instruction, the others
  /// have their frames and what the port keeps of them.
  private func traces(
    _ registers: Debugger.Registers, _ bus: Bus, _ monitor: Monitor
  ) throws -> [String] {
    var traces: [String] = []
    func check(_ what: String, _ word: UInt32, is wanted: UInt32 = 0) {
      if word != wanted { traces.append("\(what) is \(hexadecimal(word))") }
    }
    let supervisor = plan.tasks[0]
    for number in 0...12 { check("r\(number)", registers.general[number]) }
    check("sp", registers.general[13], is: supervisor.stackTop)
    check("lr", registers.general[14], is: ~0)
    let unit = try monitor.floatingPointRegisters()
    for (number, word) in unit.enumerated() { check("s\(number)", word) }
    for task in plan.tasks {
      let block = blocks + UInt32(task.index) * 64
      func words(_ base: UInt32, _ count: UInt32) throws -> [UInt32] {
        try (0..<count).map { try bus.word(at: base + $0 * 4) }
      }
      var saved = try words(block, 8)
      if let kept { saved += try words(kept + UInt32(task.index) * 64, 16) }
      for (index, word) in saved.enumerated() { check("\(task.name)'s saved word \(index)", word) }
      // The first task's frame is spent.
      if task.index == 0 { continue }
      let frame = try words(bus.word(at: block + 32), kept == nil ? 8 : 26)
      let wanted: [UInt32] = [0, 0, 0, 0, 0, ~0, task.entry, 0x0100_0000]
      for (index, word) in frame.enumerated() {
        let own = index < 8 ? wanted[index] : 0
        check("\(task.name)'s frame word \(index)", word, is: own)
      }
    }
    return traces
  }
}

extension PowerOn {
  /// The sockets that a machine is led by.
  struct Sockets: Sendable {
    let debugger, bus, monitor: URL

    /// New names in the folder for temporary files.
    init() {
      let base = FileManager.default.temporaryDirectory.path + "/case-\(UUID().uuidString)"
      (debugger, bus, monitor) = (
        URL(filePath: base + "-g"), URL(filePath: base + "-b"), URL(filePath: base + "-m")
      )
    }

    /// Has `machine` make them.
    func set(_ machine: inout Machine) {
      (machine.debuggerSocket, machine.busSocket, machine.monitorSocket) = (debugger, bus, monitor)
    }

    /// Removes what QEMU leaves.
    func remove() {
      for socket in [debugger, bus, monitor] { try? FileManager.default.removeItem(at: socket) }
    }
  }
}
