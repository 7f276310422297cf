// ApusSimulator/Machine/Simulation.swift: a whole device on the host, in virtual time.
// The kernel alone decides who runs; here time passes, and the one who runs is asked what it does.

import ApusABI
import ApusKernel
import ImagePlan

/// What a step costs in cycles of the board's clock.
public struct Costs: Sendable {
  /// From a call's exception to the exit, as counted on a Cortex-M3.
  public var call: UInt64 = 300
  /// The code between two calls of a real task: the mean, from which the seed draws 50 to 150 %.
  public var segment: UInt64 = 400

  /// The figures above.
  public init() {}
}

/// A device: the kernel, the tasks of an app and its devices.
///
/// ```swift
/// let simulation = Simulation<3>(app, programs: [supervisor, Script { Step.post(1, to: 0) }])
/// simulation.run(milliseconds: 50)
/// #expect(simulation.kernel.now == 50)
/// ```
///
/// The same app, programs and seed make the same trace, byte for byte. A simulation belongs to one
/// thread; several on several threads do not meet.
public final class Simulation<let taskCount: Int> {
  /// The app as the planner resolved it.
  public let app: App
  /// The kernel, whole.
  public private(set) var kernel = Kernel<taskCount>()
  /// What it stands on.
  public private(set) var machine: HostMachine
  /// The devices.
  public let devices = DeviceBus()
  /// What runs in each task but idle.
  public let programs: [any Program]
  /// What steps cost.
  public var costs = Costs()
  /// Cycles since power-on.
  public private(set) var cycles: UInt64 = 0
  /// Kernel entries since power-on.
  public private(set) var steps = 0
  /// Boots since power-on.
  public private(set) var boots = 0
  /// One line an event, if `isTracing`.
  public private(set) var trace: [String] = []
  /// Whether events are written down.
  public var isTracing = false

  /// The action, counted from 1 at power-on, before which each task is to crash, if any.
  private var crashes: [Int: Int] = [:]
  /// How many actions each task has chosen since power-on.
  public private(set) var actions: [Int]
  private let cyclesPerTick: UInt64
  private var nextTick: UInt64
  private var random: Generator
  /// The action that each task has chosen and not yet done, and the life that chose it.
  private var chosen: [Action?]
  private var lives: [UInt32]

  /// A device that has just been switched on.
  ///
  /// - Parameter programs: one for each task of `app`, which has `taskCount` - 1 of them.
  public init(_ app: App, programs: [any Program], seed: UInt64 = 1) {
    precondition(app.taskCount == taskCount, "\(app.taskCount) tasks with idle, not \(taskCount)")
    precondition(programs.count == taskCount - 1, "\(programs.count) programs for \(taskCount - 1)")
    self.app = app
    self.programs = programs
    machine = HostMachine(app)
    cyclesPerTick = UInt64(app.board.clockHertz) * UInt64(app.tickMicroseconds) / 1_000_000
    nextTick = cyclesPerTick
    random = Generator(seed: seed)
    chosen = Array(repeating: nil, count: taskCount)
    lives = Array(repeating: 0, count: taskCount)
    actions = Array(repeating: 0, count: taskCount)
    for (index, program) in programs.enumerated() {
      guard let fiber = program as? FiberProgram else { continue }
      fiber.devices = devices
      fiber.index = index
    }
    devices.stackBase = { HostMachine.ram($0) }
    boot()
  }

  /// Virtual time since power-on.
  public var milliseconds: UInt64 { cycles * 1_000 / UInt64(app.board.clockHertz) }

  /// Runs for so much virtual time, the tick at its end included.
  public func run(milliseconds: UInt64) {
    let end = cycles + milliseconds * UInt64(app.board.clockHertz) / 1_000
    while cycles < end || cycles >= nextTick { step(until: end) }
  }

  /// Lets one thing happen: an interrupt, a tick, an action of whoever runs, or idle time pass.
  ///
  /// - Parameter end: where idle time ends at the latest, in cycles.
  public func step(until end: UInt64) {
    let lines = devices.lines
    machine.latched |= lines & ~machine.held
    machine.held = lines
    if let line = machine.takenLine {
      machine.latched &= ~(1 << UInt64(line))
      return enter("interrupt \(line)") { $0.interrupt(line, &$1) }
    }
    if cycles >= nextTick {
      nextTick += cyclesPerTick
      return enter("tick") { $0.tick(&$1) }
    }
    let index = Int(kernel.current)
    if index == taskCount - 1 {
      // Nothing can happen before the next tick: devices act when they are spoken to.
      cycles = min(max(end, cycles), nextTick)
      return
    }
    if lives[index] != kernel.tasks[index].life { begin(index) }
    guard let action = chosen[index] else { return choose(index) }
    act(action, index)
  }

  /// Makes task `index` fault instead of doing its action number `action` since power-on.
  ///
  /// A server's action after a receive is its reply: so it dies with a client waiting.
  public func crash(_ index: Int, beforeAction action: Int) {
    crashes[index] = action
  }

  /// Makes interrupt `line` pending, as a device that is not there would, or a storm of its own.
  public func raise(_ line: Int) {
    machine.latched |= 1 << UInt64(line)
  }

  /// Loses interrupt `line` if it is pending and not held by its device.
  public func lose(_ line: Int) {
    machine.latched &= ~(1 << UInt64(line))
  }

  /// The name of a task that runs without end; nil if there is none.
  public var stuckTask: String? {
    programs.firstIndex { ($0 as? FiberProgram)?.isStuck == true }.map { app.tasks[$0].name }
  }

  private func choose(_ index: Int) {
    actions[index] += 1
    if crashes[index] == actions[index] {
      chosen[index] = .fault(.memory, address: 0xDEAD_BEEC)
      return
    }
    let action = programs[index].next(kernel.tasks[index].registers, &machine.memories[index])
    if programs[index] is FiberProgram {
      cycles += costs.segment / 2 + random.next() % (costs.segment + 1)
    }
    chosen[index] = action
  }

  private func act(_ action: Action, _ index: Int) {
    switch action {
    case .call(let registers):
      chosen[index] = nil
      kernel.tasks[index].registers = registers
      cycles += costs.call
      let name = Call(rawValue: registers.r11).map { "\($0)" } ?? "call \(registers.r11)"
      enter(name) { $0.call(&$1) }
    case .fault(let kind, let address):
      chosen[index] = nil
      enter("fault \(kind)") { $0.fault(kind, address: address, &$1) }
    case .compute(let length):
      // Up to the next tick; the rest is done when the task runs again.
      let room = nextTick - cycles
      cycles += min(length, room)
      chosen[index] = length > room ? .compute(cycles: length - room) : nil
    }
  }

  private func enter(
    _ event: @autoclosure () -> String, _ door: (inout Kernel<taskCount>, inout HostMachine) -> Void
  ) {
    let before = kernel.current
    door(&kernel, &machine)
    steps += 1
    if isTracing {
      trace.append("\(cycles) \(name(before)): \(event()) -> \(name(kernel.current))")
    }
    guard let record = machine.lastWords else { return }
    machine.record = record
    boot()
  }

  private func name(_ index: UInt32) -> String {
    Int(index) < app.tasks.count ? app.tasks[Int(index)].name : "idle"
  }

  /// The machine's first life, or its next one after a reset.
  private func boot() {
    boots += 1
    machine.lastWords = nil
    (machine.enabled, machine.latched, machine.held) = (0, 0, 0)
    devices.reset()
    kernel = Kernel()
    kernel.boot(&machine)
    for index in programs.indices { begin(index) }
    nextTick = cycles + cyclesPerTick
  }

  private func begin(_ index: Int) {
    programs[index].restart()
    chosen[index] = nil
    lives[index] = kernel.tasks[index].life
  }
}
