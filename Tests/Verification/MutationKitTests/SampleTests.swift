// MutationKitTests/SampleTests.swift: a dozen mutants, chosen by a seed, hardly get away.
// All of them take an hour and more: that is `make mutants`.

import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import MutationKit

@Suite struct SampleTests {
  /// Where 95 of 100 are killed, a dozen with more survivors is one in fifty.
  static let tolerated = 2

  @Test("Of a seeded dozen, two at most survive without an explanation.", .timeLimit(.minutes(90)))
  func sample() async throws {
    let seed = ProcessInfo.processInfo.environment["APUS_SEED"].flatMap(UInt64.init) ?? 1
    // The tool beside the tests: it changes PATH for its own children, and this process must not.
    let products = URL(filePath: CommandLine.arguments.first { $0.contains(".xctest") } ?? "")
      .deletingLastPathComponent()
    let command = "apus-verify mutants --sample 12 --seed \(seed)"
    let result = try await Subprocess.run(
      .path(FilePath(products.appending(path: "apus-verify").path)),
      arguments: ["mutants", "--sample", "12", "--seed", "\(seed)"],
      workingDirectory: FilePath(OperatorsTests.root.path),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let words = result.standardOutput + result.standardError
    print("\(command)\n\(result.standardOutput)")
    // A dozen is no score: the whole list has to be explained, by `make mutants`.
    let escaped = words.ranges(of: "not explained").count
    #expect(escaped <= Self.tolerated, "replay: \(command)\n\(words)")
    #expect(words.contains("mutants  not built"), "replay: \(command)\n\(words)")
  }
}
