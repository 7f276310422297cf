// BootTests/BarrierTests.swift: every barrier of the port is needed, and none is missing.
// What is read is the release kernel, as llvm-objdump shows it.

import BoardSupport
import Foundation
import ImagePlan
import KernelSabotage
import Testing

@testable import ApusBuild

@Suite struct BarrierTests {
  @Test(
    "No barrier is missing, and without any one of them the lint says which rule breaks.",
    arguments: Images.boards)
  func needed(board: String) async throws {
    let lint = try await Self.lint(Images.shared.bundle("hello", board))
    #expect(lint.findings() == [])
    #expect(lint.barriers.count >= 6)
    for barrier in lint.barriers {
      #expect(lint.findings(without: barrier) != [], "\(String(barrier, radix: 16)) is idle")
    }
  }

  @Test("A kernel that is built without one of them is found out by its rule.")
  func forgotten() async throws {
    let place = Images.output.appending(path: "barriers")
    for (sabotage, rule) in zip(
      Sabotage.forgottenBarriers, [BarrierLint.Rule.exceptionReturn, .reset, .admission])
    {
      let tree = place.appending(path: "\(sabotage.slug)/tree")
      try? FileManager.default.removeItem(at: tree)
      try sabotage.copyTree(from: Images.root, to: tree)
      let bundle = try await ImageBuilder(
        root: tree, app: "hello", board: "mps2-an385",
        output: place.appending(path: "\(sabotage.slug)/image"), cache: Images.cache
      ).build()
      let findings = try await Self.lint(bundle).findings()
      #expect(findings.contains { $0.hasSuffix(rule.rawValue) }, "\(sabotage): \(findings)")
      try? FileManager.default.removeItem(at: tree)
    }
  }

  private static func lint(_ bundle: ImageBundle) async throws -> BarrierLint {
    let tools = try Tools(path: ProcessInfo.processInfo.environment["PATH"] ?? "")
    let objdump = URL(filePath: tools.linker).deletingLastPathComponent()
      .appending(path: "llvm-objdump")
    return BarrierLint(
      listing: try await Tools.run(
        objdump.path, ["-d", "--no-show-raw-insn", bundle.kernel.path], "disassembling"))
  }
}
