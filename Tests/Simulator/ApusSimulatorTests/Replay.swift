// ApusSimulatorTests/Replay.swift: which seeds a random test takes, and how to repeat one that failed.
// With APUS_SEED in the environment a test takes that seed alone.

import Foundation

/// The seeds of a random test.
struct Replay {
  let seeds: [UInt64]
  private let test: String

  /// `seeds`, or the one that the environment names; `test` is what `--filter` finds it by.
  init(_ seeds: ClosedRange<UInt64>, of test: String) {
    let asked = ProcessInfo.processInfo.environment["APUS_SEED"].flatMap(UInt64.init)
    self.seeds = asked.map { [$0] } ?? Array(seeds)
    self.test = test
  }

  /// What a failure prints.
  func note(_ seed: UInt64) -> String {
    "seed \(seed)\n  try: APUS_SEED=\(seed) swift test --filter \(test)"
  }
}
