// ConformanceKit/PowerOn.swift: what an image goes through before the host says its first word.
// A debugger spoils registers and memory, sees the first task of all die, and makes the kernel trap.

import ELFKit
import Foundation
import ImagePlan
import QEMUKit

/// The first three lives of a machine, of which only the third talks.
///
/// 1. Registers and memory hold anything. The supervisor reads the kernel's memory and dies of it.
/// 2. The kernel's pointer to the running task is bent, so that the kernel itself traps.
/// 3. The banner has the record of that, and the cases begin.
struct PowerOn: Sendable {
  /// What the debugger saw.
  ///
  /// Without the first life's death nothing after it was done.
  struct History: Sendable {
    /// Where the kernel's memory at the first call depended on what had been there before.
    var unclearedWords: [UInt32] = []
    /// The record that the supervisor's first life left; empty if it did not die.
    var firstDeath: [UInt32] = []
    /// The instruction at which the kernel trapped.
    var trap: UInt32 = 0
  }

  private let ram: Window
  private let state: Range<UInt32>
  private let (reset, call, fault): (UInt32, UInt32, UInt32)
  private let (current, record, saving): (UInt32, UInt32, UInt32)

  /// Finds the kernel's places in `bundle`.
  init(_ bundle: ImageBundle) throws {
    let kernel = try ELFFile(path: bundle.kernel.path)
    ram = bundle.plan.kernel.ram
    state = try kernel.address(of: "__bss_start")..<kernel.address(of: "__bss_end")
    reset = try kernel.address(of: "apus_reset")
    call = try kernel.address(of: "apus_call_entry")
    fault = try kernel.address(of: "apus_fault_entry")
    current = try kernel.address(of: "apus_current")
    record = try kernel.address(of: "apus_reset_record")
    // stmia r1, {...}: the first use of the pointer.
    saving = try kernel.address(ofInstruction: 0xE881, from: call, within: 32)
  }

  /// Leads the machine, which waits before its first instruction, to its third life.
  ///
  /// - Throws: `QEMUError` if a life does not come to its end.
  func lead(_ socket: URL) throws -> History {
    let debugger = try Debugger(socket, patience: .seconds(30))
    var history = History()
    for register in 0...12 {
      try debugger.setRegister(register, to: Self.noise | UInt32(register))
    }
    let noise = (0..<ram.size).map { UInt8(truncatingIfNeeded: Self.noise >> ($0 % 4 * 8)) }
    try debugger.setMemory(at: ram.base, to: noise)
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
      try debugger.setBreakpoint(at: call)
      try debugger.resume()
      let second = try memory(debugger)
      for (index, pair) in zip(first, second).enumerated() where pair.0 != pair.1 {
        history.unclearedWords.append(state.lowerBound + UInt32(index) * 4)
      }
      // Several words at once cannot be stored to an odd address.
      let pointer = try debugger.memory(at: current, count: 1)
      try debugger.setMemory(at: current, to: [pointer[0] | 1])
      try debugger.setRegister(2, to: Self.noise)
      try debugger.removeBreakpoint(at: call)
      history.trap = saving
    }
    try debugger.detach()
    return history
  }

  private func memory(_ debugger: Debugger) throws -> [UInt32] {
    Debugger.words(try debugger.memory(at: state.lowerBound, count: state.count))
  }

  /// No address, no record, no task's state.
  private static let noise: UInt32 = 0xA5C3_5AF0
}
