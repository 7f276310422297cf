// ApusKernel/Interrupts.swift: a task names its interrupts by the notifications they post.
// No task ever passes an interrupt's number, so none can name another task's interrupt.

import ApusABI

extension Kernel {
  /// Used in place of bits of `InterruptControl`: reads the state and changes nothing.
  ///
  /// `controlInterrupts` refuses it from a task.
  private static var look: UInt32 { 4 }

  /// Masks or enables the caller's interrupts that post a bit of r4, as r5 says.
  @inline(__always)
  mutating func controlInterrupts(_ caller: Int, _ machine: inout some Machine) {
    let control = tasks[caller].registers.r5
    guard control <= InterruptControl.enable | InterruptControl.clearPending else {
      return misuse(caller, .badSelector, &machine)
    }
    let mask = tasks[caller].registers.r4
    if visitInterrupts(of: caller, mask, control, &machine) == 0 {
      misuse(caller, .noInterrupt, &machine)
    }
  }

  /// Returns the union of the states of the caller's interrupts that post a bit of r4.
  @inline(__always)
  mutating func interruptStatus(_ caller: Int, _ machine: inout some Machine) {
    let mask = tasks[caller].registers.r4
    var status = visitInterrupts(of: caller, mask, Self.look, &machine)
    if status == 0 { return misuse(caller, .noInterrupt, &machine) }
    status &= InterruptStatus.enabled | InterruptStatus.pending
    if tasks[caller].pending & mask != 0 { status |= InterruptStatus.posted }
    tasks[caller].registers.r4 = status
  }

  /// Visits each interrupt of a task that posts one of `bits`, and applies `control`: bits of
  /// `InterruptControl`, or `look`.
  ///
  /// A restart uses it to mask them all.
  ///
  /// - Returns: 0 if there is none, else a high bit and, after a look, the union of their states.
  @inline(never)
  @discardableResult
  func visitInterrupts(
    of task: Int, _ bits: UInt32, _ control: UInt32, _ machine: inout some Machine
  ) -> UInt32 {
    var states: UInt32 = 0
    var row = 0
    while row < machine.interruptCount {
      let owner = machine.interruptOwner(row)
      row &+= 1
      guard owner.task == task && owner.notification & bits != 0 else { continue }
      states |= 0x8000_0000
      if control == Self.look {
        states |= machine.status(owner.number)
        continue
      }
      if control & InterruptControl.clearPending != 0 { machine.clearPending(owner.number) }
      if control & InterruptControl.enable != 0 {
        machine.unmask(owner.number)
      } else {
        machine.mask(owner.number)
      }
    }
    return states
  }
}
