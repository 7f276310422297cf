// ApusSimulatorTests/ConsoleSimulationTests.swift: the console's conversation, held on the host.
// The tasks are those of the firmware; the expectations are those of the boards.

import ApusSimulator
import ConsoleClock
import ConsoleLogger
import ConsoleSensor
import ConsoleShell
import ConsoleSupervisor
import ConsoleUart
import Conversations
import Foundation
import ImagePlan
import Testing

/// The console in the simulator.
private struct SimulatedConsole: ConsoleUnderTest {
  let simulation: Simulation<7>
  let uart: SimulatedUART
  var board: String { simulation.app.board.name }
  var refusesControlSpace: Bool { true }

  func type(_ bytes: [UInt8]) { uart.type(bytes) }
  func expect(_ text: String) throws -> String { try simulation.expect(text, from: uart) }
  func letPass(milliseconds: Int) { simulation.run(milliseconds: UInt64(milliseconds)) }
}

@Suite struct ConsoleSimulationTests {
  /// A console at its first prompt, and the UART to talk to it.
  private static func console(
    seed: UInt64 = 1, firstTick: UInt64 = 0
  ) throws -> (Simulation<7>, SimulatedUART) {
    let programs = [
      FiberProgram(ConsoleSupervisor.runTask), FiberProgram(ConsoleUart.runTask),
      FiberProgram(ConsoleClock.runTask), FiberProgram(ConsoleLogger.runTask),
      FiberProgram(ConsoleSensor.runTask), FiberProgram(ConsoleShell.runTask),
    ]
    let app = try App(simulating: "Console", root: Fixture.root)
    let simulation = Simulation<7>(app, programs: programs, seed: seed, firstTick: firstTick)
    let uart = try #require(simulation.attachUART())
    simulation.isRecording = true
    try simulation.expect(ConsoleTalk.prompt, from: uart)
    return (simulation, uart)
  }

  @Test(
    "In the simulator the console holds the conversations that it holds on every board.",
    arguments: ConsoleTalk.all)
  func conversation(talk: ConsoleTalk) async throws {
    let (simulation, uart) = try Self.console()
    try await talk.hold(SimulatedConsole(simulation: simulation, uart: uart))
  }

  @Test(
    "The console notices nothing of a clock whose low word wraps amid a conversation.",
    arguments: [ConsoleTalk.all[0], ConsoleTalk.all[2]])
  func clockWrap(talk: ConsoleTalk) async throws {
    let (simulation, uart) = try Self.console(firstTick: 1 << 32 - 60)
    try await talk.hold(SimulatedConsole(simulation: simulation, uart: uart))
    simulation.run(milliseconds: 100)
    #expect(simulation.kernel.now > 1 << 32)
  }

  @Test(
    "Whoever dies before any of its actions, the shell answers again, and nobody else dies.",
    arguments: 1...5)
  func deathAtEveryAction(victim: Int) throws {
    var died = 0
    for offset in 1...16 {
      let (simulation, uart) = try Self.console()
      simulation.crash(victim, beforeAction: simulation.actions[victim] + offset)
      uart.type("read\rlog\r".utf8)
      simulation.run(milliseconds: 700)
      uart.removeOutput(uart.output.count)
      // A uart that dies now takes the line with it, as its source says; so the shell is asked again.
      var answer = ""
      for _ in 0..<3 where answer.row("idle") == nil {
        answer = try simulation.ask("ps", until: ConsoleTalk.prompt, on: uart)
      }
      let name = simulation.app.tasks[victim].name
      for task in simulation.app.tasks {
        let lives = answer.row(task.name)?.first
        if task.name == name {
          died += lives == "1" ? 1 : 0
        } else {
          #expect(lives == "0", "\(name) before action \(offset): \(answer)")
        }
      }
      #expect(simulation.boots == 1)
    }
    // Nobody asks the clock in this conversation.
    #expect(died > 0 || victim == 2)
  }

  @Test("One seed makes one trace, byte for byte; another seed another.")
  func determinism() throws {
    func trace(_ seed: UInt64) throws -> [String] {
      let (simulation, uart) = try Self.console(seed: seed)
      try simulation.ask("crash sensor trap", until: ConsoleTalk.prompt, on: uart)
      simulation.run(milliseconds: 1_500)
      return simulation.trace
    }
    let first = try trace(7)
    #expect(first.count > 500)
    #expect(try trace(7) == first)
    #expect(try trace(8) != first)
  }

  @Test("A hundred lives of a task end without a trace in the next.")
  func manyLives() throws {
    let (simulation, uart) = try Self.console()
    for life in 0..<100 {
      let answer = try simulation.ask("crash clock memory", until: ConsoleTalk.prompt, on: uart)
      #expect(answer.contains("generation \(life): memory"), "\(answer)")
      simulation.run(milliseconds: 100)
    }
    let uptime = try simulation.ask("uptime", until: ConsoleTalk.prompt, on: uart)
    #expect(uptime.contains("up "), "\(uptime)")
  }
}
