// ConformanceTests/SabotageTests.swift: no case without a broken kernel that it fails on, or a reason.
// A few claims are carried out here; `apus-verify test --sabotage` carries out all of them.

import Foundation
import KernelSabotage
import Testing

@testable import ConformanceKit

@Suite(.serialized) struct SabotageTests {
  @Test("Every case has one claim or one reason, and a claim names cases and an edit that exist.")
  func complete() throws {
    let names = Set(Case.all.map(\.name))
    let claimed = Claim.all.flatMap(\.cases)
    #expect(Set(claimed).count == claimed.count, "a case is claimed twice")
    for name in names where Claim.reasons[name] == nil {
      #expect(claimed.contains(name), "\(name) has neither a sabotage nor a reason")
    }
    for (name, reason) in Claim.reasons {
      #expect(!claimed.contains(name), "\(name) has a reason although it can fail")
      #expect(!reason.isEmpty, "\(name)")
    }
    for name in claimed + Claim.reasons.keys { #expect(names.contains(name), "no case '\(name)'") }
    let edits = Set(Sabotage.all.map(\.name))
    for edit in Claim.all.map(\.sabotage) { #expect(edits.contains(edit), "no edit '\(edit)'") }
    #expect(Claim.reasons.count <= 6, "a reason is the last resort")
    let page = try String(
      contentsOf: SuiteTests.evidence, encoding: .utf8)
    let row = "\(names.count - Claim.reasons.count) of \(names.count) seen failing"
    #expect(page.contains(row), "\(row)")
  }

  @Test("A control without QEMU says which cases nobody claims, and that is a failure.")
  func unclaimed() async throws {
    var suite = try ConformanceKit.Suite(root: SuiteTests.root, output: SuiteTests.output)
    suite.cases = Case.all.filter { ["test_send", "P04_status"].contains($0.name) }
    var control = SabotageControl(suite)
    control.claims = []
    let findings = try await control.run()
    #expect(findings.cases.map(\.status) == [.missed, .excused])
    #expect(findings.total == "0 of 2 cases seen failing, 1 missed, 1 excused")
    #expect(!findings.isGood)
  }

  @Test(
    "A claimed case fails on its broken image, an innocent one does not: that claim is missed.",
    .timeLimit(.minutes(10)))
  func sample() async throws {
    let sample = [
      "no map", "word below the frame", "refused execution is memory", "code of 15 bits",
      "anybody is posted to", "search begins behind the index",
    ]
    var claims = Claim.all.filter { sample.contains($0.sabotage) && $0.board == "mps2-an385" }
    #expect(claims.count == sample.count)
    let names = Set(claims.compactMap(\.cases.first))
    for index in claims.indices where claims[index].sabotage == "code of 15 bits" {
      claims[index].cases.append("test_post")
    }
    var suite = try ConformanceKit.Suite(
      root: SuiteTests.root, output: SuiteTests.output.appending(path: "broken"))
    suite.cases = Case.all.filter { names.contains($0.name) || $0.name == "test_post" }
    var control = SabotageControl(suite)
    control.claims = claims
    let findings = try await control.run()
    #expect(findings.names(.caught) == names, "\(findings.cases.map(\.line))")
    #expect(findings.names(.missed) == ["test_post"])
    #expect(findings.cases.contains { $0.line.hasSuffix("it passes on the broken image") })
    #expect(!findings.isGood)
  }
}
