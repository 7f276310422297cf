// ApusKernel/Restart.swift: ends a life, begins the next, and tells the tasks that wait.
// Memory is not cleared here: the task's own unprivileged start code does that.

import ApusABI

extension Kernel {
  /// Ends the current life of task `index` and, unless it is the last, begins the next.
  ///
  /// Its interrupts are masked, its timer is off, its leases end, and each task that waited for it
  /// continues with the dead code. The next life begins without notifications.
  ///
  /// - Parameter isLast: The task is given up until a restart revives it. A wrong index in its
  ///   identifier makes `isAlive` fail for every caller: no call is slower, and no state is kept.
  @inline(__always)
  mutating func endLife(_ index: Int, isLast: Bool, _ machine: inout some Machine) {
    withdraw(index)
    visitInterrupts(of: index, ~0, 0, &machine)
    let old = tasks[index].id
    // No index that can be given up is 31: that one could only be idle's.
    tasks[index].life |= 31
    tasks[index].senders = .empty
    if !isLast { beginLife(index, &machine) }
    let code = tasks[index].deadCode
    var peer = 0
    while peer < taskCount {
      // `sending` and `awaitingReply` are neighbours, and a fault sets higher bits: one compare tells.
      if tasks[peer].state.rawValue &- TaskState.sending(to: old).rawValue < 2 {
        tasks[peer].registers.r4 = code
        wake(peer)
      }
      peer &+= 1
    }
  }

  /// Begins the next life of a task whose index bits are all set.
  @inline(__always)
  private mutating func beginLife(_ index: Int, _ machine: inout some Machine) {
    tasks[index].life &+= 1 &+ UInt32(truncatingIfNeeded: index)
    tasks[index].pending = 0
    tasks[index].registers = Registers()
    tasks[index].stackPointer = machine.firstFrame(index)
    wake(index)
  }
}
