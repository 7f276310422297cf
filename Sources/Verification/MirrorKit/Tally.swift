// MirrorKit/Tally.swift: what happened in a run, counted by kind, so that a verdict shows its worth.
// It is counted from the host's kernel, with which the target has agreed.

import ApusABI
import ApusKernel

/// The counts of a run, or of several.
public struct Tally: Equatable, Sendable {
  /// All events, the boots among them.
  public var eventCount = 0
  public var boots = 0
  public var ticks = 0
  public var interrupts = 0
  /// Calls by number; all unknown numbers count under `unknownCall`.
  public var calls: [UInt32: Int] = [:]
  /// What became of the calls, by number.
  public var outcomes: [UInt32: [Outcome: Int]] = [:]
  /// Tasks that were stopped, by the kind of fault; the supervisor's deaths are not among them.
  public var faults: [FaultKind: Int] = [:]
  /// Of those with a detail, what was wrong.
  public var misuses: [UsageError: Int] = [:]
  public var refusals: [RefusalReason: Int] = [:]
  /// Resets that the kernel asked for, by cause.
  public var resets: [UInt32: Int] = [:]
  /// First frames built after a boot.
  public var restarts = 0
  /// Bytes that the kernel copied between tasks, or from one to itself.
  public var copiedByteCount = 0
  /// Bytes of the kernel's and the tasks' memory that were compared.
  public var comparedByteCount = 0

  /// The number under which unknown calls count.
  public static let unknownCall = UInt32.max

  /// The call that each task waits in, by index.
  private var waiting: [Int: UInt32] = [:]

  /// Makes a tally of nothing.
  public init() {}

  /// The number of calls of one kind.
  public func count(_ call: Call) -> Int { calls[call.rawValue] ?? 0 }

  /// Adds the counts of another run.
  public mutating func add(_ other: Tally) {
    eventCount += other.eventCount
    boots += other.boots
    ticks += other.ticks
    interrupts += other.interrupts
    calls.merge(other.calls, uniquingKeysWith: +)
    outcomes.merge(other.outcomes) { $0.merging($1, uniquingKeysWith: +) }
    faults.merge(other.faults, uniquingKeysWith: +)
    misuses.merge(other.misuses, uniquingKeysWith: +)
    refusals.merge(other.refusals, uniquingKeysWith: +)
    resets.merge(other.resets, uniquingKeysWith: +)
    restarts += other.restarts
    copiedByteCount += other.copiedByteCount
    comparedByteCount += other.comparedByteCount
  }

  // MARK: - Counting

  /// Counts an event by its door.
  mutating func count(_ event: Event) {
    eventCount += 1
    switch event.door {
    case .boot:
      boots += 1
      waiting.removeAll(keepingCapacity: true)
    case .call: calls[Self.number(event.registers.r11), default: 0] += 1
    case .tick: ticks += 1
    case .interrupt: interrupts += 1
    case .fault: break
    }
  }

  /// Counts what the event did to each task.
  mutating func count(_ event: Event, before: [ApusKernel.Task], after: [ApusKernel.Task]) {
    if event.door == .call { waiting[event.task] = Self.number(event.registers.r11) }
    for (index, (old, new)) in zip(before, after).enumerated() {
      if new.state.isFaulted, old.state != new.state || old.life != new.life {
        stopped(index, new)
      } else if old.life != new.life {
        if let number = waiting.removeValue(forKey: index) { finish(number, .forgotten) }
      } else if new.state == .runnable, let number = waiting.removeValue(forKey: index) {
        guard let call = Call(rawValue: number) else { continue }
        finish(number, Outcome(of: call, code: new.registers.r4))
      }
    }
  }

  /// Counts a call or a fault that was the machine's end.
  mutating func count(_ event: Event, reset record: ResetRecord) {
    resets[record.cause & 0xFF, default: 0] += 1
    if event.door == .call { finish(Self.number(event.registers.r11), .reset) }
  }

  private mutating func stopped(_ index: Int, _ task: ApusKernel.Task) {
    guard let kind = task.state.fault else { return }
    faults[kind, default: 0] += 1
    if kind == .usage, let error = UsageError(rawValue: task.timerBitsOrDetail) {
      misuses[error, default: 0] += 1
    }
    let reason = UInt16(truncatingIfNeeded: task.timerBitsOrDetail >> 16)
    if kind == .refused, let reason = RefusalReason(rawValue: reason) {
      refusals[reason, default: 0] += 1
    }
    if let number = waiting.removeValue(forKey: index) { finish(number, .stopped(kind)) }
  }

  private mutating func finish(_ number: UInt32, _ outcome: Outcome) {
    outcomes[number, default: [:]][outcome, default: 0] += 1
  }

  private static func number(_ word: UInt32) -> UInt32 {
    Call(rawValue: word)?.rawValue ?? unknownCall
  }
}
