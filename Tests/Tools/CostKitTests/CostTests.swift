// CostKitTests/CostTests.swift: the simulator's table of costs against the release image, again.
// Counts of instructions are compared, never times.

import ApusSimulator
import BoardSupport
import CostKit
import Foundation
import ImagePlan
import Testing

@Suite struct CostTests {
  @Test("No passage through the kernel of a release image is longer than the table says.")
  func tableHolds() async throws {
    let bundle = try await Images.shared.bundle("console")
    let meter = Meter(
      bundle, toolDirectory: Images.tools, prompt: "apus> ", lines: Meter.consoleLines)
    let seen = try await meter.run(passages: 600)
    var table = CostTable()
    table.add(seen, of: bundle.plan)
    let app = try App(simulating: "Console", root: Images.root)
    let measured = Costs(for: app).passages
    #expect(table.passages.count > 10)
    let excesses = table.excesses(of: measured)
    #expect(
      excesses.isEmpty, "\(excesses.joined(separator: "\n"))\n  try: apus-verify costs --write")
    // And the table is no guess above the truth: what was seen often has the very length.
    for kind in ["tick", "receive switched", "send switched delivered", "irqControl"] {
      let range = try #require(table.passages[kind], "no '\(kind)' in 600 passages")
      #expect(measured[kind]?.contains(range.lowerBound) == true, "\(kind): \(range)")
    }
  }
}
