// ApusKernelTests/BrokenKernelsTests.swift: who catches the ten broken kernels, and how soon.
// The table is part of the test: a checker that gets slower or blind changes it.

import Foundation
import KernelSabotage
import Synchronization
import Testing

@Suite(.serialized) struct BrokenKernelsTests {
  /// Each broken kernel: the explorer's promise, the steps of its shortest way and the states known
  /// by then; where the model walk disagreed; the steps of the random walk of eight tasks, shrunk.
  static let table = """
    wrong priority | order, 3 steps, 227 states | seed 1, step 59 | 3 steps
    lost notification | bits, 2 steps, 71 states | seed 1, step 42 | 3 steps
    stale generation accepted | dead, 1 steps, 6 states | seed 1, step 2790 | 2 steps
    wrong dead code | dead, 5 steps, 7932 states | seed 1, step 759 | 10 steps
    timer off by one | timer, 1 steps, 6 states | seed 1, step 781 | 2 steps
    leaked lease | lease, 3 steps, 427 states | seed 1, step 15 | 10 steps
    slice check off by one at the start | record, 1 steps, 2 states | seed 1, step 0 | 2 steps
    slice check off by one at the end | fate, 1 steps, 4 states | seed 1, step 10 | 3 steps
    missing wake-up | wakeUp, 2 steps, 59 states | seed 1, step 59 | 5 steps
    fault charged to the wrong task | blame, 1 steps, 6 states | seed 1, step 1961 | 8 steps
    restart that keeps a bit | rebirth, 2 steps, 84 states | seed 1, step 1131 | 5 steps
    """

  /// The same for mistakes that were once seen by no test or by a single one.
  ///
  /// "-" means that this checker does not see it. The unit tests of `LeasesTests`, `GiveUpTests` and `NotificationsTests` see each.
  static let subtle = """
    lease 255 of 255 | - | - | -
    lease number of 8 bits | - | seed 1, step 9024 | -
    refused and revived | still, 5 steps, 10353 states | seed 7, step 1499 | 9 steps
    stopped and queued | derived, 4 steps, 3185 states | seed 1, step 5001 | 14 steps
    given up and found | record, 3 steps, 749 states | seed 1, step 9173 | 4 steps
    given up and called | life, 2 steps, 85 states | seed 1, step 592 | 7 steps
    fault bit forged | fate, 2 steps, 32 states | seed 1, step 8728 | 2 steps
    """

  @Test("Explorer, model walk and random walk catch every broken kernel, as the table says.")
  func whoCaughtWhat() async throws {
    let workshop = try await MutationWorkshop(programs: [.walk, .explorer])
    defer { workshop.remove() }
    let honest = try await workshop.kernel(with: nil)
    let sharedFiles = try workshop.sharedFiles()
    for (program, arguments) in [
      (MutationWorkshop.Program.walk, ["10000"]), (.explorer, ["explore", "3000"]),
      (.explorer, ["pasted"]),
    ] {
      let outcome = try await workshop.judge(honest, by: program, arguments)
      #expect(outcome.status == 0, "the unchanged kernel: \(outcome.text)")
    }
    // What two links both write makes one of them fail, on a busy machine, some day.
    #expect(try workshop.sharedFiles() == sharedFiles, "a link has written into the shared folder")
    let table = try await rows(of: Sabotage.brokenKernels, in: workshop)
    #expect(table == Self.table, "the table is now:\n\(table)")
    #expect(!table.contains("| -"), "a checker that is blind for one of them")
    let subtle = try await rows(of: Sabotage.subtleKernels, in: workshop)
    #expect(subtle == Self.subtle, "the table is now:\n\(subtle)")
    try await halves(PromisesTests.kernels) { _, sabotage in
      let place = try await workshop.kernel(with: sabotage)
      let outcome = try await workshop.judge(place, by: .explorer, ["explore", "200000"])
      #expect(outcome.status == 1, "'\(sabotage)' was not caught: \(outcome.text)")
      #expect(outcome.text.hasPrefix("\(sabotage) "), "\(outcome.text)")
    }
  }

  /// A row for each, in their order.
  private func rows(of kernels: [Sabotage], in workshop: MutationWorkshop) async throws -> String {
    let rows = Mutex(Array(repeating: "", count: kernels.count))
    try await halves(kernels) { number, sabotage in
      let row = await row(sabotage, in: workshop)
      rows.withLock { $0[number] = row }
    }
    return rows.withLock { $0.joined(separator: "\n") }
  }

  /// Visits all kernels, two at a time: each is a compiler for most of its life.
  private func halves(
    _ kernels: [Sabotage], _ body: @escaping @Sendable (Int, Sabotage) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for half in 0..<2 {
        group.addTask {
          for (number, sabotage) in kernels.enumerated() where number % 2 == half {
            try await body(number, sabotage)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// What the checkers say of one broken kernel.
  private func row(_ sabotage: Sabotage, in workshop: MutationWorkshop) async -> String {
    do {
      let place = try await workshop.kernel(with: sabotage)
      let explored = try await workshop.judge(place, by: .explorer, ["explore", "60000"])
      if sabotage.name == ExplorerPaste.sabotage {
        try await checkPaste(explored.text, place, workshop)
      }
      let walked = try await workshop.judge(place, by: .walk, ["10000"])
      let random = try await workshop.judge(place, by: .explorer, ["walks"])
      let words = explored.text.prefix { $0 != "\n" }.split(separator: " ")
      let promise =
        explored.status == 1 && words.count == 4
        ? "\(words[0]), \(words[1]) steps, \(words[2]) states" : "-"
      let step = walked.text.firstMatch(of: /step (\d+)/).map { "\($0.1)" } ?? "?"
      let walk = walked.status == 1 ? "\(walked.text.prefix { $0 != "," }), step \(step)" : "-"
      let shrunk = random.text.firstMatch(of: /events to (\d+)/).map { "\($0.1) steps" }
      return "\(sabotage) | \(promise) | \(walk) | \(random.status == 1 ? shrunk ?? "?" : "-")"
    } catch {
      return "\(sabotage) | \(error)"
    }
  }

  /// The test that the explorer prints is the one that was pasted; it fails here.
  private func checkPaste(
    _ text: String, _ place: URL, _ workshop: MutationWorkshop
  ) async throws {
    let file = MutationWorkshop.root.appendingPathComponent(
      "Tests/Simulator/ApusSimulatorTests/ExplorerPastedTests.swift")
    let pasted = try String(contentsOf: file, encoding: .utf8)
    let test = text.firstRange(of: "  @Test(").map { String(text[$0.lowerBound...]) } ?? text
    #expect(
      pasted.contains(test.trimmingCharacters(in: .newlines)), "the explorer now prints:\n\(test)")
    let outcome = try await workshop.judge(place, by: .explorer, ["pasted"])
    #expect(outcome.status == 1, "the pasted test passes on the kernel that it is about")
    #expect(outcome.text.contains("broken: "), "\(outcome.text)")
  }
}

/// The broken kernel whose way was pasted.
enum ExplorerPaste {
  static let sabotage = "lost notification"
}
