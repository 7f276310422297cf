// SoakKit/Statement.swift: what the guest says it has counted, and what no honest count can be.
// Nothing here talks to a guest: a statement is words, and a judgement is about statements.

import ApusABI

/// One line of the guest: everything it has counted since it began.
public struct Statement: Equatable, Sendable {
  public var ticks: UInt32
  /// Faults that were recorded and answered by a new life.
  public var faults: UInt32
  /// New lives without a fault before them.
  public var restarts: UInt32
  /// The last number of each customer: so many messages have come through to the books.
  public var numbers: [UInt32]
  /// Numbers that came again after the server in between had died over them.
  public var again: UInt32
  public var lost: UInt32
  public var duplicated: UInt32
  /// Loans whose bytes were not those that were lent.
  public var damaged: UInt32
  /// What tasks saw that must not be, and the reason of the last.
  public var complaints: UInt32
  public var lastComplaint: UInt32
  public var interrupts: UInt32
  /// Crimes that the hostile task survived, as some are none.
  public var unpunished: UInt32
  /// Faults by `FaultKind`.
  public var kinds: [UInt32]

  /// Reads the words of a line; `nil` if they are too few.
  public init?(_ words: [UInt32]) {
    guard words.count == 27 else { return nil }
    (ticks, faults, restarts) = (words[0], words[1], words[2])
    numbers = Array(words[3...4])
    (again, lost, duplicated, damaged) = (words[5], words[6], words[7], words[8])
    (complaints, lastComplaint, interrupts) = (words[9], words[10], words[11])
    unpunished = words[12]
    kinds = Array(words[13...])
  }

  /// The messages that came through.
  public var messages: Int { numbers.reduce(0) { $0 + Int($1) } }
}

/// Why a soak has failed.
public struct SoakFailure: Error, Equatable, CustomStringConvertible {
  public var description: String
}

/// Follows a guest's statements and stops at the first that shows a defect.
public struct Auditor: Sendable {
  /// The last statement.
  public private(set) var last: Statement?
  private var recent: [Statement] = []

  /// How many statements may pass without a customer or the driver getting on.
  static let patience = 8

  /// What a task complains of, by number.
  static let reasons = [
    "a reply that was not for it", "a dead code without a death", "lent bytes that came back wrong",
    "a code that no server gave", "a notification that nobody posted",
  ]

  /// An auditor who has seen nothing yet.
  public init() {}

  /// Takes one more statement.
  ///
  /// - Throws: `SoakFailure` for a message lost, doubled or damaged, a complaint, books that do not
  ///   balance, or a task that stands still.
  public mutating func take(_ statement: Statement) throws(SoakFailure) {
    let counts = [
      (statement.lost, "lost"), (statement.duplicated, "duplicated"),
      (statement.damaged, "damaged"),
    ]
    for (count, what) in counts where count != 0 {
      throw SoakFailure(
        description: "\(count) of \(statement.messages) messages \(what), after "
          + "\(statement.faults) faults")
    }
    if statement.complaints != 0 {
      let reason = Int(statement.lastComplaint)
      let text = reason < Self.reasons.count ? Self.reasons[reason] : "reason \(reason)"
      throw SoakFailure(
        description: "\(statement.complaints) complaints of tasks, the last of \(text)")
    }
    let sum = statement.kinds.reduce(0) { $0 &+ $1 }
    guard sum == statement.faults, statement.kinds[0] == 0 else {
      throw SoakFailure(
        description: "\(statement.faults) faults, but \(sum) by kind, \(statement.kinds[0]) of "
          + "them of none")
    }
    if let last { try compare(statement, last) }
    last = statement
    recent.append(statement)
    if recent.count > Self.patience { try checkProgress(statement, recent.removeFirst()) }
  }

  private func compare(_ now: Statement, _ before: Statement) throws(SoakFailure) {
    let pairs = [
      (now.ticks, before.ticks, "ticks"), (now.faults, before.faults, "faults"),
      (now.numbers[0], before.numbers[0], "messages of the first customer"),
      (now.numbers[1], before.numbers[1], "messages of the second customer"),
      (now.interrupts, before.interrupts, "interrupts"),
    ]
    for (count, earlier, what) in pairs where count < earlier {
      throw SoakFailure(description: "\(what) went back from \(earlier) to \(count)")
    }
  }

  private func checkProgress(_ now: Statement, _ before: Statement) throws(SoakFailure) {
    let pairs = [
      (now.numbers[0], before.numbers[0], "message of the first customer"),
      (now.numbers[1], before.numbers[1], "message of the second customer"),
      (now.interrupts, before.interrupts, "interrupt"), (now.faults, before.faults, "fault"),
      (now.ticks, before.ticks, "tick"),
    ]
    for (count, earlier, what) in pairs where count == earlier {
      throw SoakFailure(
        description: "no \(what) in \(now.ticks &- before.ticks) ticks: still \(count)")
    }
  }
}
