// ApusSimulatorTests/LineTests.swift: every line that the NVIC can have is a line of the simulator.
// The board is one of the repository with 240 lines instead of its own.

import ApusABI
import ApusKernel
import Foundation
import ImagePlan
import Testing

@testable import ApusSimulator

@Suite struct LineTests {
  /// Where words of 32 and of 64 bits meet, and the ends.
  static let edges = [0, 31, 32, 33, 63, 64, 95, 96, 127, 128, 191, 192, 238, 239]

  /// A supervisor, and a driver that owns `line` as its bit 3.
  private static func app(owning line: Int) throws -> App {
    let manifest = try Manifest(
      parsing: """
        app: lines
        boards: [mps2-an385]
        tasks:
          - name: supervisor
            stack: 512
            notifications: [fault]
          - name: driver
            stack: 512
            notifications: [zeroth, first, second, alarm]
            peripherals: [timer0]
            interrupts: { owned: alarm }
        """, file: "lines.yaml")
    let file = Fixture.root.appending(path: "boards/mps2-an385/board.yaml")
    var board = try Board(
      parsing: String(contentsOf: file, encoding: .utf8), file: "board.yaml")
    board.interruptCount = LineSet.numbers.count
    board.interrupts = [Board.Interrupt(name: "owned", number: line)]
    return try App(manifest, on: board)
  }

  private static func call(_ call: Call, _ mask: UInt32, _ control: UInt32 = 0) -> Step {
    var registers = Registers()
    (registers.r4, registers.r5, registers.r9) = (mask, control, mask)
    registers.r11 = call.rawValue
    return .call(registers)
  }

  @Test("A line is masked, enabled, pending, taken and cleared, whatever its number is.")
  func everyState() throws {
    for line in LineSet.numbers {
      let driver = Script {
        Self.call(.irqStatus, 8).named("masked")
        Self.call(.irqControl, 8, InterruptControl.enable)
        Self.call(.irqStatus, 8).named("enabled")
        Self.call(.receiveNotifications, 8).named("taken")
        Self.call(.irqStatus, 8).named("held")
        Step.compute(50_000)
        Self.call(.irqStatus, 8).named("pending")
        Self.call(.irqControl, 8, InterruptControl.clearPending)
        Self.call(.irqStatus, 8).named("cleared")
      }
      let simulation = Simulation<3>(
        try Self.app(owning: line), programs: [Fixture.supervisor(), driver])
      let device = ScriptedDevice(line: line)
      device.at(cycle: 10_000) { $0.isAsking = true }
      device.at(cycle: 20_000) { $0.isAsking = false }
      // Latched, though no longer held: only `clearPending` takes it back.
      device.at(cycle: 30_000) { $0.isAsking = true }
      device.at(cycle: 31_000) { $0.isAsking = false }
      simulation.devices.attach(device, at: 0x4000_0000, size: 0x1000, owner: 1)
      simulation.isRecording = true
      simulation.run(milliseconds: 4)
      func status(_ name: String) -> UInt32? { driver[name]?.r4 }
      let both = InterruptStatus.enabled | InterruptStatus.pending
      #expect(status("masked") == 0, "line \(line)")
      #expect(status("enabled") == InterruptStatus.enabled, "line \(line)")
      #expect(driver["taken"]?.r5 == 8, "line \(line)")
      #expect(status("held").map { $0 & both } == InterruptStatus.pending, "line \(line)")
      #expect(status("pending").map { $0 & both } == InterruptStatus.pending, "line \(line)")
      #expect(status("cleared").map { $0 & both } == 0, "line \(line)")
      let raised = simulation.events.filter { $0.kind == .raised(UInt32(line)) }
      #expect(raised.map(\.task) == [1, 1], "line \(line)")
    }
  }

  @Test("A line that is raised from outside is lost again; one that nobody owns harms nobody.")
  func raiseAndLose() throws {
    for line in LineSet.numbers {
      let driver = Script(repeated: true) {
        Self.call(.irqControl, 8, InterruptControl.enable)
        Self.call(.receiveNotifications, 8)
      }
      let simulation = Simulation<3>(
        try Self.app(owning: 64), programs: [Fixture.supervisor(), driver])
      simulation.isRecording = true
      simulation.run(milliseconds: 1)
      simulation.raise(line)
      simulation.lose(line)
      simulation.run(milliseconds: 1)
      #expect(!simulation.events.contains { $0.kind == .enter(.interrupt(UInt32(line))) })
      simulation.raise(line)
      simulation.run(milliseconds: 1)
      let isTaken = simulation.events.contains { $0.kind == .enter(.interrupt(UInt32(line))) }
      #expect(isTaken == (line == 64), "line \(line)")
      #expect(simulation.boots == 1)
    }
  }

  @Test("A set of lines has exactly the lines that were put in, and the lowest comes first.")
  func sets() {
    var set = LineSet()
    #expect(set.isEmpty && set.first == nil && set.members == [])
    for line in Self.edges.reversed() {
      set.insert(line)
      #expect(set.first == line)
    }
    #expect(set.members == Self.edges)
    #expect(set.union(LineSet(100)).members == (Self.edges + [100]).sorted())
    #expect(set.intersection(LineSet(239)) == LineSet(239))
    #expect(set.subtracting(LineSet(0)).first == 31)
    for line in Self.edges {
      #expect(LineSet(line).members == [line])
      set.remove(line)
      #expect(!set.contains(line))
    }
    #expect(set == LineSet())
  }
}
