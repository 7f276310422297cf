// ApusSimulatorTests/FaultInjectionTests.swift: a device to which things are done, at every place in turn.
// After each the device must go on: nobody but the victim is harmed, and work is still answered.

import ApusABI
import ApusKernel
import Foundation
import ImagePlan
import Testing

@testable import ApusSimulator

/// A supervisor that a line can wake, a driver, a server and a client.
private enum Rig {
  static let poke = 0
  static let alarm = 8

  static func app() throws -> App {
    let manifest = try Manifest(
      parsing: """
        app: rig
        boards: [mps2-an385]
        tasks:
          - name: supervisor
            stack: 512
            notifications: [fault, poke]
            peripherals: [uart]
            interrupts: { uart-rx: poke }
          - name: driver
            stack: 512
            notifications: [alarm, timer]
            peripherals: [timer0]
            interrupts: { timer0: alarm }
          - name: server
            stack: 512
          - name: client
            stack: 512
            calls: [server]
        """, file: "rig.yaml")
    let file = Fixture.root.appending(path: "boards/mps2-an385/board.yaml")
    return try App(
      manifest, on: Board(parsing: String(contentsOf: file, encoding: .utf8), file: "board.yaml"))
  }

  static func call(_ call: Call, r4: UInt32 = 0, r5: UInt32 = 0, r9: UInt32 = 0) -> Step {
    var registers = Registers()
    (registers.r4, registers.r5, registers.r9) = (r4, r5, r9)
    registers.r11 = call.rawValue
    return .call(registers)
  }

  /// Restarts `victims` whenever something faults or the line pokes it.
  static func supervisor(_ victims: [Int]) -> Script {
    Script(repeated: true) {
      call(.irqControl, r4: 2, r5: 1)
      Step.wait(3)
      for victim in victims { Step.restart(victim) }
    }
  }

  /// Takes each alarm, or looks by itself every 5 ms.
  static func driver() -> Script {
    Script(repeated: true) {
      call(.irqControl, r4: 1, r5: 1)
      Step.wait(1).named("alarm")
    }
  }

  /// Who asks and who answers, in whatever life: a script names first lives only.
  final class Client: Program {
    var answers = 0
    var deaths = 0
    private var server = TaskID(index: 2)
    private var isAsking = false

    func restart() { isAsking = false }

    func next(_ registers: Registers, _ memory: inout TaskMemory) -> Action {
      if isAsking {
        let code = ResponseCode(rawValue: registers.r4)
        if let generation = code.deadGeneration {
          deaths += 1
          server = TaskID(index: 2, generation: generation)
        } else {
          answers += 1
        }
      }
      isAsking = true
      var call = Registers()
      call.r4 = UInt32(server.rawValue)
      (call.r5, call.r6, call.r7, call.r8) = (memory.base, 8, memory.base + 0x100, 16)
      call.r11 = Call.send.rawValue
      return .call(call)
    }
  }

  final class Server: Program {
    private var isServing = false
    private var hasComputed = false
    func restart() { (isServing, hasComputed) = (false, false) }

    func next(_ registers: Registers, _ memory: inout TaskMemory) -> Action {
      if isServing, !hasComputed {
        hasComputed = true
        return .compute(cycles: 700)
      }
      hasComputed = false
      var call = Registers()
      (call.r4, call.r5, call.r6) = (registers.r4 & 0xFFFF, memory.base, 4)
      (call.r7, call.r8) = (memory.base + 0x100, 16)
      call.r11 = (isServing ? Call.replyAndReceive : .receive).rawValue
      isServing = true
      return .call(call)
    }
  }

  /// A rig with a client and a server that talk without end.
  static func simulation(
    victims: [Int], _ client: Client, firstTick: UInt64 = 0
  ) throws -> Simulation<5> {
    Simulation<5>(
      try app(), programs: [supervisor(victims), driver(), Server(), client], firstTick: firstTick)
  }

  /// Demands that the device is well: everybody healthy, and the client is answered again.
  static func demandWell(
    _ simulation: Simulation<5>, _ client: Client, boots: Int = 1, _ note: String
  ) {
    let before = client.answers
    simulation.run(milliseconds: 1)
    for index in 0..<5 {
      #expect(!simulation.kernel.tasks[index].state.isFaulted, "\(simulation.name(index)), \(note)")
    }
    #expect(client.answers > before + 5, "\(note)")
    #expect(simulation.boots == boots, "\(note)")
  }
}

@Suite struct FaultInjectionTests {
  @Test("A script is preempted at any instant of its computation, and loses nothing of it.")
  func anyInstant() throws {
    var ends: Set<UInt64> = []
    for instant in stride(from: 2_000 as UInt64, through: 6_000, by: 13) {
      let client = Script {
        Step.compute(9_000)
        Rig.call(.getTimer).named("end")
      }
      let driver = Rig.driver()
      let simulation = Simulation<5>(
        try Rig.app(), programs: [Rig.supervisor([]), driver, Script {}, client])
      simulation.isRecording = true
      simulation.at(cycle: instant) { $0.raise(Rig.alarm) }
      simulation.run(milliseconds: 1)
      #expect(driver["alarm"]?.r5 == 1, "raised at \(instant)")
      let taken = try #require(
        simulation.events.first { $0.kind == .enter(.interrupt(UInt32(Rig.alarm))) })
      #expect(taken.cycles == instant && taken.task == 3, "raised at \(instant)")
      let end = try #require(
        simulation.events.first {
          $0.task == 3 && $0.kind.text(simulation.name).contains("getTimer")
        }
      )
      ends.insert(end.cycles)
    }
    // Whenever it was preempted, it was so by the same work.
    #expect(ends.count == 1)
  }

  @Test("A server that dies between receive and reply leaves its client with the dead code.")
  func deathBeforeReply() throws {
    let client = Rig.Client()
    let simulation = try Rig.simulation(victims: [2], client)
    simulation.crash(2, beforeAction: 2)
    simulation.run(milliseconds: 2)
    #expect(client.deaths == 1)
    #expect(simulation.kernel.tasks[2].id.generation == 1)
    Rig.demandWell(simulation, client, "after the server's death")
  }

  @Test("A restart of client, server or driver at every kernel event: the device goes on.")
  func restartAtEveryEvent() throws {
    for victim in 1...3 {
      for step in 1...80 {
        let client = Rig.Client()
        let simulation = try Rig.simulation(victims: [victim], client)
        simulation.at(cycle: 9_000) { $0.raise(Rig.alarm) }
        simulation.after(step: step) { $0.raise(Rig.poke) }
        simulation.run(milliseconds: 2)
        let note = "victim \(victim) at event \(step)"
        #expect(simulation.kernel.tasks[victim].id.generation == 1, "\(note)")
        Rig.demandWell(simulation, client, note)
      }
    }
  }

  @Test("A crash of whoever runs at every kernel event: the device goes on, or begins again.")
  func crashAtEveryEvent() throws {
    var resets = 0
    for step in 1...80 {
      let client = Rig.Client()
      let simulation = try Rig.simulation(victims: [1, 2, 3], client)
      simulation.at(cycle: 9_000) { $0.raise(Rig.alarm) }
      simulation.crash(afterStep: step)
      simulation.run(milliseconds: 2)
      // The supervisor's own death is the machine's.
      resets += simulation.boots - 1
      Rig.demandWell(simulation, client, boots: min(simulation.boots, 2), "crash at event \(step)")
    }
    #expect(resets > 0 && resets < 20)
  }

  @Test("A late interrupt is served late, a lost one not at all, and neither harms anybody.")
  func lateAndLost() throws {
    let client = Rig.Client()
    let simulation = try Rig.simulation(victims: [], client)
    let latencies = Latencies(of: simulation)
    for number in 1...20 as ClosedRange<UInt64> {
      simulation.at(cycle: number * 20_000) { $0.raise(Rig.alarm) }
      // Every third is gone before the processor could take it.
      if number % 3 == 0 { simulation.at(cycle: number * 20_000) { $0.lose(Rig.alarm) } }
    }
    simulation.run(milliseconds: 20)
    let times = latencies[.interrupt(line: UInt32(Rig.alarm), owner: 1)]
    #expect(times.count == 14)
    #expect(times.maximum < 25_000)
    Rig.demandWell(simulation, client, "late and lost")
  }

  @Test(
    "A storm ends where its driver no longer lets it through, and is forgotten when it is over.")
  func storm() throws {
    let client = Rig.Client()
    let simulation = try Rig.simulation(victims: [], client)
    for cycle in stride(from: 5_000 as UInt64, to: 250_000, by: 90) {
      simulation.at(cycle: cycle) { $0.raise(Rig.alarm) }
    }
    simulation.run(milliseconds: 12)
    Rig.demandWell(simulation, client, "after the storm")
    // A driver that never enables its line again is told once.
    let silent = Script {
      Rig.call(.irqControl, r4: 1, r5: 1); Step.wait(1); Step.wait(2)
    }
    let other = Simulation<5>(
      try Rig.app(), programs: [Rig.supervisor([]), silent, Rig.Server(), client])
    other.isRecording = true
    for cycle in stride(from: 5_000 as UInt64, to: 250_000, by: 90) {
      other.at(cycle: cycle) { $0.raise(Rig.alarm) }
    }
    other.run(milliseconds: 12)
    #expect(other.events.filter { $0.kind == .enter(.interrupt(UInt32(Rig.alarm))) }.count == 1)
  }

  @Test("A slice that is not the caller's own, to the byte, stops the caller and nobody else.")
  func badPointers() throws {
    let base = HostMachine.ram(3)
    let end = base + HostMachine.windowBytes
    let slices: [(UInt32, UInt32, Bool)] = [
      (base, 8, true), (end - 8, 8, true), (base - 1, 8, false), (end - 7, 8, false),
      (end, 1, false), (base - 8, 8, false), (0, 1, false), (0xFFFF_FFFF, 2, false),
      (HostMachine.ram(2), 8, false), (HostMachine.flash(2), 8, false), (0x2000_0000, 4, false),
      (0x4000_4000, 4, false), (0xE000_ED00, 4, false), (HostMachine.flash(3), 8, true),
      (0xFFFF_FFFF, 0, true),
    ]
    for (address, count, isGood) in slices {
      var registers = Registers()
      (registers.r4, registers.r5, registers.r6) = (2, address, count)
      (registers.r7, registers.r8, registers.r11) = (base, 16, Call.send.rawValue)
      let client = Script { Step.call(registers) }
      let simulation = Simulation<5>(
        try Rig.app(), programs: [Rig.supervisor([]), Rig.driver(), Rig.Server(), client])
      simulation.run(milliseconds: 1)
      let note = "\(hex(address)), \(count) bytes"
      let fault = simulation.kernel.tasks[3].state.fault
      #expect(fault == (isGood ? FaultKind.none : .badSlice), "\(note)")
      #expect((0..<3).allSatisfy { !simulation.kernel.tasks[$0].state.isFaulted }, "\(note)")
    }
  }

  @Test("Timers are due at their tick where the clock's low word, or a millisecond count, wraps.")
  func clockWraps() throws {
    let low: UInt64 = 1 << 32
    for first in [low - 20, low - 1, low, low / 2 - 10, low << 31 - 10] {
      let waiter = Script {
        for distance in [5, 19, 20, 21, 40] as [UInt64] {
          Step.setTimer(first + distance, bits: 2)
          Step.wait(2)
          Rig.call(.getTimer).named("now")
        }
      }
      let client = Rig.Client()
      let simulation = Simulation<5>(
        try Rig.app(), programs: [Rig.supervisor([]), waiter, Rig.Server(), client],
        firstTick: first)
      simulation.run(milliseconds: 45)
      let times = waiter.results.map { UInt64($0.registers.r5) << 32 | UInt64($0.registers.r4) }
      #expect(times == [5, 19, 20, 21, 40].map { first + $0 }, "from tick \(first)")
      Rig.demandWell(simulation, client, "from tick \(first)")
    }
  }

  @Test("Hostile programs that are preempted anywhere, by a device that asks anywhen, harm nobody.")
  func hostileAnywhere() throws {
    let replay = Replay(1...12, of: "FaultInjectionTests/hostileAnywhere")
    for seed in replay.seeds {
      var random = Generator(seed: seed)
      let near = (0..<5).flatMap { [HostMachine.ram($0), HostMachine.flash($0)] }
      let simulation = Simulation<5>(
        try Rig.app(),
        programs: [
          Rig.supervisor([2, 3]), Rig.driver(), HostileProgram(seed: seed, near: near),
          HostileProgram(seed: seed &+ 1_000, near: near),
        ], seed: seed, firstTick: seed % 4 == 0 ? 1 << 32 - 10 : 0)
      for _ in 0..<60 {
        let line = random.next() % 4 == 0 ? Int(random.next() % 32) : Rig.alarm
        simulation.at(cycle: random.next() % 500_000) { $0.raise(line) }
      }
      simulation.run(milliseconds: 20)
      #expect(simulation.boots == 1, "\(replay.note(seed))")
      #expect(!simulation.kernel.tasks[1].state.isFaulted, "\(replay.note(seed))")
      let memory = simulation.machine.memories[0].bytes.dropLast(32)
      #expect(memory.allSatisfy { $0 == 0 }, "\(replay.note(seed))")
    }
  }

  @Test("An interval timer's interrupts come at its period, to the cycle.")
  func intervalTimer() throws {
    let simulation = Simulation<5>(
      try Rig.app(), programs: [Rig.supervisor([]), Rig.driver(), Script {}, Script {}])
    let timer = IntervalTimer(line: Rig.alarm)
    simulation.devices.attach(timer, at: 0x4000_0000, size: 0x1000, owner: 1)
    simulation.isRecording = true
    #expect(simulation.devices.store(0x4000_0008, 2_999, by: 1))
    #expect(simulation.devices.store(0x4000_0000, 9, by: 1))
    #expect(!simulation.devices.store(0x4000_0000, 9, by: 2), "not the owner")
    // The driver of this rig does not know the device: the test acknowledges for it.
    for cycle in stride(from: 1_500 as UInt64, to: 25_000, by: 3_000) {
      simulation.at(cycle: cycle) { _ = $0.devices.store(0x4000_000C, 1, by: 1) }
    }
    simulation.run(milliseconds: 1)
    let raised = simulation.events.filter { $0.kind == .raised(UInt32(Rig.alarm)) }.map(\.cycles)
    #expect(raised == (1...8).map { UInt64($0) * 3_000 - 1 })
  }

  @Test("A scripted device does what was planned when it was planned, and keeps what was stored.")
  func scriptedDevice() throws {
    let simulation = Simulation<5>(
      try Rig.app(), programs: [Rig.supervisor([]), Rig.driver(), Script {}, Script {}])
    let device = ScriptedDevice(line: Rig.alarm)
    device.at(cycle: 7_777) { $0.isAsking = true }
    device.onStore = { device, offset, _ in if offset == 0x0C { device.isAsking = false } }
    simulation.devices.attach(device, at: 0x4000_0000, size: 0x1000, owner: 1)
    simulation.isRecording = true
    simulation.at(cycle: 8_000) { _ = $0.devices.store(0x4000_000C, 1, by: 1) }
    simulation.run(milliseconds: 1)
    #expect(simulation.events.contains { $0.kind == .raised(8) && $0.cycles == 7_777 })
    #expect(device.stores.map(\.offset) == [0x0C])
    #expect(!device.isAsking)
  }
}
