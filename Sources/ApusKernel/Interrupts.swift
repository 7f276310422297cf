// ApusKernel/Interrupts.swift: a task names its interrupts by the notifications they post.
// No task ever gives an interrupt's number, so none can name somebody else's.

import ApusABI

extension Kernel {
  /// Masks or enables the caller's interrupts that post a bit of r4, as r5 says.
  @inline(__always)
  mutating func controlInterrupts(_ caller: Int, _ machine: inout some Machine) {
    let control = tasks[caller].registers.r5
    guard control <= InterruptControl.enable | InterruptControl.clearPending else {
      return misuse(caller, .badSelector, &machine)
    }
    guard statusOfInterrupts(caller, &machine) != nil else { return }
    setInterrupts(of: caller, tasks[caller].registers.r4, control, &machine)
  }

  /// Answers with the state of the caller's interrupts that post a bit of r4.
  @inline(__always)
  mutating func interruptStatus(_ caller: Int, _ machine: inout some Machine) {
    guard var status = statusOfInterrupts(caller, &machine) else { return }
    if tasks[caller].pending & tasks[caller].registers.r4 != 0 { status |= InterruptStatus.posted }
    tasks[caller].registers.r4 = status
  }

  /// Unites the states of the caller's interrupts that post a bit of r4; `nil`, the caller stopped,
  /// if a bit has no interrupt or there is no bit.
  @inline(never)
  private mutating func statusOfInterrupts(
    _ caller: Int, _ machine: inout some Machine
  ) -> UInt32? {
    let mask = tasks[caller].registers.r4
    var status: UInt32 = 0
    var found: UInt32 = 0
    var row = 0
    while row < machine.interruptCount {
      let owner = machine.interruptOwner(row)
      if owner.task == caller && owner.notification & mask != 0 {
        found |= owner.notification
        status |= machine.status(owner.number)
      }
      row &+= 1
    }
    if found == mask && mask != 0 { return status }
    misuse(caller, .noInterrupt, &machine)
    return nil
  }

  /// Applies `control`, bits of `InterruptControl`, to each interrupt of a task that posts one of
  /// `bits`. A restart masks them all this way.
  @inline(never)
  func setInterrupts(
    of task: Int, _ bits: UInt32, _ control: UInt32, _ machine: inout some Machine
  ) {
    var row = 0
    while row < machine.interruptCount {
      let owner = machine.interruptOwner(row)
      if owner.task == task && owner.notification & bits != 0 {
        if control & InterruptControl.clearPending != 0 { machine.clearPending(owner.number) }
        if control & InterruptControl.enable != 0 {
          machine.unmask(owner.number)
        } else {
          machine.mask(owner.number)
        }
      }
      row &+= 1
    }
  }
}
