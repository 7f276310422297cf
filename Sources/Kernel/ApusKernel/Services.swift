// ApusKernel/Services.swift: what the supervisor, and no other task, may do to tasks.
// A bad argument gives a code: a mistake of the supervisor must not reset the machine.

import ApusABI

extension Kernel {
  /// Serves the supervisor's call, which is one of the services.
  @inline(__always)
  mutating func serve(_ call: Call?, _ machine: inout some Machine) {
    switch call {
    case .findFaultedTask: findFaultedTask()
    case .resetMachine: machine.reset(ResetRecord(cause: .requested))
    case .readResetRecord: readResetRecord(machine)
    default:
      let code = isServed(call, &machine) ? ResponseCode.success : .badArgument
      tasks[0].registers.r4 = code.rawValue
    }
  }

  /// Serves one of the calls that take a task's index in r4 and return a code there.
  ///
  /// - Returns: Whether the task exists and its state allows this.
  @inline(__always)
  private mutating func isServed(_ call: Call?, _ machine: inout some Machine) -> Bool {
    guard tasks[0].registers.r4 < UInt32(truncatingIfNeeded: taskCount) else { return false }
    let index = Int(truncatingIfNeeded: tasks[0].registers.r4)
    if call == .taskStatus {
      status(of: index)
      return true
    }
    if call == .readPanicText { return readPanicText(of: index, &machine) }
    // The supervisor and the idle task can be looked at, but not be stopped or restarted.
    guard index != 0 && index != idle else { return false }
    if call == .injectFault {
      fault(index, .injected, address: 0, &machine)
      return true
    }
    // Only a stopped task can be given up: one that runs must not lose its identifier.
    let isLast = call == .giveUp
    if isLast && !tasks[index].state.isFaulted { return false }
    endLife(index, isLast: isLast, &machine)
    return true
  }

  /// Copies the words of a task's control block that describe its life and its fault.
  @inline(__always)
  private mutating func status(of index: Int) {
    tasks[0].registers.r5 = tasks[index].life
    tasks[0].registers.r6 = tasks[index].state.rawValue
    tasks[0].registers.r7 = tasks[index].timerBitsOrDetail
    tasks[0].registers.r8 = tasks[index].deadlineOrAddress
    tasks[0].registers.r9 = tasks[index].deadlineOrProgramCounter
  }

  /// Returns the first stopped task at or after r4 that was not given up, or 0.
  @inline(__always)
  mutating func findFaultedTask() {
    var index = tasks[0].registers.r4
    tasks[0].registers.r4 = 0
    while index < UInt32(truncatingIfNeeded: taskCount) {
      let task = Int(truncatingIfNeeded: index)
      if tasks[task].state.isFaulted && tasks[task].life & 31 == index {
        tasks[0].registers.r4 = index
        return
      }
      index &+= 1
    }
  }

  /// Copies the text of a task that panicked into the supervisor's r7 and r8.
  ///
  /// - Returns: Whether it panicked and the buffer is the supervisor's own. The text was checked at
  ///   the panic.
  @inline(__always)
  private mutating func readPanicText(of index: Int, _ machine: inout some Machine) -> Bool {
    guard tasks[index].state.fault == .panic else { return false }
    let buffer = tasks[0].registers.r7
    let capacity = tasks[0].registers.r8
    guard mayTouchRarely(0, buffer, capacity, writing: true, machine) else { return false }
    tasks[0].registers.r5 = min(tasks[index].registers.r6, capacity)
    transfer(from: index, to: 0, &machine)
    return true
  }

  /// Returns the four words that the last reset left.
  @inline(__always)
  mutating func readResetRecord(_ machine: some Machine) {
    let record = machine.resetRecord()
    tasks[0].registers.r4 = record.cause
    tasks[0].registers.r5 = record.state
    tasks[0].registers.r6 = record.address
    tasks[0].registers.r7 = record.programCounter
  }
}
