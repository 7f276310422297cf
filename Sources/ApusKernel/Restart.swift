// ApusKernel/Restart.swift: a new life for a task, and the news of it for those who waited.
// Memory is not cleared here: the task's own unprivileged start code does that.

import ApusABI

extension Kernel {
  /// Ends the present life of task `index` and begins the next.
  ///
  /// Its interrupts are masked, its timer is off, its notifications and leases are forgotten; whoever
  /// waited for the old life goes on with the dead code that names the new one.
  @inline(__always)
  mutating func restart(_ index: Int, _ machine: inout some Machine) {
    withdraw(index)
    visitInterrupts(of: index, ~0, 0, &machine)
    let old = tasks[index].id
    tasks[index].life &+= 1 &<< 5
    tasks[index].pending = 0
    tasks[index].senders = .empty
    tasks[index].registers = Registers()
    tasks[index].stackPointer = machine.firstFrame(index)
    wake(index)
    var peer = 0
    while peer < taskCount {
      let state = tasks[peer].state
      if state == .sending(to: old) || state == .awaitingReply(from: old) {
        tasks[peer].registers.r4 = tasks[index].deadCode
        wake(peer)
      }
      peer &+= 1
    }
  }
}
