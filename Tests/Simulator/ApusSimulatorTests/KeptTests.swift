// ApusSimulatorTests/KeptTests.swift: what a task keeps, in the simulator.
// The tasks are those of the app `lives`, which the boards run, too.

import Conversations
import Foundation
import ImagePlan
import LivesDiary
import LivesSupervisor
import Testing

@testable import ApusSimulator

@Suite struct KeptTests {
  private static func lives(seed: UInt64) throws -> (Simulation<3>, SimulatedUART) {
    let app = try App(simulating: "Lives", root: Fixture.root)
    let simulation = Simulation<3>(
      app, programs: [FiberProgram(LivesSupervisor.runTask), FiberProgram(LivesDiary.runTask)],
      seed: seed)
    return (simulation, try #require(simulation.attachUART()))
  }

  @Test("In the simulator a task counts its lives as on every board, whatever the noise is.")
  func lives() throws {
    for seed in 1...50 as ClosedRange<UInt64> {
      let (simulation, uart) = try Self.lives(seed: seed)
      let words = try simulation.expect("life 6\r\n", from: uart)
      #expect(words == LivesTalk.all, "seed \(seed)")
      #expect(simulation.boots == 3)
    }
  }

  @Test("At power-on kept memory is noise, other noise for another seed; the rest is as it was.")
  func noise() throws {
    let (one, _) = try Self.lives(seed: 1)
    let (other, _) = try Self.lives(seed: 2)
    func kept(_ simulation: Simulation<3>) -> ArraySlice<UInt8> {
      simulation.machine.memories[1].bytes.suffix(28)
    }
    #expect(kept(one) != kept(other))
    for simulation in [one, other] {
      #expect(Set(kept(simulation)).count > 8)
      // Below it is the first frame, and nothing else yet.
      #expect(simulation.machine.memories[1].bytes.dropLast(28 + 32).allSatisfy { $0 == 0 })
      #expect(simulation.machine.memories[0].bytes.dropLast(32).allSatisfy { $0 == 0 })
    }
  }
}
