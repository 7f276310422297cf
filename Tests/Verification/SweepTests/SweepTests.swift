// SweepTests/SweepTests.swift: a part of every sweep on every board; the whole ones are `make sweep`.
// The images are built once, apart from `make build`.

import ApusBuild
import Checkout
import Foundation
import ImagePlan
import Testing

@testable import SweepKit

@Suite(.serialized) struct SweepTests {
  static let root = Checkout.root
  static let output = root.appending(path: "build/tests/sweep")

  private func sweep(
    _ kinds: [SweepKind], count: Int?, isWatched: Bool, boards: [String]? = nil
  ) async throws -> SweepReport {
    // Always the same part: a red build must be the change's, not the day's.
    var sweep = try Sweep(root: Self.root, output: Self.output, boards: boards, seed: 5)
    (sweep.kinds, sweep.count, sweep.isWatched) = (kinds, count, isWatched)
    let report = try await sweep.run(progress: { _ in }) { print($0.line) }
    for tally in report.sweeps {
      #expect(tally.isGood, "\(tally.failures.joined(separator: "\n"))")
    }
    return report
  }

  @Test(
    "Whatever a task calls with whatever registers, it gets a fault or an answer: 20,000 calls.",
    .timeLimit(.minutes(30)))
  func calls() async throws {
    let report = try await sweep([.calls], count: 5_000, isWatched: false)
    #expect(report.sweeps.map(\.trials) == [5_000, 5_000, 5_000, 5_000])
    for tally in report.sweeps {
      let names: Set = ["usage", "executed", "waited", "sent", "panic", "badSlice", "refused"]
      #expect(Set(tally.outcomes.keys).isSubset(of: names), "\(tally.outcomes)")
    }
  }

  @Test(
    "Whatever a task executes, no store and no load of it leaves its walls: some of all opcodes.",
    .timeLimit(.minutes(30)))
  func opcodes() async throws {
    let report = try await sweep([.narrow, .wide], count: 1_000, isWatched: true)
    #expect(report.sweeps.count == 8)
    for tally in report.sweeps {
      #expect(tally.trials == 1_000)
      #expect(tally.storesSeen > 1_000 * tally.trials / 10)
      #expect(tally.outcomes["executed", default: 0] > 50, "\(tally.outcomes)")
    }
  }

  @Test(
    "A frame that does not fit the task's memory stops the task, one that fits does not.",
    .timeLimit(.minutes(30)))
  func stack() async throws {
    let report = try await sweep([.stack], count: nil, isWatched: true)
    let events = StackEvent.allCases.count
    for tally in report.sweeps {
      let hasFloatingPoint = ["mps2-an386", "mps2-an500"].contains(tally.board)
      #expect(tally.trials == 321 * events * (hasFloatingPoint ? 2 : 1))
    }
  }

  @Test("An interrupt at any instant of a trial changes nothing of it.", .timeLimit(.minutes(30)))
  func alarm() async throws {
    let report = try await sweep([.alarm], count: 700, isWatched: true)
    for tally in report.sweeps { #expect(tally.boundariesHit > 40, "\(tally.line)") }
  }

  @Test(
    "Step by step the alarm meets every instruction of the kernel's way in and out.",
    .timeLimit(.minutes(15)))
  func boundaries() async throws {
    let builder = ImageBuilder(
      root: Self.root, app: "sweep", board: "mps2-an385",
      output: Self.output.appending(path: "boundaries"))
    let arena = try Arena(try await builder.build())
    var sweep = try Sweep(root: Self.root, output: Self.output, boards: ["mps2-an385"], seed: 5)
    sweep.isWatched = true
    var passage = AlarmScenario.fault.passage(arena.bundle.plan, count: 400)
    // From the driver's own wait to the hostile task's fault.
    passage.alarm = (1, 1)
    let judge = try await sweep.hold(passage, arena)
    #expect(judge.failures.isEmpty, "\(judge.failures)")
    // The entry of calls, the switch, the map, and the exit stand in this order in Entry.S.
    let way = arena.walls.entries[0].address...arena.walls.exit
    let passed = judge.boundaries.executed.filter(way.contains)
    let missed = passed.subtracting(judge.boundaries.hit).map { String($0, radix: 16) }
    #expect(passed.count > 20)
    #expect(missed.isEmpty, "passed, and never met: \(missed.sorted())")
  }

  @Test("A prefix of the 16-bit sweep has opcodes of every kind, and the whole has each one once.")
  func narrowOpcodes() {
    #expect(Set((0..<65_536).map(SweepKind.narrowOpcode)).count == 65_536)
    #expect(Set((0..<1_000).map { SweepKind.narrowOpcode($0) >> 10 }).count == 64)
  }

  @Test("A 32-bit opcode announces its second half, and follows from its number and the seed.")
  func wideOpcodes() {
    for number in 0..<1_000 {
      let opcode = SweepKind.wideOpcode(number, seed: 3)
      #expect(opcode.count == 2 && opcode[0] >= 0xE800)
      #expect(opcode == SweepKind.wideOpcode(number, seed: 3))
    }
    #expect(SweepKind.wideOpcode(1, seed: 3) != SweepKind.wideOpcode(1, seed: 4))
  }
}
