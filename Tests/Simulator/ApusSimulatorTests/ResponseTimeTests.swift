// ApusSimulatorTests/ResponseTimeTests.swift: simulated response times against the bounds by analysis.
// If one exceeded its bound, the simulator or the analysis would be wrong: each tests the other.

import Foundation
import ImagePlan
import Testing

@testable import ApusSimulator

/// A driver, two servers, one of them above and one below `high`, and three tasks with timers.
private enum Plant {
  static func app() throws -> App {
    let manifest = try Manifest(
      parsing: """
        app: plant
        boards: [mps2-an385]
        tasks:
          - name: supervisor
            stack: 512
            notifications: [fault]
          - name: driver
            stack: 512
            notifications: [alarm]
            peripherals: [timer0]
            interrupts: { timer0: alarm }
          - name: deep
            stack: 512
          - name: high
            stack: 512
            notifications: [timer]
            calls: [deep]
          - name: server
            stack: 512
            calls: [deep]
          - name: middle
            stack: 512
            notifications: [timer]
            calls: [deep, server]
          - name: low
            stack: 512
            notifications: [timer]
            calls: [deep, server]
        """, file: "plant.yaml")
    let file = Fixture.root.appending(path: "boards/mps2-an385/board.yaml")
    return try App(
      manifest, on: Board(parsing: String(contentsOf: file, encoding: .utf8), file: "board.yaml"))
  }

  /// The workload of a seed, which loads the processor to some 30 to 90 %.
  static func workload(_ random: inout Generator) -> Workload {
    func draw(_ range: ClosedRange<UInt64>) -> UInt64 {
      range.lowerBound + random.next() % (range.upperBound - range.lowerBound + 1)
    }
    func compute(_ most: UInt64) -> Workload.Work { .compute(draw(100...most)) }
    func call(_ server: Int) -> Workload.Work { .call(server, byteCount: Int(draw(0...256))) }
    return Workload([
      1: .init(.interrupt(line: 8, minimumCycles: draw(20_000...60_000)), [compute(3_000)]),
      2: .init(.message(replyByteCount: Int(draw(0...64))), [compute(2_000)]),
      3: .init(
        .every(ticks: draw(2...4), first: draw(2...5)), [compute(6_000), call(2), compute(500)]),
      4: .init(.message(replyByteCount: Int(draw(0...64))), [compute(3_000), call(2)]),
      5: .init(
        .every(ticks: draw(4...8), first: draw(2...5)), [compute(9_000), call(4), call(2)]),
      6: .init(
        .every(ticks: draw(8...16), first: draw(2...5)),
        [call(4), compute(20_000), call(4), call(2)]),
    ])
  }

  /// Runs `workload` for so many milliseconds, the interrupt as often as it may come, or rarer.
  static func run(
    _ workload: Workload, milliseconds: UInt64, _ random: inout Generator
  ) throws -> Latencies {
    let app = try app()
    let simulation = Simulation<8>(app, programs: workload.programs(count: 7))
    let latencies = Latencies(of: simulation)
    guard case .interrupt(let line, let minimum)? = workload.activities[1]?.release else {
      return latencies
    }
    var cycle: UInt64 = 30_000
    while cycle < milliseconds * 25_000 {
      simulation.at(cycle: cycle) { $0.raise(Int(line)) }
      cycle += minimum + random.next() % 3 * (random.next() % 5_000)
    }
    simulation.run(milliseconds: milliseconds)
    return latencies
  }
}

@Suite struct ResponseTimeTests {
  @Test("No simulated response time exceeds the bound that the analysis gives.")
  func boundsHold() throws {
    let replay = Replay(1...30, of: "ResponseTimeTests/boundsHold")
    var compared = 0
    for seed in replay.seeds {
      var random = Generator(seed: seed)
      let workload = Plant.workload(&random)
      let bounds = ResponseTimes(workload, of: try Plant.app())
      let latencies = try Plant.run(workload, milliseconds: 120, &random)
      for path in latencies.samples.keys.sorted() {
        guard let bound = bounds.bound(path) else { continue }
        let longest = latencies[path].maximum
        #expect(longest <= bound, "\(path) took \(longest), bound \(bound); \(replay.note(seed))")
        compared += 1
      }
    }
    // Few workloads are too heavy for a bound.
    #expect(compared >= replay.seeds.count * 5, "only \(compared) paths had a bound")
  }

  @Test("Where all is released at once the longest response comes close to its bound.")
  func boundsAreTight() throws {
    var random = Generator(seed: 1)
    let workload = Workload([
      1: .init(.interrupt(line: 8, minimumCycles: 50_000), [.compute(2_000)]),
      2: .init(.message(replyByteCount: 16), [.compute(1_500)]),
      3: .init(.every(ticks: 4, first: 4), [.compute(5_000), .call(2, byteCount: 16)]),
      5: .init(.every(ticks: 8, first: 4), [.compute(6_000), .call(2, byteCount: 16)]),
      6: .init(.every(ticks: 16, first: 4), [.compute(9_000)]),
    ])
    let bounds = ResponseTimes(workload, of: try Plant.app())
    #expect(bounds.utilisation < 0.5)
    let latencies = try Plant.run(workload, milliseconds: 200, &random)
    for (task, factor) in [(3, 2.0), (5, 2.0), (6, 2.0)] {
      let bound = try #require(bounds.bound(.job(task: task)))
      let longest = latencies[.job(task: task)].maximum
      #expect(longest <= bound)
      #expect(
        Double(bound) <= Double(longest) * factor,
        "task \(task): bound \(bound), longest \(longest): the bound is of no use")
    }
    let table = latencies.table({ "task \($0)" }, clockHertz: 25_000_000)
    #expect(table.contains("task 3 calls task 2, operation 0"))
    #expect(table.contains("interrupt 8 to task 1"))
  }

  @Test("A load that the processor cannot carry has no bound.")
  func overload() throws {
    let workload = Workload([
      3: .init(.every(ticks: 1, first: 1), [.compute(20_000)]),
      5: .init(.every(ticks: 1, first: 1), [.compute(10_000)]),
    ])
    let bounds = ResponseTimes(workload, of: try Plant.app())
    #expect(bounds.bound(.job(task: 5)) == nil)
    #expect(bounds.bound(.job(task: 3)) != nil)
    #expect(bounds.utilisation > 1)
  }
}
