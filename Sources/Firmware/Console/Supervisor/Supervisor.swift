// ConsoleSupervisor/Supervisor.swift: gives faulted tasks new lives, and tells who asks.
// Calls: none. Called by: all. Notifications: fault, from the kernel; timer, for late restarts.
// It sends to nobody, so nobody can hold it up. Its own death resets the machine.

import Apus
import ConsoleInterface

struct Supervisor: Service {
  typealias Message = PanicText

  /// Lives shorter than this, in ticks, are short; after the second in a row the next begins later.
  static var shortLife: UInt32 { 50 }
  /// The delay after the second short life, in ticks; it doubles with each, up to `longestDelay`.
  static var firstDelay: UInt32 { 10 }
  /// Long enough for a crash loop to leave the others most of the processor.
  static var longestDelay: UInt32 { 160 }

  var tasks: InlineArray<8, Ward> = InlineArray(repeating: Ward())
  var lastPanic = PanicText()
  var resetRecord = ResetRecord(cause: .cold)

  var notifications: UInt32 { Notification.fault | Notification.timer }

  mutating func run() -> Never {
    precondition(Image.taskCount <= tasks.count)
    resetRecord = Call.readResetRecord()
    serve()
  }

  mutating func notified(_ bits: UInt32) {
    let now = UInt32(truncatingIfNeeded: Time.now)
    var next = 1
    while let index = Call.findFaultedTask(from: next) {
      if !tasks[index].isDown { takeDown(index, now) }
      next = index &+ 1
    }
    restartDue(now)
  }

  mutating func handle(_ message: Incoming) -> Outcome {
    switch message.operation {
    case InspectTask.operation:
      guard let request = message.request(InspectTask.self) else { return .refuse(.badMessageSize) }
      return inspect(Int(truncatingIfNeeded: request.index), for: message)
    case TakeFault.operation: return message.answer(TakeFault.self) { _ in takeFault() }
    case ReadPanic.operation: return message.answer(ReadPanic.self) { _ in lastPanic }
    case ReadReset.operation: return message.answer(ReadReset.self) { _ in resetRecord }
    case InjectFault.operation:
      guard let request = message.request(InjectFault.self) else { return .refuse(.badMessageSize) }
      let code = Call.injectFault(Int(truncatingIfNeeded: request.index))
      return .code(UInt16(truncatingIfNeeded: code.rawValue))
    case ResetMachine.operation: Call.resetMachine()
    case Crash.operation:
      return message.answer(Crash.self) {
        $0.commit()
        return Nothing()
      }
    default: return .refuse(.undefinedOperation)
    }
  }

  /// Records the death of task `index`, and decides when it lives again.
  private mutating func takeDown(_ index: Int, _ now: UInt32) {
    guard let status = Call.taskStatus(index) else { return }
    var ward = tasks[index]
    ward.record.state = status.state.rawValue
    ward.record.detail = status.detail
    ward.record.address = status.address
    ward.record.programCounter = status.programCounter
    ward.record.generation = UInt32(status.task.generation)
    ward.isDown = true
    ward.isUnreported = true
    ward.shortLives = now &- ward.birth < Self.shortLife ? ward.shortLives &+ 1 : 0
    if ward.shortLives < 2 {
      ward.delay = 0
    } else {
      ward.delay = ward.delay == 0 ? Self.firstDelay : min(ward.delay &* 2, Self.longestDelay)
    }
    ward.due = now &+ ward.delay
    tasks[index] = ward
    if status.state.fault == .panic { readPanic(index) }
    Call.post(ShellNotification.fault, to: Call.refreshTaskID(Peer.shell))
  }

  /// Keeps the text before the restart lets the new life overwrite it.
  private mutating func readPanic(_ index: Int) {
    let answer = withUnsafeMutableBytes(of: &lastPanic.bytes) {
      Call.readPanicText(index, into: $0)
    }
    lastPanic.count =
      answer.code == .success ? UInt32(truncatingIfNeeded: min(answer.byteCount, 64)) : 0
  }

  /// Restarts those whose time has come, and sets the timer for the next one.
  private mutating func restartDue(_ now: UInt32) {
    var wait = UInt32.max
    var index = 1
    while index < Image.taskCount {
      let left = tasks[index].due &- now
      if tasks[index].isDown {
        if left == 0 || left > Self.longestDelay {
          restart(index, now)
        } else {
          wait = min(wait, left)
        }
      }
      index &+= 1
    }
    if wait != .max {
      Call.setTimer(Time.deadline(after: wait, from: Time.now), notifications: Notification.timer)
    }
  }

  private mutating func restart(_ index: Int, _ now: UInt32) {
    tasks[index].isDown = false
    tasks[index].birth = now
    tasks[index].restarts &+= 1
    Call.restartTask(index)
    // A shell in its new life has lost the bit that told the old one.
    if Peer.shell.index == index {
      Call.post(ShellNotification.fault, to: Call.refreshTaskID(Peer.shell))
    }
  }

  // Mutating, though it changes nothing: a method that only reads gets a copy of all wards.
  private mutating func inspect(_ index: Int, for message: Incoming) -> Outcome {
    guard index >= 0, index < Image.taskCount, let status = Call.taskStatus(index) else {
      return .code(2)
    }
    var report = TaskReport()
    report.task = UInt32(status.task.rawValue)
    report.state = status.state.rawValue
    report.restarts = tasks[index].restarts
    report.lastFault = tasks[index].record
    return message.reply(report)
  }

  private mutating func takeFault() -> FaultReport {
    var report = FaultReport()
    var index = 1
    while index < Image.taskCount {
      if tasks[index].isUnreported {
        tasks[index].isUnreported = false
        report.index = UInt32(truncatingIfNeeded: index)
        report.delay = tasks[index].isDown ? tasks[index].delay : 0
        report.generation = UInt32(Call.refreshTaskID(TaskID(index: index)).generation)
        report.record = tasks[index].record
        break
      }
      index &+= 1
    }
    return report
  }
}

/// What the supervisor knows of one task.
struct Ward: BitwiseCopyable {
  /// Its last death.
  var record = FaultRecord()
  var restarts: UInt32 = 0
  /// The tick at which its present life began, modulo 2^32.
  var birth: UInt32 = 0
  /// The tick at which it is to be restarted, if it is down.
  var due: UInt32 = 0
  /// How many of its last lives were short, one after the other.
  var shortLives: UInt32 = 0
  /// How long the last restart was put off.
  var delay: UInt32 = 0
  var isDown: Bool {
    get { flags & 1 != 0 }
    set { flags = newValue ? flags | 1 : flags & ~1 }
  }
  /// Nobody has asked for its last death yet.
  var isUnreported: Bool {
    get { flags & 2 != 0 }
    set { flags = newValue ? flags | 2 : flags & ~2 }
  }
  /// Both of them: a struct without padding is cleared with one call, and copied into place by none.
  private var flags: UInt32 = 0
}
