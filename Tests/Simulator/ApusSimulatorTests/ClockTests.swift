// ApusSimulatorTests/ClockTests.swift: the simulation's clocks agree with each other.
// The same sums hold on the boards: see QEMUKitTests/IdleTimeTests.swift.

import ApusABI
import ApusKernel
import Testing

@testable import ApusSimulator

@Suite struct ClockTests {
  @Test("Fifty ticks of 1 ms are 1,250,000 counts of a timer at 25 MHz, busy or idle.")
  func ticksAndCounts() throws {
    for supervisor in [Fixture.supervisor(), Fixture.impatientSupervisor()] {
      let simulation = Simulation<4>(
        try Fixture.app(), programs: [supervisor, Script { Step.wait(1) }, Script { Step.wait(1) }])
      let timer = IntervalTimer(line: 40)
      simulation.devices.attach(timer, at: 0x4000_0000, size: 0x1000, owner: 1)
      timer.store(0x04, 2_000_000_000)
      timer.store(0x00, 1)
      simulation.run(milliseconds: 50)
      #expect(simulation.kernel.now == 50)
      #expect(simulation.milliseconds == 50)
      // The last tick is taken when the passage before it has ended.
      let counts = 2_000_000_000 - timer.load(0x04)
      #expect((1_250_000...1_251_000).contains(counts), "\(counts)")
    }
  }
}
