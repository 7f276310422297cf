// SweepTests/SweepTests.swift: a part of every sweep on every board; the whole ones are `make sweep`.
// The images are built once, apart from `make build`.

import Foundation
import ImagePlan
import Testing

@testable import SweepKit

@Suite(.serialized) struct SweepTests {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let output = root.appending(path: "build/tests/sweep")

  @Test("Whatever one task does, everybody else goes on unchanged.", .timeLimit(.minutes(10)))
  func some() async throws {
    // A new part of each sweep every day would make a red build nobody's: the seed is fixed.
    var sweep = try Sweep(root: Self.root, output: Self.output, seed: 5)
    sweep.kinds = [.calls]
    sweep.count = 2000
    let report = try await sweep.run { print($0.line) }
    for tally in report.sweeps { #expect(tally.isGood, "\(tally.failures)") }
    #expect(report.sweeps.count == 4)
  }
}
