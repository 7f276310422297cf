// MutationKit/Verdict.swift: what became of a mutant, as a line of JSON, and the score of many.
// Nothing is judged here.

import Foundation

/// What became of a mutant.
public enum Fate: String, Sendable, Codable, CaseIterable {
  /// A test noticed it.
  case killed
  /// Nothing noticed it.
  case survived
  /// Every image is the same, byte by byte: it says the same in other words.
  case equivalent
  /// The compiler, the assembler or the linker refuses it.
  case notBuilt
}

/// A mutant's fate, with what it takes to understand it: one line of the results' file.
public struct Verdict: Sendable, Codable, Equatable {
  public var id: String
  public var part: Part
  public var file: String
  public var line: Int
  public var `operator`: Operator
  /// The changed lines before and after.
  public var before: String
  public var after: String
  public var fate: Fate
  /// Who killed it: `walk`, `unit tests`, `conformance on <board>`, `mirror on <board>`; or "".
  public var oracle: String
  /// What that said first.
  public var reason: String
  public var seconds: Double

  init(_ mutant: Mutant, _ fate: Fate, oracle: String = "", reason: String = "") {
    (id, part, file, line) = (mutant.id, mutant.part, mutant.file, mutant.line)
    (`operator`, before, after) = (mutant.operator, mutant.before, mutant.after)
    (self.fate, self.oracle, seconds) = (fate, oracle, 0)
    self.reason = String(reason.prefix(300)).replacing("\n", with: " ")
  }

  /// Whether this is the verdict on `mutant`, and not on a line that stood there before.
  func isOn(_ mutant: Mutant) -> Bool {
    id == mutant.id && before == mutant.before && after == mutant.after
  }

  /// One line: the fate, the name, who noticed.
  public var text: String {
    let word = fate == .survived ? "SURVIVED" : fate == .notBuilt ? "not built" : fate.rawValue
    let by = oracle.isEmpty ? "" : " by \(oracle)"
    return "\(word)\(by)  \(id)  \(String(format: "%.1f", seconds)) s"
  }

  /// The change as two lines.
  public var change: String { "  - \(before)\n  + \(after.isEmpty ? "(nothing)" : after)" }

  /// The verdict as one line of JSON.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// The verdicts in a file of such lines; a last line that was cut short is left out.
  public static func read(_ file: URL) throws(MutationError) -> [Verdict] {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw MutationError("'\(file.relativePath)' cannot be read", try: "the file of '--json'")
    }
    return text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Verdict.self, from: Data($0.utf8))
    }
  }
}

/// How a set of mutants fared.
public struct Score: Sendable {
  public let verdicts: [Verdict]
  private let survivors: Survivors
  private let isWhole: Bool

  /// Scores `verdicts`; `isWhole` if they are on every mutant of their files.
  public init(_ verdicts: [Verdict], explained: Survivors, isWhole: Bool = true) {
    self.verdicts = verdicts
    survivors = explained
    self.isWhole = isWhole
  }

  /// How many have `fate`.
  public func count(_ fate: Fate) -> Int { verdicts.count { $0.fate == fate } }

  /// Of a hundred mutants that differ and build, how many are killed; 100 if there are none.
  public var percent: Double {
    let judged = count(.killed) + count(.survived)
    return judged == 0 ? 100 : 100 * Double(count(.killed)) / Double(judged)
  }

  /// Survivors that nobody has explained.
  public var unexplained: [Verdict] {
    verdicts.filter { $0.fate == .survived && survivors.reason(for: $0) == nil }
  }

  /// Mutants that are killed, although it is explained why they cannot be.
  ///
  /// The same change on two lines may survive on one of them: the explanation is that one's, and
  /// only a whole run can tell.
  public var disproved: [Verdict] {
    guard isWhole else { return [] }
    let escaped = Set(verdicts.filter { $0.fate == .survived }.map(Survivors.key))
    return verdicts.filter {
      $0.fate == .killed && survivors.reason(for: $0) != nil
        && !escaped.contains(Survivors.key($0))
    }
  }

  /// Whether at least 95 of 100 are killed, and the others are the explained ones.
  public var isGood: Bool { percent >= 95 && unexplained.isEmpty && disproved.isEmpty }

  /// The totals, a line each, and who killed how many.
  public var table: String {
    var rows = ["part        mutants  not built  equivalent  killed  survived   score"]
    let parts = Part.allCases.filter { part in verdicts.contains { $0.part == part } }
    for part in parts {
      rows.append(
        row(part.rawValue, Score(verdicts.filter { $0.part == part }, explained: survivors)))
    }
    if parts.count > 1 { rows.append(row("all", self)) }
    let oracles = Dictionary(grouping: verdicts.filter { $0.fate == .killed }, by: \.oracle)
    for (oracle, killed) in oracles.sorted(by: {
      ($1.value.count, $0.key) < ($0.value.count, $1.key)
    }) {
      rows.append("killed by \(oracle): \(killed.count)")
    }
    return rows.joined(separator: "\n")
  }

  /// The table, the survivors with their lines and reasons, and what is wrong with the reasons.
  public var report: String {
    var lines = [table]
    for verdict in verdicts where verdict.fate == .survived {
      lines.append("survived: \(verdict.id)\n\(verdict.change)")
      lines.append("  \(survivors.reason(for: verdict) ?? "not explained")")
    }
    for verdict in disproved {
      lines.append(
        "killed by \(verdict.oracle), though explained: \(verdict.id)\n\(verdict.change)")
    }
    return lines.joined(separator: "\n")
  }

  private func row(_ name: String, _ score: Score) -> String {
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    return name + right("\(score.verdicts.count)", 19 - name.count)
      + right("\(score.count(.notBuilt))", 11) + right("\(score.count(.equivalent))", 12)
      + right("\(score.count(.killed))", 8) + right("\(score.count(.survived))", 10)
      + right(String(format: "%.1f %%", score.percent), 8)
  }
}
