// ApusKernelTests/BrokenKernelsTests.swift: who catches the ten broken kernels, and how soon.
// The table is part of the test: a checker that gets slower or blind changes it.

import Foundation
import KernelSabotage
import Testing

@Suite(.serialized) struct BrokenKernelsTests {
  /// Each broken kernel: the explorer's promise, the steps of its shortest way and the states known
  /// by then; where the model walk disagreed; the steps of the random walk of eight tasks, shrunk.
  static let table = """
    wrong priority | order, 3 steps, 357 states | seed 1, step 15 | 3 steps
    lost notification | bits, 2 steps, 120 states | seed 1, step 24 | 3 steps
    stale generation accepted | dead, 1 steps, 8 states | seed 1, step 7 | 3 steps
    wrong dead code | dead, 4 steps, 5191 states | seed 1, step 1445 | 13 steps
    timer off by one | timer, 1 steps, 8 states | seed 1, step 1070 | 3 steps
    leaked lease | lease, 3 steps, 864 states | seed 1, step 242 | 19 steps
    slice check off by one at the start | record, 1 steps, 2 states | seed 1, step 0 | 6 steps
    slice check off by one at the end | frame, 2 steps, 28 states | seed 1, step 3083 | 8 steps
    missing wake-up | wakeUp, 2 steps, 89 states | seed 1, step 57 | 4 steps
    fault charged to the wrong task | fate, 2 steps, 57 states | seed 1, step 1836 | 12 steps
    restart that keeps a bit | rebirth, 4 steps, 4766 states | seed 1, step 1079 | 4 steps
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
    // Two at a time: each is a compiler for most of its life.
    let rows = await withTaskGroup(of: [(Int, String)].self) { group in
      for half in 0..<2 {
        group.addTask {
          var rows: [(Int, String)] = []
          for (number, sabotage) in Sabotage.brokenKernels.enumerated() where number % 2 == half {
            rows.append((number, await row(sabotage, in: workshop)))
          }
          return rows
        }
      }
      var rows: [(Int, String)] = []
      for await some in group { rows += some }
      return rows.sorted { $0.0 < $1.0 }.map(\.1)
    }
    let table = rows.joined(separator: "\n")
    #expect(table == Self.table, "the table is now:\n\(table)")
  }

  /// What the checkers say of one broken kernel.
  private func row(_ sabotage: Sabotage, in workshop: MutationWorkshop) async -> String {
    do {
      let place = try await workshop.kernel(with: sabotage)
      let explored = try await workshop.judge(place, by: .explorer, ["explore", "60000"])
      #expect(explored.status == 1, "the explorer does not catch '\(sabotage)': \(explored.text)")
      if sabotage.name == ExplorerPaste.sabotage {
        try await checkPaste(explored.text, place, workshop)
      }
      let walked = try await workshop.judge(place, by: .walk, ["10000"])
      #expect(walked.status == 1, "the model walk does not catch '\(sabotage)': \(walked.text)")
      let random = try await workshop.judge(place, by: .explorer, ["walks"])
      #expect(random.status == 1, "random walks do not catch '\(sabotage)': \(random.text)")
      let words = explored.text.prefix { $0 != "\n" }.split(separator: " ")
      guard words.count == 4, let shrunk = random.text.firstMatch(of: /events to (\d+)/) else {
        return "\(sabotage) | \(explored.text.prefix(40))"
      }
      let walk = walked.text.prefix { $0 != "," }
      let step = walked.text.firstMatch(of: /step (\d+)/).map { "\($0.1)" } ?? "?"
      return "\(sabotage) | \(words[0]), \(words[1]) steps, \(words[2]) states | \(walk), "
        + "step \(step) | \(shrunk.1) steps"
    } catch {
      return "\(sabotage) | \(error)"
    }
  }

  /// The test that the explorer prints is the one that was pasted; it fails here.
  private func checkPaste(
    _ text: String, _ place: URL, _ workshop: MutationWorkshop
  ) async throws {
    let file = MutationWorkshop.root.appendingPathComponent(
      "Tests/ApusSimulatorTests/ExplorerPastedTests.swift")
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
