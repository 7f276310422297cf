// ConformanceTests/SuiteTests.swift: every case on every board, and what the runner makes of a bad end.
// The images are built once, apart from `make build`.

import Checkout
import Foundation
import ImagePlan
import Testing

@testable import ConformanceKit

@Suite(.serialized) struct SuiteTests {
  static let root = Checkout.root
  /// The page with the results of whole runs.
  static let evidence = root.appending(
    path: "Sources/Kernel/ApusKernel/ApusKernel.docc/Evidence.md")
  static let output = root.appending(path: "build/tests/conformance")

  @Test("Every case passes on every board, or the board's limit is named, and no wall is broken.")
  func everything() async throws {
    var suite = try ConformanceKit.Suite(root: Self.root, output: Self.output)
    suite.isWatched = true
    // Judging every store takes its time, and other tests take theirs meanwhile.
    suite.limit = .seconds(600)
    let results = try await suite.run()
    print(results.table)
    for verdict in results.cases where verdict.status == .failed { Issue.record("\(verdict.line)") }
    // The oracle has a verdict of its own on each board.
    #expect(results.cases.count == 4 * (Case.all.count + 1))
    let passed = results.cases.count { $0.status == .passed }
    let rest = results.cases.count { $0.status == .notApplicable }
    let page = try String(contentsOf: SuiteTests.evidence, encoding: .utf8)
    let row = "\(passed) passed, the plugin's four among them, 0 failed, \(rest) not applicable"
    #expect(page.contains("\(Case.all.count) cases, Hubris's 55 names"))
    #expect(page.contains(row), "\(row)")
    for verdict in results.cases where verdict.status == .notApplicable {
      #expect(!verdict.reason.isEmpty, "\(verdict.line)")
    }
  }

  @Test("A case that hangs fails at the limit, one that expects wrongly fails, and both name why.")
  func badEnds() async throws {
    var suite = try ConformanceKit.Suite(
      root: Self.root, output: Self.output.appending(path: "bad"), boards: ["mps2-an385"])
    // For one case that hangs; QEMU's start and the other cases must fit into it, too.
    suite.limit = .seconds(15)
    suite.cases = [
      Case("hang", .hubris, "waits for a line that never comes") { trial in
        _ = try await trial.supervisorMemory(0, 0)
        _ = try await trial.dieAsSupervisor(.nothing, [:])
      },
      Case("wrong", .hubris, "expects a fault that nobody commits") { trial in
        try await trial.crime(.nothing, is: .memory)
      },
      Case("unexplained", .hubris, "leaves a fault that it did not ask for") { trial in
        _ = try await trial.call(.supervisor, .injectFault, [4: 5]).done()
      },
      Case("reset", .hubris, "lets the supervisor die unasked") { trial in
        _ = try await trial.run(.supervisor, .undefined)
      },
      Case("good", .hubris, "runs after all of them") { trial in
        try await trial.crime(.undefined, is: .illegalInstruction)
      },
    ]
    let results = try await suite.run()
    #expect(results.cases.map(\.name) == suite.cases.map(\.name))
    #expect(results.cases.map(\.status) == [.failed, .failed, .failed, .failed, .passed])
    for verdict in results.cases.dropLast() { #expect(!verdict.reason.isEmpty) }
    #expect(results.cases[0].reason.contains("time limit"))
    #expect(results.cases[3].reason.contains("reset"))
    #expect(!results.isGood)
  }

  @Test("JSON and JUnit hold each verdict, and XML's own characters do no harm.")
  func reports() throws {
    let results = Results(cases: [
      Verdict(
        name: "a", family: .memory, board: "b", status: .failed, reason: "1 < 2 & \"x\"", order: 0),
      Verdict(
        name: "c", family: .memory, board: "b", status: .notApplicable, reason: "d", order: 1),
    ])
    let text = results.junit()
    #expect(text.contains("message=\"1 &lt; 2 &amp; &quot;x&quot;\""))
    #expect(text.contains("tests=\"2\" failures=\"1\" skipped=\"1\""))
    let json = String(decoding: try results.json(), as: UTF8.self)
    #expect(json.contains("\"status\" : \"notApplicable\""))
  }

  @Test("No two cases have one name, and all 55 of Hubris are there.")
  func names() {
    #expect(Set(Case.all.map(\.name)).count == Case.all.count)
    #expect(Case.all.count { $0.family == .hubris } == 55)
  }
}
