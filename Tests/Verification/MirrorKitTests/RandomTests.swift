// MirrorKitTests/RandomTests.swift: programs that a seed decides, on all boards, and what they reach.
// A failure names the seed; `apus-verify mirror random --board B --seed S` shows it again.

import ApusABI
import BoardSupport
import Synchronization
import Testing

@testable import MirrorKit

@Suite(.serialized) struct RandomTests {
  @Test(
    "Over four boards, random programs see every call, outcome, fault, misuse, refusal and reset.")
  func coverage() async throws {
    var total = Tally()
    // One round or two see all; the bound is for a kernel that has become a little slower.
    for seed in UInt32(1)...4 where total.eventCount == 0 || !total.missing.isEmpty {
      for board in Images.boards {
        var mirror = Mirror(try await Images.shared.bundle("random", board))
        mirror.seed = seed
        total.add(try await mirror.run(events: 4_000).tally)
      }
    }
    #expect(total.missing.isEmpty, "never seen: \(total.missing)\n\(total.coverage)")
    #expect(total.faults[.bus] ?? 0 > 0 && total.copiedByteCount > 10_000, "\(total.text)")
  }

  @Test("One seed is one run, to the nanosecond; another seed is another run.")
  func determinism() async throws {
    let bundle = try await Images.shared.bundle("random", "mps2-an386")
    func run(_ seed: UInt32) async throws -> [Observation] {
      var mirror = Mirror(bundle)
      mirror.seed = seed
      let seen = Mutex<[Observation]>([])
      _ = try await mirror.run(events: 400) { observation in
        seen.withLock { $0.append(observation) }
      }
      return seen.withLock { $0 }
    }
    let first = try await run(11)
    let second = try await run(11)
    let difference = zip(first, second).first { $0 != $1 }
    #expect(difference == nil && first.count == second.count, "seed 11, \(first.count) events")
    let other = try await run(12)
    #expect(other.map(\.event) != first.map(\.event))
  }

  @Test("Observed events follow each other in time, and each begins where the last one ended.")
  func observations() async throws {
    let seen = Mutex<[Observation]>([])
    let mirror = Mirror(try await Images.shared.bundle("bench"))
    let verdict = try await mirror.run(events: 300) { observation in
      seen.withLock { $0.append(observation) }
    }
    let all = seen.withLock { $0 }
    #expect(all.count == verdict.tally.eventCount)
    #expect(all.map(\.event.number) == Array(0..<all.count))
    for (last, next) in zip(all, all.dropFirst()) {
      #expect(last.entered <= last.left && last.left < next.entered, "event \(next.event.number)")
      #expect(next.before.current == last.after.current && next.before.now == last.after.now)
      #expect(next.event.task == last.after.current)
    }
    // Ticks are a millisecond apart by the target's own clock, give or take the calls before them.
    let ticks = all.filter { $0.event.door == .tick }.map(\.entered)
    for (last, next) in zip(ticks, ticks.dropFirst()) {
      #expect((900_000...1_100_000).contains(next - last), "a tick after \(next - last) ns")
    }
    #expect(all.contains { !$0.copies.isEmpty })
  }

  @Test("The runs of a campaign follow from its seed, and resuming leaves the first ones out.")
  func campaign() {
    let boards = Images.boards
    let whole = Campaign(eventCount: 1_000_000, seed: 7, boards: boards)
    #expect(whole.runs.count == 100 && whole.runs.map(\.eventCount).reduce(0, +) == 1_000_000)
    let rest = Campaign(eventCount: 1_000_000, seed: 7, boards: boards, from: 31)
    #expect(rest.runs == Array(whole.runs.dropFirst(31)))
    let pairs = Set(whole.runs.map { "\($0.app) \($0.board)" })
    #expect(pairs.count >= 15, "\(pairs.sorted())")
    #expect(Set(whole.runs.map(\.seed)).count == 100)
    #expect(Campaign(eventCount: 25_001, seed: 7, boards: boards).runs.last?.eventCount == 5_001)
  }
}
