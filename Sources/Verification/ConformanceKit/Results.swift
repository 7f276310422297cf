// ConformanceKit/Results.swift: the verdicts as text, JSON and JUnit.
// Nothing is judged here.

import Foundation

/// What a case came to on a board.
public struct Verdict: Codable, Sendable {
  public enum Status: String, Codable, Sendable {
    case passed, failed, notApplicable
  }
  public var name: String
  public var family: Family
  public var board: String
  public var status: Status
  /// Why it failed, or the board's limit; empty if it passed, but for what the oracle saw.
  public var reason: String
  /// The case's place in the list.
  var order: Int
  /// How a failure came about.
  var ending = Ending.judged

  /// What ended a case; only the first kind is a word on its rule.
  enum Ending: Sendable {
    /// It came to its end, or QEMU did by itself while the case ran.
    case judged
    /// The guest was silent until the limit.
    case silent
    /// The image did not start, or did not come so far that the case could begin.
    case premature
  }

  enum CodingKeys: String, CodingKey {
    case name, family, board, status, reason, order
  }

  /// One line: board, status, name, reason.
  public var line: String {
    let word =
      switch status {
      case .passed: "passed"
      case .failed: "FAILED"
      case .notApplicable: "not applicable"
      }
    return "\(board)  \(name)  \(word)\(reason.isEmpty ? "" : ": \(reason)")"
  }
}

/// All verdicts of a run.
public struct Results: Codable, Sendable {
  public var cases: [Verdict]

  /// Whether nothing failed, and something ran.
  public var isGood: Bool { !cases.isEmpty && !cases.contains { $0.status == .failed } }

  /// How many verdicts have `status`.
  public func count(_ status: Verdict.Status) -> Int { cases.count { $0.status == status } }

  /// A line a family with its totals, and one for all.
  public var table: String {
    func row(_ name: String, _ verdicts: [Verdict]) -> String {
      let counts = [Verdict.Status.passed, .failed, .notApplicable].map { status in
        verdicts.count { $0.status == status }
      }
      let padded = name.padding(toLength: 15, withPad: " ", startingAt: 0)
      return "\(padded)\(counts[0]) passed, \(counts[1]) failed, \(counts[2]) not applicable"
    }
    let families = Family.allCases.filter { family in cases.contains { $0.family == family } }
    return
      (families.map { family in row(family.rawValue, cases.filter { $0.family == family }) }
      + [row("all", cases)]).joined(separator: "\n")
  }

  /// An object with an array `cases`.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// JUnit's XML, a suite a board.
  public func junit() -> String {
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>"]
    for board in Set(cases.map(\.board)).sorted() {
      let own = cases.filter { $0.board == board }
      let failures = own.count { $0.status == .failed }
      let skipped = own.count { $0.status == .notApplicable }
      lines.append(
        "<testsuite name=\"\(board)\" tests=\"\(own.count)\" failures=\"\(failures)\" "
          + "skipped=\"\(skipped)\">")
      for verdict in own {
        let head = "<testcase classname=\"\(verdict.family.rawValue)\" name=\"\(verdict.name)\""
        switch verdict.status {
        case .passed: lines.append("\(head)/>")
        case .failed:
          lines.append("\(head)><failure message=\"\(Self.escape(verdict.reason))\"/></testcase>")
        case .notApplicable:
          lines.append("\(head)><skipped message=\"\(Self.escape(verdict.reason))\"/></testcase>")
        }
      }
      lines.append("</testsuite>")
    }
    return (lines + ["</testsuites>", ""]).joined(separator: "\n")
  }

  private static func escape(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }
}
