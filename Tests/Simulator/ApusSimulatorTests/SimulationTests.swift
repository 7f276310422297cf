// ApusSimulatorTests/SimulationTests.swift: scripts and hostile tasks in a device of three.
// The manifest is the test's own, the board is one of the repository.

import Apus
import ApusABI
import ApusKernel
import Checkout
import Foundation
import ImagePlan
import Testing

@testable import ApusSimulator

/// A supervisor, a server and a client, and the repository's files.
enum Fixture {
  static let root = Checkout.root

  static func app() throws -> App {
    let manifest = try Manifest(
      parsing: """
        app: three
        boards: [mps2-an385]
        tasks:
          - name: supervisor
            stack: 512
            notifications: [fault]
          - name: server
            stack: 512
            notifications: [timer]
          - name: client
            stack: 512
            notifications: [timer]
            calls: [supervisor, server]
            notifies: { server: [timer] }
        """, file: "three.yaml")
    let file = root.appending(path: "boards/mps2-an385/board.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    return try App(manifest, on: Board(parsing: text, file: "board.yaml"))
  }

  /// A supervisor that restarts the client whenever something faults.
  static func supervisor() -> Script {
    Script(repeated: true) {
      Step.wait(1)
      Step.restart(1)
      Step.restart(2)
    }
  }

  /// A supervisor that also restarts both at every tick, so that nobody waits for ever.
  static func impatientSupervisor() -> Script {
    Script {
      for tick in 1...200 as ClosedRange<UInt64> {
        Step.setTimer(tick, bits: 2)
        Step.wait(3)
        Step.restart(1)
        Step.restart(2)
      }
    }
  }
}

@Suite struct SimulationTests {
  @Test("A script's message arrives, and its reply comes back.")
  func exchange() throws {
    let server = Script {
      Step.receive().named("request")
      Step.reply([7, 8, 9], to: 2, code: 5)
    }
    let client = Script { Step.send([1, 2, 3, 4], operation: 6, to: 1).named("answer") }
    let simulation = Simulation<4>(
      try Fixture.app(), programs: [Fixture.supervisor(), server, client])
    simulation.run(milliseconds: 2)
    let request = try #require(server["request"])
    #expect(request.r4 == 6 << 16 | 2)
    #expect(request.r5 == 4)
    let answer = try #require(client["answer"])
    #expect(answer.r4 == 5)
    #expect(answer.r5 == 3)
    let received = simulation.machine.memories[2][HostMachine.ram(2) + 0x200, 3]
    #expect(received.map(Array.init) == [7, 8, 9])
  }

  @Test("A timer wakes its task at the tick of its deadline, and idle time costs nothing.")
  func timer() throws {
    let server = Script {
      Step.setTimer(50, bits: 1)
      Step.wait(1).named("woken")
    }
    let simulation = Simulation<4>(
      try Fixture.app(), programs: [Fixture.supervisor(), server, Script {}])
    simulation.run(milliseconds: 49)
    #expect(server["woken"] == nil)
    simulation.run(milliseconds: 2)
    #expect(server["woken"]?.r5 == 1)
    #expect(simulation.kernel.now == 51)
  }

  @Test("A script that computes is preempted at a tick, and goes on where it was.")
  func preemption() throws {
    let server = Script {
      Step.setTimer(2, bits: 1)
      Step.wait(1).named("woken")
    }
    let client = Script {
      Step.compute(100_000)
      Step.post(1, to: 1).named("done")
    }
    let simulation = Simulation<4>(
      try Fixture.app(), programs: [Fixture.supervisor(), server, client])
    simulation.run(milliseconds: 3)
    #expect(server["woken"] != nil)
    #expect(client["done"] == nil)
    simulation.run(milliseconds: 3)
    #expect(client["done"]?.r4 == 0)
  }

  @Test("A faulting task is restarted by its supervisor, and begins its script anew.")
  func restart() throws {
    let client = Script {
      Step.compute(1_000)
      Step.fault(.memory, address: 0x1234)
    }
    let simulation = Simulation<4>(
      try Fixture.app(), programs: [Fixture.supervisor(), Script {}, client])
    simulation.isRecording = true
    simulation.run(milliseconds: 5)
    #expect(simulation.kernel.tasks[2].id.generation > 3)
    #expect(simulation.trace.contains { $0.contains("client: faults: memory at 0x1234") })
    #expect(simulation.boots == 1)
  }

  @Test("Whatever a hostile task calls, nobody above it faults, and no byte of theirs changes.")
  func hostility() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      let near = (0..<4).flatMap { [HostMachine.ram($0), HostMachine.flash($0)] }
      let server = Script(repeated: true) { Step.receive() }
      let simulation = Simulation<4>(
        try Fixture.app(),
        programs: [
          Fixture.impatientSupervisor(), server, HostileProgram(seed: seed, near: near),
        ],
        seed: seed)
      simulation.run(milliseconds: 200)
      #expect(simulation.boots == 1, "seed \(seed)")
      #expect(!simulation.kernel.tasks[1].state.isFaulted, "seed \(seed)")
      #expect(simulation.kernel.tasks[2].id.generation > 100, "seed \(seed)")
      // The supervisor receives no message, so its memory is as it was, but for its first frame.
      let memory = simulation.machine.memories[0].bytes.dropLast(32)
      #expect(memory.allSatisfy { $0 == 0 }, "seed \(seed)")
    }
  }

  @Test("A task that makes no call for a second of host time is named, and preempted.")
  func endlessLoop() throws {
    let client = FiberProgram {
      var rounds: UInt64 = 0
      while true { rounds &+= UInt64.random(in: 0...1) }
    }
    let simulation = Simulation<4>(
      try Fixture.app(), programs: [Fixture.supervisor(), Script {}, client])
    simulation.run(milliseconds: 1)
    #expect(simulation.stuckTask == "client")
  }

  @Test("A device's words cannot act on the terminal of who waits for others.")
  func silence() throws {
    let app = try App(simulating: "Lives", root: Fixture.root)
    let talker = FiberProgram {
      var uart = UART(0x4000_4000, .cmsdk)
      uart.enable()
      uart.print("\u{1B}[2J\u{85}\r\nfault: nobody\u{7F}")
      fatalError()
    }
    let simulation = Simulation<3>(app, programs: [Script {}, talker])
    let uart = try #require(simulation.attachUART())
    let error = #expect(throws: SilenceError.self) {
      try simulation.expect("a word\n", from: uart, limit: 5)
    }
    #expect(
      error?.description == #"""
        no 'a word\n' within 5 ms of virtual time, but:
          | \u001b[2J
          | fault: nobody\u007f
        """#)
  }

  @Test("An interrupt that nobody owns, and a storm of one, harm nobody.")
  func strayInterrupts() throws {
    let simulation = Simulation<4>(
      try Fixture.app(), programs: [Fixture.supervisor(), Script {}, Script {}])
    for line in 0..<32 {
      simulation.raise(line)
      simulation.run(milliseconds: 1)
      simulation.lose(line)
    }
    #expect(simulation.boots == 1)
    #expect((0..<4).allSatisfy { !simulation.kernel.tasks[$0].state.isFaulted })
  }

  @Test("Simulations on several threads do not meet.")
  func parallel() async throws {
    let app = try Fixture.app()
    let traces = await withTaskGroup(of: [String].self) { group in
      for _ in 0..<4 {
        group.addTask {
          let simulation = Simulation<4>(
            app,
            programs: [Fixture.impatientSupervisor(), Script {}, HostileProgram(seed: 3)])
          simulation.isRecording = true
          simulation.run(milliseconds: 50)
          return simulation.trace
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(traces.allSatisfy { $0 == traces[0] && $0.count > 100 })
  }
}
