// ConsoleShell/Reports.swift: lives, faults and resets in words.
// Nothing here is known by heart: every figure is the supervisor's, asked for when it is printed.

import Apus
import ConsoleInterface

extension Shell {
  /// `ps`: a line for each task, idle among them.
  mutating func listTasks() {
    output.print("task        generation restarts  state\r\n")
    var index = 0
    while index < Image.taskCount {
      guard let report = try? supervisor.call(InspectTask(UInt32(truncatingIfNeeded: index))) else {
        return
      }
      output.print(Image.taskName(index), width: 12)
      let task = TaskID(rawValue: UInt16(truncatingIfNeeded: report.task))
      output.print(decimal: UInt32(task.generation), width: 10)
      output.print(decimal: report.restarts, width: 9)
      output.print("  ")
      output.print(state: TaskState(rawValue: report.state))
      if report.lastFault.kind != .none {
        output.print("; last fault: ")
        output.print(fault: report.lastFault)
      }
      output.endLine()
      index &+= 1
    }
  }

  /// Tells of every fault not yet told of.
  mutating func showFaults() {
    while let report = nextFault() { show(report) }
  }

  mutating func nextFault() -> FaultReport? {
    guard let report = try? supervisor.call(TakeFault()), report.index != 0 else { return nil }
    return report
  }

  mutating func show(_ report: FaultReport) {
    let index = Int(truncatingIfNeeded: report.index)
    output.print("fault: task '")
    output.print(taskName(index))
    output.print("', generation ")
    output.print(decimal: report.record.generation)
    output.print(": ")
    output.print(fault: report.record)
    if report.record.kind == .panic, let text = try? supervisor.call(ReadPanic()) {
      output.print(" \"")
      output.print(text)
      output.print("\"")
    }
    if report.delay == 0 {
      output.print(", restarted as generation ")
      output.print(decimal: report.generation)
    } else {
      output.print(", restarts after ")
      output.print(decimal: report.delay)
      output.print(" ticks")
    }
    output.endLine()
    _ = try? logger.call(AppendRecord(.fault, report.index))
  }

  /// A name for an index that came in a message.
  func taskName(_ index: Int) -> StaticString {
    index >= 0 && index < Image.taskCount ? Image.taskName(index) : "?"
  }
}

extension Output {
  /// `text`, filled up with spaces to `width` characters.
  mutating func print(_ text: StaticString, width: Int) {
    print(text)
    var count = text.utf8CodeUnitCount
    while count < width {
      write(0x20)
      count &+= 1
    }
  }

  /// A panic's text, which says whatever the task that died wanted to be read here.
  mutating func print(_ text: PanicText) {
    var index = 0
    while index < Int(truncatingIfNeeded: min(text.count, 64)) {
      print(untrusted: text.bytes[index])
      index &+= 1
    }
  }

  /// `value` / 1000 with three places.
  mutating func print(thousandths value: UInt32) {
    print(decimal: value / 1_000)
    write(0x2E)
    print(decimal: value % 1_000, width: 3, fill: 0x30)
  }

  /// What a task does.
  mutating func print(state: TaskState) {
    if state.isFaulted {
      print("faulted")
      return
    }
    switch state.activity {
    case .runnable: print("runnable")
    case .receiving: print("receiving")
    case .waiting: print("waiting")
    case .sending:
      print("sending to ")
      print(Image.taskName(state.peer.index))
    case .awaitingReply:
      print("awaiting reply of ")
      print(Image.taskName(state.peer.index))
    case nil: print("?")
    }
  }

  /// The kind of a fault, and what there is to know of it.
  mutating func print(fault record: FaultRecord) {
    print(name(of: record.kind))
    switch record.kind {
    case .memory, .stackOverflow, .bus, .badSlice:
      print(" at 0x")
      print(hex: record.address)
    case .usage:
      print(" (")
      print(name(of: UsageError(rawValue: record.detail)))
      print(")")
    case .refused:
      print(" by ")
      print(Image.taskName(Int(truncatingIfNeeded: record.detail & 31)))
    case .none, .illegalText, .illegalInstruction, .divideByZero, .invalidOperation, .breakpoint,
      .panic, .injected:
      break
    }
    print(", pc 0x")
    print(hex: record.programCounter)
  }

  /// What the last life of the machine has left; nothing after a cold start.
  mutating func print(reset record: ResetRecord) {
    guard record.cause & 0xFFFF_FF00 == ResetRecord.mark,
      let cause = ResetCause(rawValue: UInt8(truncatingIfNeeded: record.cause))
    else { return }
    switch cause {
    case .cold: return
    case .requested: print("last reset: requested\r\n")
    case .supervisorFault:
      print("last reset: the supervisor died: ")
      var fault = FaultRecord()
      fault.state = record.state
      fault.address = record.address
      fault.programCounter = record.programCounter
      print(fault: fault)
      endLine()
    case .kernelFault:
      print("last reset: the kernel trapped, pc 0x")
      print(hex: record.programCounter)
      endLine()
    }
  }

  private func name(of kind: FaultKind) -> StaticString {
    switch kind {
    case .none: "none"
    case .memory: "memory"
    case .stackOverflow: "stack overflow"
    case .bus: "bus"
    case .illegalText: "illegal text"
    case .illegalInstruction: "illegal instruction"
    case .divideByZero: "division by zero"
    case .invalidOperation: "invalid operation"
    case .breakpoint: "breakpoint"
    case .badSlice: "bad slice"
    case .usage: "usage"
    case .panic: "panic"
    case .injected: "injected"
    case .refused: "refused"
    }
  }

  private func name(of error: UsageError?) -> StaticString {
    switch error {
    case .unknownCall: "unknown call"
    case .illegalTask: "illegal task"
    case .notSupervisor: "not the supervisor"
    case .tooLong: "too long"
    case .leaseOutOfRange: "lease out of range"
    case .noInterrupt: "no interrupt"
    case .badSelector: "bad selector"
    case .notPostable: "not postable"
    case nil: "unknown"
    }
  }
}
