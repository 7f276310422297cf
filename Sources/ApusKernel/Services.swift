// ApusKernel/Services.swift: what the supervisor, and nobody else, may do to tasks.
// A bad argument is answered with a code: a slip of the supervisor must not reset the machine.

import ApusABI

extension Kernel {
  /// Serves the calls that take a task's index in r4 and answer with a code there.
  @inline(__always)
  mutating func serve(_ call: Call, _ machine: inout some Machine) {
    let index = Int(truncatingIfNeeded: tasks[0].registers.r4 & 31)
    // The supervisor and the idle task can be looked at, but not be stopped or restarted.
    let isSubject = index != 0 && index < idle
    var code = ResponseCode.badArgument
    if tasks[0].registers.r4 < UInt32(truncatingIfNeeded: taskCount) {
      switch call {
      case .taskStatus:
        status(of: index)
        code = .success
      case .restartTask where isSubject:
        restart(index, &machine)
        code = .success
      case .injectFault where isSubject:
        fault(index, .injected, address: 0, &machine)
        code = .success
      case .readPanicText where tasks[index].state.fault == .panic:
        if readPanicText(of: index, &machine) { code = .success }
      default: break
      }
    }
    tasks[0].registers.r4 = code.rawValue
  }

  /// Copies the words of a task's control block that tell its life and death.
  @inline(__always)
  private mutating func status(of index: Int) {
    tasks[0].registers.r5 = tasks[index].life
    tasks[0].registers.r6 = tasks[index].state.rawValue
    tasks[0].registers.r7 = tasks[index].timerBitsOrDetail
    tasks[0].registers.r8 = tasks[index].deadlineOrAddress
    tasks[0].registers.r9 = tasks[index].deadlineOrProgramCounter
  }

  /// Answers with the first stopped task at or after r4, or 0.
  @inline(__always)
  mutating func findFaultedTask() {
    var index = Int(truncatingIfNeeded: tasks[0].registers.r4 & 31)
    tasks[0].registers.r4 = 0
    while index < taskCount {
      if tasks[index].state.isFaulted {
        tasks[0].registers.r4 = UInt32(truncatingIfNeeded: index)
        return
      }
      index &+= 1
    }
  }

  /// Copies the text of a task that panicked into the supervisor's r7 and r8.
  ///
  /// - Returns: Whether the supervisor's buffer is its own. The text was checked at the panic.
  @inline(__always)
  private mutating func readPanicText(of index: Int, _ machine: inout some Machine) -> Bool {
    let buffer = tasks[0].registers.r7
    let capacity = tasks[0].registers.r8
    guard machine.descriptor(0).allows(buffer, capacity, writing: true) else { return false }
    tasks[0].registers.r5 = min(tasks[index].registers.r6, capacity)
    return transfer(from: index, to: 0, &machine)
  }

  /// Answers with the four words that the machine's last life left.
  @inline(__always)
  mutating func readResetRecord(_ machine: some Machine) {
    let record = machine.resetRecord()
    tasks[0].registers.r4 = record.cause
    tasks[0].registers.r5 = record.state
    tasks[0].registers.r6 = record.address
    tasks[0].registers.r7 = record.programCounter
  }
}
