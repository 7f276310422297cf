// MutationKitTests/ScoreTests.swift: what is counted, and what an explanation is worth.

import Foundation
import Testing

@testable import MutationKit

@Suite struct ScoreTests {
  static let mutants = Catalogue.mutants(
    of: "A.swift", .kernel, Array("func f() {\n  a(1)\n  b(2)\n}\n".utf8))

  /// The verdicts of `fates` on the first mutants there are.
  func verdicts(_ fates: [Fate]) -> [MutationKit.Verdict] {
    zip(Self.mutants, fates).map { MutationKit.Verdict($0, $1, oracle: "walk", reason: "b\nc") }
  }

  @Test("What is not built and what is the same is in no score; 95 of 100 must be killed.")
  func percent() {
    let score = Score(
      verdicts([.killed, .killed, .killed, .survived, .equivalent, .notBuilt]),
      explained: Survivors())
    #expect(score.percent == 75)
    #expect(!score.isGood)
    #expect(Score(verdicts([.killed, .equivalent]), explained: Survivors()).isGood)
    #expect(Score([], explained: Survivors()).percent == 100)
    #expect(score.table.contains("kernel            6          1           1       3         1"))
  }

  @Test("An explanation goes with file, operator and text; one reason may serve several mutants.")
  func explanations() {
    let found = verdicts([.survived, .survived])
    let page = Survivors(
      """
      # A page
      ### A.swift \(found[0].operator.rawValue)
      ```diff
      - \(found[0].before)
      + \(found[0].after)
      ```
      Nobody can
      see it.
      ### A.swift other
      ```diff
      - \(found[1].before)
      + nothing of the kind
      ```
      Why?
      """)
    #expect(page.count == 2)
    #expect(page.reason(for: found[0]) == "Nobody can see it.")
    #expect(page.reason(for: found[1]) == nil)
    #expect(Score(found, explained: page).unexplained == [found[1]])
  }

  @Test("An explained mutant that is killed all the same is named, and spoils the score.")
  func disproof() {
    let killed = verdicts([.killed])
    let page = Survivors(
      """
      ### A.swift \(killed[0].operator.rawValue)
      ```diff
      - \(killed[0].before)
      + \(killed[0].after)
      ```
      It cannot be noticed.
      """)
    let score = Score(killed, explained: page)
    #expect(score.disproved == killed)
    #expect(!score.isGood)
    #expect(score.report.contains("killed by walk, though explained: \(killed[0].id)"))
    // The same text on another line survives: the page speaks of that one.
    var twin = killed[0]
    (twin.line, twin.fate) = (twin.line + 1, .survived)
    #expect(Score(killed + [twin], explained: page).disproved.isEmpty)
  }

  @Test("Verdicts are read back from their lines, but for a last one that was cut short.")
  func resumption() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "verdicts-\(UUID()).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    let all = verdicts([.killed, .survived, .equivalent])
    let data = try all.map { try $0.json() }.reduce(Data(), +)
    try data.write(to: file)
    #expect(try MutationKit.Verdict.read(file) == all)
    try data.dropLast(9).write(to: file)
    #expect(try MutationKit.Verdict.read(file) == Array(all.dropLast()))
    #expect(all[0].isOn(Self.mutants[0]) && !all[0].isOn(Self.mutants[1]))
  }

  @Test("Every explained mutant is one of this tree.")
  func currency() throws {
    let root = OperatorsTests.root
    let page = Survivors(root: root)
    let known = try Catalogue(root: root).mutants
      .filter { page.reason(for: MutationKit.Verdict($0, .survived)) != nil }
    let texts = Set(known.map { "\($0.file) \($0.operator) \($0.before) \($0.after)" })
    #expect(texts.count == page.count, "some explanations are of lines that are gone")
  }
}
