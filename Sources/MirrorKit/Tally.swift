// MirrorKit/Tally.swift: what happened in a run, counted by kind, so that a verdict shows its worth.

import ApusABI

/// The counts of a run.
public struct Tally: Equatable, Sendable {
  /// All events, the boots among them.
  public var eventCount = 0
  public var boots = 0
  public var ticks = 0
  public var interrupts = 0
  /// Calls by number; an unknown number counts under its own.
  public var calls: [UInt32: Int] = [:]
  /// Tasks that were stopped, by the kind of fault; the supervisor's deaths are not among them.
  public var faults: [FaultKind: Int] = [:]
  /// Resets that the kernel asked for, by cause.
  public var resets: [UInt32: Int] = [:]
  /// First frames built after a boot.
  public var restarts = 0
  /// Bytes that the kernel copied between tasks, or from one to itself.
  public var copiedByteCount = 0
  /// Bytes of the kernel's and the tasks' memory that were compared.
  public var comparedByteCount = 0

  /// Makes a tally of nothing.
  public init() {}

  /// The number of calls of one kind.
  public func count(_ call: Call) -> Int { calls[call.rawValue] ?? 0 }

  /// Counts an event by its door.
  mutating func count(_ event: Event) {
    eventCount += 1
    switch event.door {
    case .boot: boots += 1
    case .call: calls[event.registers.r11, default: 0] += 1
    case .tick: ticks += 1
    case .interrupt: interrupts += 1
    case .fault: break
    }
  }

  /// The counts as lines of text, sorted by number, the most frequent first.
  public var text: String {
    let callTexts = calls.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      "\(Call(rawValue: $0.key).map { "\($0)" } ?? "unknown") \($0.value)"
    }
    let faultTexts = faults.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { "\($0.key) \($0.value)" }
    return """
        calls       \(calls.values.reduce(0, +)): \(list(callTexts))
        ticks       \(ticks)
        interrupts  \(interrupts)
        faults      \(faults.values.reduce(0, +)): \(list(faultTexts))
        restarts    \(restarts), boots \(boots)
        copied      \(copiedByteCount) bytes by the kernel
        compared    \(comparedByteCount) bytes
      """
  }

  private func list(_ texts: [String]) -> String {
    texts.isEmpty ? "none" : texts.joined(separator: ", ")
  }
}
