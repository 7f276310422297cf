// ApusSimulatorTests/ExplorerWalksTests.swift: random walks keep every promise, and shrink well.
// Their seeds are fixed here; the command that each failure prints replays it.

import ApusABI
import ApusKernel
import Testing

@testable import ApusSimulator

@Suite struct ExplorerWalksTests {
  #if DEBUG
    static let stepCount = 1_500
  #else
    static let stepCount = 50_000
  #endif

  @Test("Walks of 3, 4, 8 and 31 tasks keep every promise.", arguments: Walks.taskCounts)
  func walks(_ tasks: Int) {
    let count = tasks == 31 ? 1 : 2
    let report = Walks(tasks: tasks, count: count, stepCount: Self.stepCount, seed: 11).run()
    #expect(report.promise == nil, "\(report.text)")
    #expect(report.steps == count * Self.stepCount)
    #expect(report.stops > 10, "the walk harms nobody")
    #expect(report.text.contains("kept     all \(Promise.allCases.count) promises"))
  }

  @Test("The same seed goes the same way, another seed another.")
  func determinism() {
    let walker = Walker<9>()
    let outcomes = [5, 5, 6].map { walker.walk(seed: $0, stepCount: 600) }
    #expect(outcomes[0].stops == outcomes[1].stops && outcomes[0].resets == outcomes[1].resets)
    #expect(outcomes[0].stops != outcomes[2].stops || outcomes[0].resets != outcomes[2].resets)
  }

  @Test("A broken promise is told with its seed, a shrunk way and one command that replays it.")
  func failure() throws {
    let report = Walks(tasks: 8, count: 5, stepCount: 20_000, seed: 3).run(Self.forgetful)
    let failure = try #require(report.failure, "\(report.text)")
    #expect(report.promise == .bits)
    #expect(failure.eventCount >= failure.counterexample.stepCount)
    #expect(report.text.contains("VIOLATION with seed \(failure.seed) at step \(failure.step)"))
    #expect(
      report.text.contains(
        "replay: apus-verify explore --walks 1 --steps 20000 --seed \(failure.seed) --tasks 8"))
    // The command goes the same way.
    var again = report.walks
    (again.count, again.seed) = (1, failure.seed)
    #expect(again.run(Self.forgetful).text.contains(failure.counterexample.text))
  }

  @Test("A shrunk way still breaks the promise, and no event can be left out of it.")
  func shrinking() throws {
    let walks = Walks(tasks: 8, count: 5, stepCount: 20_000, seed: 3)
    let turns = try #require(walks.run(Self.forgetful).failure).counterexample.turns
    func breaks(_ turns: [Turn]) -> Bool {
      var trace = Trace<9>(.walk(tasks: 8), sabotage: Self.forgetful.sabotage)
      for turn in turns { trace.take(turn) }
      return trace.broken?.promise == .bits
    }
    #expect(breaks(turns))
    for place in turns.indices {
      var fewer = turns
      fewer.remove(at: place)
      #expect(!breaks(fewer), "event \(place) of \(turns.count) has no part in it")
    }
  }

  /// A kernel that forgets what is pending when a second notification is posted to a blocked task.
  private static let forgetful = Walker<9> { before, event, after in
    guard event.call == .post, !event.isStale else { return }
    let peer = event.peer
    guard peer < 8, before.kernel.tasks[peer].state.isSending else { return }
    after.kernel.tasks[peer].pending &= ~before.kernel.tasks[peer].pending
    after.kernel.tasks[peer].pending &= ~event.registers.r5
  }
}
