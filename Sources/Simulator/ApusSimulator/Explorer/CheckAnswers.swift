// ApusSimulator/Explorer/CheckAnswers.swift: what a step records of a fault, and what it answers.
// As in Check.swift, nothing here asks the kernel.

import ApusABI
import ApusKernel

/// The three words that are kept of a fault.
struct FaultRecord: Equatable {
  var address: UInt32
  var programCounter: UInt32
  var detail: UInt32
}

extension Check {
  // MARK: Records

  /// What is kept of a stopped task's fault: address, program counter, detail.
  static func record(of task: ApusKernel.Task) -> FaultRecord {
    FaultRecord(
      address: task.deadlineOrAddress, programCounter: task.deadlineOrProgramCounter,
      detail: task.timerBitsOrDetail)
  }

  func checkRecord() throws(Violation) {
    let isReset = stopped.contains(0) || caller == 0 && event.pointee.call == .resetMachine
    try require((after.pointee.machine.record != nil) == isReset, .record, 0)
    if stopped.isEmpty { return }
    for index in 0..<taskCount where stopped.contains(index) && reborn != index {
      let task = after.pointee.kernel.tasks[index]
      let record = Self.record(of: task)
      // Toy memory holds its own address, inverted; the frame's seventh word is where it stopped.
      try require(record.programCounter == ~(task.stackPointer &+ 24), .record, index)
      switch task.state.fault {
      case .memory:
        try require(record.address == Toy.faultAddress && record.detail == 0, .record, index)
      case .refused:
        let detail =
          event.pointee.registers.r4 & 0xFFFF_0000 | UInt32(id(caller).rawValue)
        try require(record.address == 0 && record.detail == detail, .record, index)
      case .usage: try require(record.address == 0 && record.detail != 0, .record, index)
      case .badSlice: try require(record.detail == 0, .record, index)
      default: try require(record.address == 0 && record.detail == 0, .record, index)
      }
    }
  }

  // MARK: Answers

  /// What the caller is told, where the event decides it.
  func checkAnswer() throws(Violation) {
    guard event.pointee.kind == .call, !after.pointee.kernel.tasks[caller].state.isFaulted else {
      return
    }
    let word = after.pointee.kernel.tasks[caller].registers.r4
    if namesNobody {
      switch event.pointee.call {
      case .reply, .replyFault: return
      case .replyAndReceive where !event.pointee.isStale: return
      case .refreshTaskID: break
      default:
        let code = ResponseCode.dead(generation: id(event.pointee.peer).generation)
        return try require(word == code.rawValue, .dead, caller)
      }
    }
    switch event.pointee.call {
    case .reply, .replyAndReceive:
      let client = event.pointee.peer
      let isClient =
        before.pointee.kernel.tasks[client].state == .awaitingReply(from: id(caller))
      let state = after.pointee.kernel.tasks[client].state
      try require(!isClient || state == .runnable, .reply, client)
    case .post: try require(word == 0, .dead, caller)
    case .refreshTaskID:
      let peer = event.pointee.peer
      let life = after.pointee.kernel.tasks[peer].life & 0xFFE0
      try require(word == life | UInt32(peer), .dead, caller)
    case .findFaultedTask:
      let first = (0..<taskCount).first {
        before.pointee.kernel.tasks[$0].state.isFaulted && !before.pointee.isGivenUp($0)
      }
      try require(Int(word) == first ?? 0, .record, caller)
    case .giveUp:
      try require(word == (givenUp == nil ? 2 : 0), .answer, caller)
    default: try checkTruth()
    }
  }

  /// What a task asks of the kernel about itself, or the supervisor about another.
  func checkTruth() throws(Violation) {
    let got = after.pointee.kernel.tasks[caller].registers
    switch event.pointee.call {
    case .getTimer:
      let old = before.pointee.kernel.tasks[caller]
      let isArmed = before.pointee.kernel.armed.contains(caller)
      let now = UInt64(got.r5) << 32 | UInt64(got.r4)
      try require(now == before.pointee.kernel.now, .answer, caller)
      try require(got.r8 == (isArmed ? old.timerBitsOrDetail : 0), .answer, caller)
      let due = UInt64(got.r7) << 32 | UInt64(got.r6)
      if isArmed { try require(due == deadline(before, caller), .answer, caller) }
    case .irqStatus:
      let machine = before.pointee.machine
      let isPosted = before.pointee.kernel.tasks[caller].pending & event.pointee.registers.r4 != 0
      let status: UInt32 =
        (machine.isEnabled ? 1 : 0) | (machine.isPending ? 2 : 0) | (isPosted ? 4 : 0)
      try require(got.r4 == status, .answer, caller)
    case .taskStatus:
      let index = event.pointee.registers.r4
      guard index < UInt32(taskCount) else { return try require(got.r4 == 2, .answer, caller) }
      let task = before.pointee.kernel.tasks[Int(index)]
      try require(got.r4 == 0 && got.r5 == task.life, .answer, caller)
      // The supervisor sees its own state as it is: it runs.
      try require(got.r6 == task.state.rawValue, .answer, caller)
      guard task.state.isFaulted else { return }
      let record = FaultRecord(address: got.r8, programCounter: got.r9, detail: got.r7)
      try require(record == Self.record(of: task), .answer, caller)
    default: return
    }
  }

  /// A borrow that harms nobody succeeds exactly if the lender waits for the borrower, and lent so.
  func checkLease() throws(Violation) {
    guard event.pointee.kind == .call, !namesNobody, event.pointee.peer < taskCount,
      !after.pointee.kernel.tasks[caller].state.isFaulted
    else { return }
    let right: UInt32
    switch event.pointee.call {
    case .borrowRead: right = Lease.read
    case .borrowWrite: right = Lease.write
    case .borrowInfo: right = 0
    default: return
    }
    let lender = event.pointee.peer
    let got = after.pointee.kernel.tasks[caller].registers
    let isClient = before.pointee.kernel.tasks[lender].state == .awaitingReply(from: id(caller))
    guard isClient, let lease = lease(of: lender), isLeaseGood(of: lender) else {
      return try require(got.r4 == ResponseCode.defect.rawValue, .lease, caller)
    }
    let isInside = right == 0 || event.pointee.registers.r7 <= lease.byteCount
    let code: ResponseCode = lease.rights & right == right && isInside ? .success : .defect
    try require(got.r4 == code.rawValue, .lease, caller)
    if right == 0 {
      try require(got.r5 == lease.byteCount && got.r6 == lease.rights, .lease, caller)
    }
  }

  /// Whether the call was answered with a code that says it was not done.
  private var isRefused: Bool {
    if namesNobody {
      return event.pointee.call != .replyAndReceive && event.pointee.call != .refreshTaskID
    }
    let code = after.pointee.kernel.tasks[caller].registers.r4
    switch event.pointee.call {
    case .borrowRead, .borrowWrite, .borrowInfo: return code == ResponseCode.defect.rawValue
    case .restartTask, .injectFault, .giveUp, .readPanicText, .taskStatus:
      return caller == 0 && code == ResponseCode.badArgument.rawValue
    case .reply, .replyFault:
      let client = event.pointee.peer
      return client < taskCount
        && before.pointee.kernel.tasks[client].state != .awaitingReply(from: id(caller))
    default: return false
    }
  }

  /// A call that was not done has changed nothing.
  func checkRefusal() throws(Violation) {
    guard event.pointee.kind == .call, stopped.isEmpty, isRefused else { return }
    for index in 0..<taskCount {
      var expected = before.pointee.kernel.tasks[index]
      let new = after.pointee.kernel.tasks[index]
      if index == caller {
        expected.registers = event.pointee.registers
        expected.registers.r4 = new.registers.r4
      }
      try require(new == expected, .refusal, index)
    }
    let isSame =
      before.pointee.kernel.runnable == after.pointee.kernel.runnable
      && before.pointee.kernel.armed == after.pointee.kernel.armed
      && before.pointee.machine.isEnabled == after.pointee.machine.isEnabled
    try require(isSame && after.pointee.machine.journeys.count == 0, .refusal, caller)
  }
}
