// SoakTests/SoakTests.swift: a short soak on every board, and kernels that it must find out.
// The long ones are `apus-verify soak --faults 1000000`.

import Checkout
import Foundation
import KernelSabotage
import Testing

@testable import SoakKit

@Suite(.serialized) struct SoakTests {
  static let root = Checkout.root
  static let output = root.appending(path: "build/tests/soak")

  @Test("Two thousand faults a board lose and double no message.")
  func everyBoard() async throws {
    // What fails must fail again: fresh seeds are for `apus-verify soak`.
    let seed = ProcessInfo.processInfo.environment["APUS_SEED"].flatMap(UInt32.init) ?? 1
    let account = try await Soak(
      root: Self.root, output: Self.output, extent: .init(faults: 2000), seed: seed
    ).run()
    print("apus-verify soak --faults 2000 --seed \(seed)\n\(account.table)")
    #expect(account.isGood, "apus-verify soak --faults 2000 --seed \(seed): \(account.table)")
    #expect(account.boards.count == 4)
    for entry in account.boards {
      #expect(try #require(entry.last).faults >= 2000)
      #expect(try #require(entry.last).messages > 500)
    }
  }

  /// Kernels that lose or damage, and what the soak may say of them.
  static let kernels: [(sabotage: Sabotage, words: [String])] = [
    (
      Sabotage(
        "silent death", "Who waits for a server that is restarted is told that all is well.",
        file: "Sources/Kernel/ApusKernel/Restart.swift",
        "let code = tasks[index].deadCode", becomes: "let code: UInt32 = 0"),
      ["lost", "not for it"]
    ),
    (
      Sabotage(
        "short borrow", "Of a loan, the last byte is left out.",
        file: "Sources/Kernel/ApusKernel/Leases.swift",
        "machine.copy(from: from, to: to, count: count)",
        becomes: "machine.copy(from: from, to: to, count: count &- 1)"),
      ["damaged", "came back wrong"]
    ),
  ]

  @Test("A kernel that loses or damages is found out.", arguments: kernels.indices)
  func brokenKernel(index: Int) async throws {
    let (sabotage, words) = Self.kernels[index]
    let copy = FileManager.default.temporaryDirectory
      .appending(path: "apus-soak-\(UUID().uuidString.prefix(8))")
    try sabotage.copyTree(from: Self.root, to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let account = try await Soak(
      root: copy, boards: ["mps2-an385"], extent: .init(faults: 4000), seed: 7
    ).run()
    #expect(!account.isGood)
    let failure = try #require(account.boards[0].failure)
    #expect(words.contains { failure.contains($0) }, "\(failure)")
  }
}
