// FootprintKitTests/GateTests.swift: our own images against Tests/footprint.yaml, and booted.
// The images are built from the sources as they are, once for all tests.

import BoardSupport
import FootprintKit
import Foundation
import ImagePlan
import Testing

@Suite(.serialized) struct GateTests {
  static let budgetPath = Images.root.appendingPathComponent("Tests/footprint.yaml").path

  static let images = [
    ("hello", "mps2-an385"), ("hello", "mps2-an386"), ("hello", "mps2-an500"),
    ("hello", "lm3s6965evb"), ("console", "mps2-an385"), ("bench", "mps2-an385"),
  ]

  @Test("Every image adds up to the byte and keeps its committed budget.", arguments: images)
  func budget(app: String, board: String) async throws {
    let bundle = try await Images.shared.bundle(app, board)
    let report = try Report(bundle)
    #expect(report.unsoundness().isEmpty)
    let budget = try BudgetFile(path: Self.budgetPath)
    let options = budget.stackOptions(for: report.image)
    let stacks = try StackReport(bundle, options: options)
    let findings = try budget.check(report, stacks: stacks.boundsByName)
    for finding in findings where finding.status == .failed {
      Issue.record(
        """
        \(finding.image): \(finding.subject): \(finding.message)
          at Tests/footprint.yaml:\(finding.line)
          try: footprint check build/\(board)/\(app) --budget Tests/footprint.yaml --update
        """)
    }
    #expect(stacks.verdict() == nil)
  }

  @Test(
    "Where a task runs its deepest path, its proven worst case is the high-water mark.",
    arguments: [("hello", "mps2-an385"), ("hello", "mps2-an386"), ("bench", "mps2-an385")])
  func deepestPath(app: String, board: String) async throws {
    let bundle = try await Images.shared.bundle(app, board)
    let boot = try await Boot(bundle, toolDirectory: Images.tools).measure()
    for stack in boot.stacks where stack.kind == .task {
      let measured = try #require(stack.measured)
      #expect(stack.isProven)
      #expect(stack.bound >= measured, "\(stack.name)")
      #expect(stack.bound - measured <= 16, "\(stack.name)")
    }
  }

  @Test("A boot gives the same numbers every time, and leaves the image as it was.")
  func repeatable() async throws {
    let bundle = try await Images.shared.bundle("hello", "mps2-an385")
    let before = try Data(contentsOf: bundle.image)
    let first = try await Boot(bundle, toolDirectory: Images.tools).measure()
    let second = try await Boot(bundle, toolDirectory: Images.tools).measure()
    #expect(first == second)
    #expect(try Data(contentsOf: bundle.image) == before)
    #expect(first.ramTouched > 0 && first.ramTouched <= first.ramReserved)
    #expect(first.flashLoaded <= first.flashSpan)
    #expect(first.milestones.map(\.name) == ["the kernel", "the first task", "idle"])
    #expect(first.milestones.map(\.faults) == [0, 0, 0])
    #expect(first.milestones.map(\.instructions) == first.milestones.map(\.instructions).sorted())
  }

  @Test("No stack of the console is measured above its worst case.")
  func console() async throws {
    let bundle = try await Images.shared.bundle("console", "mps2-an385")
    let options = try BudgetFile(path: Self.budgetPath).stackOptions(for: "console/mps2-an385")
    let boot = try await Boot(bundle, toolDirectory: Images.tools, options: options).measure()
    #expect(boot.verdict() == nil)
    for stack in boot.stacks { #expect(stack.isProven, "\(stack.name): \(stack.doubts)") }
  }

  @Test("The map of a bundle shows whom the MPU lets in: a task to its own memory alone.")
  func layout() async throws {
    let bundle = try await Images.shared.bundle("hello", "mps2-an385")
    let layout = try Layout(bundle)
    let greeter = layout.entries.filter { $0.name == "greeter" }
    #expect(!greeter.isEmpty)
    #expect(greeter.allSatisfy { ["greeter rx", "greeter rw"].contains($0.access) })
    let kernel = layout.entries.filter { $0.name == "kernel" }
    #expect(kernel.allSatisfy { !$0.access.contains("greeter") })
  }
}
