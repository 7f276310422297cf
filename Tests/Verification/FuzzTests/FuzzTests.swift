// FuzzTests/FuzzTests.swift: the fuzzers run over their corpus and a little beyond, every time.
// A failure names the input and the command that shows it again.

import Checkout
import Foundation
import FuzzKit
import QEMUKit
import Testing

@Suite(.serialized) struct FuzzTests {
  static let root = Checkout.root
  /// Apart from `apus-verify fuzz`, so that each run begins with the committed corpus alone.
  static func place() -> URL {
    FileManager.default.temporaryDirectory.appending(path: "apus-fuzz-\(UUID().uuidString)")
  }

  @Test(
    "The corpus and some thousand inputs beyond it crash nothing, and the planted defect is found.",
    arguments: FuzzTarget.allCases)
  func search(target: FuzzTarget) async throws {
    let place = Self.place()
    defer { try? FileManager.default.removeItem(at: place) }
    var builder = FuzzBuilder(root: Self.root, output: place)
    let run = FuzzRun(
      target, program: try await build(target, by: builder), root: Self.root, output: place)
    let files = try FileManager.default.contentsOfDirectory(atPath: run.seeds.path)
    #expect(files.count >= 5)
    let report = try await onThread {
      try run.replay(run.seeds)
      return try run.search(.runs(Self.runs(target)), seed: 1)
    }
    #expect(report.contains("Done"))

    // A fuzzer that cannot fail shows nothing.
    let (file, good, bad) = Self.defect(target)
    let text = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
    try #require(text.contains(good), "\(file) no longer says '\(good)'")
    builder.replacing = (file, text.replacing(good, with: bad))
    let broken = FuzzRun(
      target, program: try await build(target, by: builder), root: Self.root, output: place)
    let error = try await #require(throws: FuzzError.self) {
      try await onThread { try broken.search(.runs(200_000), seed: 1) }
    }
    #expect(error.exitCode == 1)
    #expect(error.description.contains("apus-verify fuzz \(target.rawValue) --replay"))
  }

  @Test("A million calls with random registers leave kernel and model alike, each one.")
  func randomCalls() async throws {
    let report = try await onThread {
      let place = Self.place()
      defer { try? FileManager.default.removeItem(at: place) }
      let program = try FuzzBuilder(root: Self.root, output: place).buildRandom()
      return try FuzzRun.random(program, count: 1_000_000, seed: 1)
    }
    #expect(report.contains("1000000 calls"))
  }

  /// Compiles on a thread of its own, as that takes a minute.
  private func build(_ target: FuzzTarget, by builder: FuzzBuilder) async throws -> URL {
    try await onThread { try builder.build(target) }
  }

  private static func runs(_ target: FuzzTarget) -> Int {
    switch target {
    case .kernel: 5_000
    case .manifest: 4_000
    case .elf: 40_000
    }
  }

  /// A file, what stands in it, and what makes the program defective.
  private static func defect(_ target: FuzzTarget) -> (file: String, good: String, bad: String) {
    switch target {
    case .kernel:
      ("Sources/Kernel/ApusKernel/Slices.swift", "byteCount <= size &- offset", "byteCount <= size")
    case .manifest:
      (
        "Sources/Build/ImagePlan/AppRules.swift", "guard !uphill || target < index else",
        "guard target >= 0 else"
      )
    case .elf:
      (
        "Sources/Build/ELFKit/ByteCursor.swift", "guard remaining >= 4 else",
        "guard remaining >= 1 else"
      )
    }
  }
}
