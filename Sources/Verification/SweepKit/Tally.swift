// SweepKit/Tally.swift: what came of trials, counted by outcome.
// Nothing is judged here but the meaning of a byte.

import ApusABI
import Foundation

/// What came of one trial, in the byte that the supervisor sends.
public struct Outcome: Hashable, Sendable {
  /// The fault's kind in the low half, 0 if there is none; above it the place, or the activity.
  public var rawValue: UInt8

  /// Wraps any byte.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Why the task was stopped; `nil` if it was not.
  public var fault: FaultKind? {
    FaultKind(rawValue: rawValue & 15).flatMap { $0 == .none ? nil : $0 }
  }

  /// The instruction ended, and the next one is the landing.
  public var hasLanded: Bool { rawValue == 0x20 | FaultKind.illegalInstruction.rawValue }

  /// The task did not end by itself.
  public var isLoop: Bool { rawValue == 0 }

  /// A name for tables and JSON, in words without spaces.
  public var name: String {
    if hasLanded { return "executed" }
    if let fault { return "\(fault)" }
    return switch TaskActivity(rawValue: rawValue >> 4) {
    case .runnable: "looped"
    case .receiving, .waiting: "waited"
    case .sending, .awaitingReply: "sent"
    case nil: "unknown"
    }
  }
}

/// What a sweep of one kind on one board came to.
public struct Tally: Encodable, Sendable, Equatable {
  public var kind: SweepKind
  public var board: String
  public var seed: UInt32
  /// Trials that ended as they must, with the post-condition after each.
  public var trials = 0
  /// Trials by the name of their outcome.
  public var outcomes: [String: Int] = [:]
  /// Stores of kernel and tasks that the oracle judged; 0 without it.
  public var storesSeen = 0
  /// Where in the kernel the alarm became pending; empty without the oracle.
  var boundaries = Boundaries()
  /// Instructions of the kernel that were executed while an alarm was on its way, and those of them
  /// directly behind which it came at least once.
  public var boundariesPassed: Int { boundaries.executed.count }
  public var boundariesHit: Int { boundaries.hit.count }
  /// What must not have happened, each with the command that makes it happen again.
  public var failures: [String] = []

  enum CodingKeys: String, CodingKey {
    case kind, board, seed, trials, outcomes, storesSeen, boundariesPassed, boundariesHit, failures
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(board, forKey: .board)
    try values.encode(seed, forKey: .seed)
    try values.encode(trials, forKey: .trials)
    try values.encode(outcomes, forKey: .outcomes)
    try values.encode(storesSeen, forKey: .storesSeen)
    try values.encode(boundariesPassed, forKey: .boundariesPassed)
    try values.encode(boundariesHit, forKey: .boundariesHit)
    try values.encode(failures, forKey: .failures)
  }

  init(kind: SweepKind, board: String, seed: UInt32) {
    self.kind = kind
    self.board = board
    self.seed = seed
  }

  /// Whether every trial ended as it must, and there was one.
  public var isGood: Bool { failures.isEmpty && trials > 0 }

  mutating func add(_ outcomes: [Outcome]) {
    trials += outcomes.count
    for outcome in outcomes { self.outcomes[outcome.name, default: 0] += 1 }
  }

  /// One line: board, kind, trials, and the outcomes, the most frequent first.
  public var line: String {
    let counts = outcomes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let words = counts.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let verdict = failures.isEmpty ? "held" : "BROKEN (\(failures.count))"
    let stores = storesSeen > 0 ? ", \(storesSeen) stores judged" : ""
    let edges =
      boundariesPassed > 0 ? ", \(boundariesHit) of \(boundariesPassed) kernel instructions" : ""
    return "\(board)  \(kind.rawValue)  \(trials) trials  \(verdict)\(stores)\(edges)  \(words)"
  }
}

/// The tallies of a run.
public struct SweepReport: Encodable, Sendable {
  public var sweeps: [Tally]

  /// Whether nothing was broken, and something ran.
  public var isGood: Bool { !sweeps.isEmpty && sweeps.allSatisfy(\.isGood) }

  /// The report as JSON, the same bytes for the same report.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
