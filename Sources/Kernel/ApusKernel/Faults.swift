// ApusKernel/Faults.swift: a mistake stops the task that made it, and the supervisor is notified.
// Nothing is repaired here: a stopped task stays as it was until it is restarted.

import ApusABI

extension Kernel {
  /// Stops task `index` and records why.
  ///
  /// The record replaces the timer's words.
  ///
  /// A fault of a task that is already stopped replaces the record and keeps what the task was
  /// doing. Nobody supervises the supervisor: its fault resets the machine.
  @inline(never)
  mutating func fault(
    _ index: Int, _ kind: FaultKind, address: UInt32, detail: UInt32 = 0,
    _ machine: inout some Machine
  ) {
    withdraw(index)
    tasks[index].state = tasks[index].state.faulted(kind)
    tasks[index].deadlineOrAddress = address
    tasks[index].deadlineOrProgramCounter = stackedProgramCounter(index, machine)
    tasks[index].timerBitsOrDetail = detail
    if index == 0 {
      machine.reset(
        ResetRecord(
          cause: .supervisorFault, state: tasks[0].state.rawValue, address: address,
          programCounter: tasks[0].deadlineOrProgramCounter))
    }
    post(faultNotification, to: 0)
  }

  /// Removes a task from all sets of tasks: it no longer waits for anything, and its timer is off.
  @inline(never)
  mutating func withdraw(_ index: Int) {
    runnable.remove(index)
    armed.remove(index)
    let state = tasks[index].state
    if state.isSending { tasks[state.peer.index].senders.remove(index) }
  }

  /// The program counter in the frame on the task's stack; 0 if the frame is not in its RAM.
  @inline(__always)
  private func stackedProgramCounter(_ index: Int, _ machine: some Machine) -> UInt32 {
    let frame = tasks[index].stackPointer
    guard frame & 3 == 0, mayTouchRarely(index, frame, 32, writing: true, machine) else {
      return 0
    }
    return machine.word(at: frame &+ 24)
  }

  /// Stops the caller, which panicked; the supervisor may read its text in r5 and r6.
  ///
  /// A text that is too long or not the caller's is replaced by an empty one.
  @inline(__always)
  mutating func panic(_ caller: Int, _ machine: inout some Machine) {
    let text = tasks[caller].registers.r5
    let length = tasks[caller].registers.r6
    if length > Limit.messageBytes
      || !mayTouchRarely(caller, text, length, writing: false, machine)
    {
      tasks[caller].registers.r6 = 0
    }
    fault(caller, .panic, address: 0, &machine)
  }
}
