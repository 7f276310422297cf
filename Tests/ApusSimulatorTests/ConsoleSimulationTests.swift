// ApusSimulatorTests/ConsoleSimulationTests.swift: the console's conversation, held on the host.
// The tasks are those of the firmware; the expectations are those of the boards.

import ApusSimulator
import ConsoleClock
import ConsoleLogger
import ConsoleSensor
import ConsoleShell
import ConsoleSupervisor
import ConsoleUart
import Foundation
import ImagePlan
import Testing

@Suite struct ConsoleSimulationTests {
  private static let prompt = "apus> "

  /// A console at its first prompt, and the UART to talk to it.
  private static func console(seed: UInt64 = 1) throws -> (Simulation<7>, SimulatedUART) {
    let programs = [
      FiberProgram(ConsoleSupervisor.runTask), FiberProgram(ConsoleUart.runTask),
      FiberProgram(ConsoleClock.runTask), FiberProgram(ConsoleLogger.runTask),
      FiberProgram(ConsoleSensor.runTask), FiberProgram(ConsoleShell.runTask),
    ]
    let app = try App(simulating: "Console", root: Fixture.root)
    let simulation = Simulation<7>(app, programs: programs, seed: seed)
    let uart = try #require(simulation.attachUART())
    simulation.isRecording = true
    try simulation.expect(prompt, from: uart)
    return (simulation, uart)
  }

  @Test("A crash shows in `ps` with its address; the task lives again as generation 1.")
  func crashAndRestart() throws {
    let (simulation, uart) = try Self.console()
    let before = try simulation.ask("ps", until: Self.prompt, on: uart)
    for name in ["supervisor", "uart", "clock", "logger", "sensor", "shell", "idle"] {
      #expect(before.row(name)?.prefix(2) == ["0", "0"], "\(before)")
    }
    let fault = try simulation.ask("crash sensor memory", until: Self.prompt, on: uart)
    #expect(fault.contains("fault: task 'sensor', generation 0: memory at 0x20000008"), "\(fault)")
    #expect(fault.contains("restarted as generation 1"), "\(fault)")
    let after = try simulation.ask("ps", until: Self.prompt, on: uart)
    #expect(after.row("sensor")?.prefix(2) == ["1", "1"], "\(after)")
    for name in ["supervisor", "uart", "clock", "logger", "shell", "idle"] {
      #expect(after.row(name)?.prefix(2) == ["0", "0"], "\(after)")
    }
    try simulation.ask("exit", until: "apus: end of session\r\n", on: uart)
  }

  @Test("A panic's text arrives, with its file and line.")
  func panicText() throws {
    let (simulation, uart) = try Self.console()
    let answer = try simulation.ask("crash sensor panic", until: Self.prompt, on: uart)
    #expect(answer.contains("asked to panic\""), "\(answer)")
    #expect(answer.contains("Crime.swift:"), "\(answer)")
  }

  @Test("Sample, loan, flood, log and uptime answer as on a board.")
  func commands() throws {
    let (simulation, uart) = try Self.console()
    let loan = try simulation.ask("lend", until: Self.prompt, on: uart)
    #expect(loan.contains("lent 64 bytes, the sensor filled 64, their sum is 2080"), "\(loan)")
    let flood = try simulation.ask("flood", until: Self.prompt, on: uart)
    #expect(flood.contains("1000 sent, 1000 answered in "), "\(flood)")
    let log = try simulation.ask("log", until: Self.prompt, on: uart)
    #expect(log.contains("shell       start"), "\(log)")
    let unknown = try simulation.ask("dance", until: Self.prompt, on: uart)
    #expect(unknown.contains("no such command"), "\(unknown)")
    let edited = try simulation.ask("rexx\u{7F}\u{8}ad", until: Self.prompt, on: uart)
    #expect(edited.contains(" degrees"), "\(edited)")
  }

  private static let crimes: [(name: String, fault: String)] = [
    ("memory", "memory at 0x20000008"), ("device", "memory at 0x4000f000"),
    ("stack", "stack overflow at 0x"), ("bus", "bus at 0xe000ed28"), ("text", "illegal text"),
    ("illegal", "illegal instruction"), ("trap", "illegal instruction"),
    ("divide", "division by zero"), ("invalid", "invalid operation"),
    ("unaligned", "invalid operation"), ("breakpoint", "breakpoint"),
    ("slice", "bad slice at 0x20000000"), ("usage", "usage (unknown call)"),
    ("service", "usage (not the supervisor)"), ("panic", "panic"),
    ("refused", "refused by supervisor"), ("injected", "injected"),
  ]

  @Test("Every kind of fault is charged to the task that asked for it, and to no other.")
  func everyCrime() throws {
    let (simulation, uart) = try Self.console()
    for (lives, crime) in Self.crimes.enumerated() {
      let answer = try simulation.ask("crash clock \(crime.name)", until: Self.prompt, on: uart)
      #expect(
        answer.contains("fault: task 'clock', generation \(lives): \(crime.fault)"), "\(answer)")
      // After a life of less than 50 ms the next one would be put off, as in a crash loop.
      simulation.run(milliseconds: 100)
    }
    let end = try simulation.ask("ps", until: Self.prompt, on: uart)
    let lives = "\(Self.crimes.count)"
    #expect(end.row("clock")?.prefix(2) == [lives, lives], "\(end)")
    for name in ["supervisor", "uart", "logger", "sensor", "shell", "idle"] {
      #expect(end.row(name)?.prefix(2) == ["0", "0"], "\(end)")
    }
  }

  @Test("Any task may die; the supervisor's death resets the machine and is told.")
  func everyVictim() throws {
    let (simulation, uart) = try Self.console()
    for victim in ["uart", "clock", "logger", "sensor"] {
      let answer = try simulation.ask("crash \(victim) memory", until: Self.prompt, on: uart)
      #expect(answer.contains("fault: task '\(victim)', generation 0: memory"), "\(answer)")
    }
    let life = try simulation.ask("crash shell memory", until: Self.prompt, on: uart)
    #expect(life.contains("shell: a new life"), "\(life)")
    let boot = try simulation.ask("crash supervisor memory", until: Self.prompt, on: uart)
    #expect(boot.contains("last reset: the supervisor died: memory at 0x20000008"), "\(boot)")
    #expect(simulation.boots == 2)
    let reset = try simulation.ask("reset", until: Self.prompt, on: uart)
    #expect(reset.contains("last reset: requested"), "\(reset)")
    #expect(simulation.boots == 3)
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
        answer = try simulation.ask("ps", until: Self.prompt, on: uart)
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
      try simulation.ask("crash sensor trap", until: Self.prompt, on: uart)
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
      let answer = try simulation.ask("crash clock memory", until: Self.prompt, on: uart)
      #expect(answer.contains("generation \(life): memory"), "\(answer)")
      simulation.run(milliseconds: 100)
    }
    let uptime = try simulation.ask("uptime", until: Self.prompt, on: uart)
    #expect(uptime.contains("up "), "\(uptime)")
  }
}

extension String {
  /// The words behind `name` in the line of `ps` that begins with it.
  func row(_ name: String) -> [String]? {
    split(whereSeparator: \.isNewline).map { $0.split { $0 == " " || $0 == ";" } }
      .first { $0.first == Substring(name) }?.dropFirst().map(String.init)
  }
}
