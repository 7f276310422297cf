// ApusKernel/Calls.swift: selects the procedure that serves the call number in r11.
// Arguments are read where they are used; this file only dispatches.

import ApusABI

extension Kernel {
  /// Serves the call that the running task has made; its registers are saved in its control block.
  public mutating func call(_ machine: inout some Machine) {
    let caller = Int(truncatingIfNeeded: current)
    let call = Call(rawValue: tasks[caller].registers.r11)
    switch call {
    case .send: send(caller, &machine)
    case .receive, .reply, .replyAndReceive:
      if call != .receive, !reply(caller, &machine) { break }
      if call != .reply { receive(caller, &machine) }
    case .receiveNotifications: receiveNotifications(caller)
    case .replyFault: replyFault(caller, &machine)
    case .setTimer: setTimer(caller)
    case .getTimer: getTimer(caller)
    case .borrowRead: borrow(caller, Lease.read, &machine)
    case .borrowWrite: borrow(caller, Lease.write, &machine)
    case .borrowInfo: borrow(caller, 0, &machine)
    case .irqControl: controlInterrupts(caller, &machine)
    case .irqStatus: interruptStatus(caller, &machine)
    case .post: postCall(caller, &machine)
    case .refreshTaskID: refreshTaskID(caller, &machine)
    case .panic: panic(caller, &machine)
    case .taskStatus, .restartTask, .injectFault, .findFaultedTask, .readPanicText, .resetMachine,
      .readResetRecord, .giveUp:
      if caller == 0 { serve(call, &machine) } else { misuse(caller, .notSupervisor, &machine) }
    case nil: misuse(caller, .unknownCall, &machine)
    }
    reschedule()
  }

  /// Stops the caller for a call that the contract forbids.
  @inline(never)
  mutating func misuse(_ caller: Int, _ error: UsageError, _ machine: inout some Machine) {
    fault(caller, .usage, address: 0, detail: error.rawValue, &machine)
  }

  /// The index named by the low half of the caller's r4; if there is no such task, the caller is
  /// stopped and the result is `nil`.
  @inline(__always)
  mutating func peerIndex(_ caller: Int, _ machine: inout some Machine) -> Int? {
    let index = Int(truncatingIfNeeded: tasks[caller].registers.r4 & 31)
    if index < taskCount { return index }
    misuse(caller, .illegalTask, &machine)
    return nil
  }

  /// Whether the low half of the caller's r4 names the current life of task `index`.
  @inline(__always)
  func isNamed(_ index: Int, by caller: Int) -> Bool {
    // One shift drops the upper halves of both: smaller than to extend each.
    (tasks[caller].registers.r4 ^ tasks[index].life) &<< 16 == 0
  }

  /// The same; if it does not, the caller's r4 becomes the dead code.
  @inline(__always)
  mutating func isAlive(_ index: Int, for caller: Int) -> Bool {
    if isNamed(index, by: caller) { return true }
    tasks[caller].registers.r4 = tasks[index].deadCode
    return false
  }

  /// Returns the current identifier of the task named in r4, if the caller may send or post to it;
  /// the supervisor may ask about every task.
  @inline(__always)
  private mutating func refreshTaskID(_ caller: Int, _ machine: inout some Machine) {
    let index = Int(truncatingIfNeeded: tasks[caller].registers.r4 & 31)
    let peers = TaskSet(
      rawValue: machine.descriptor(caller).calls | machine.descriptor(caller).notifies)
    guard peers.contains(index) || caller == 0 && index < taskCount else {
      return misuse(caller, .illegalTask, &machine)
    }
    // The index comes from the question: the life of a task that was given up has 31 there.
    tasks[caller].registers.r4 =
      UInt32(tasks[index].id.generation) &<< 5 | UInt32(truncatingIfNeeded: index)
  }
}
