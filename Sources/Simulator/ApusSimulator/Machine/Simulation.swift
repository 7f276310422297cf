// ApusSimulator/Machine/Simulation.swift: a whole device on the host, in virtual time.
// The kernel alone decides who runs; here time passes, and the one who runs is asked what it does.

import ApusABI
import ApusKernel
import ImagePlan
import KernelWatch

/// A device: the kernel, the tasks of an app and its devices.
///
/// ```swift
/// let simulation = Simulation<3>(app, programs: [supervisor, Script { Step.post(1, to: 0) }])
/// simulation.run(milliseconds: 50)
/// #expect(simulation.kernel.now == 50)
/// ```
///
/// The same app, programs and seed make the same events, byte for byte. A simulation belongs to one
/// thread; several on several threads do not meet.
public final class Simulation<let taskCount: Int> {
  /// The app as the planner resolved it.
  public let app: App
  /// The kernel, whole.
  public internal(set) var kernel = Kernel<taskCount>()
  /// What it stands on.
  public internal(set) var machine: HostMachine
  /// The devices.
  public let devices = DeviceBus()
  /// What runs in each task but idle.
  public let programs: [any Program]
  /// What steps cost.
  public var costs: Costs
  /// Cycles since power-on.
  public internal(set) var cycles: UInt64 = 0
  /// Kernel entries since power-on.
  public internal(set) var steps = 0
  /// Boots since power-on.
  public internal(set) var boots = 0
  /// Ticks that came while the one before was still waiting: lost, as on the target.
  public internal(set) var lostTicks = 0

  /// What happened, if `isRecording`.
  public internal(set) var events: [TraceEvent] = []
  /// Whether events are kept.
  public var isRecording = false
  /// Told of each event as it happens, whether or not it is kept.
  public var observer: ((TraceEvent) -> Void)?

  /// How many actions each task has chosen since power-on.
  public internal(set) var actions: [Int]
  /// The ticks that had passed before each boot.
  let firstTick: UInt64
  let cyclesPerTick: UInt64
  var nextTick: UInt64
  var random: Generator
  /// What is to be done to the machine, and when.
  var agenda: [Entry] = []
  /// What is to be done after a kernel entry of that number.
  var stepAgenda: [Int: (Simulation) -> Void] = [:]
  /// The actions, counted from 1 at power-on, before which each task is to crash.
  var crashes: [Int: Set<Int>] = [:]
  /// The kernel entries, counted from 1 at power-on, after which whoever runs is to crash.
  var crashSteps: Set<Int> = []
  /// What each task has chosen and not yet done, and the life that chose it.
  private var chosen: [Choice?]
  private var lives: [UInt32]
  /// Whether the task's life has not chosen yet.
  private var isFirst: [Bool]

  /// An action, and the cycles that its task computes before it.
  private struct Choice {
    var action: Action
    var cyclesBefore: UInt64 = 0
  }

  /// Something that is done to the machine from outside.
  struct Entry {
    var cycles: UInt64
    var body: (Simulation) -> Void
  }

  /// A device that has just been switched on.
  ///
  /// - Parameters:
  ///   - programs: One for each task of `app`, which has `taskCount` - 1 of them.
  ///   - seed: Draws the cost of real tasks' code.
  ///   - firstTick: What the clock shows at each boot, to start it near where a word of it wraps.
  public init(_ app: App, programs: [any Program], seed: UInt64 = 1, firstTick: UInt64 = 0) {
    precondition(app.taskCount == taskCount, "\(app.taskCount) tasks with idle, not \(taskCount)")
    precondition(programs.count == taskCount - 1, "\(programs.count) programs for \(taskCount - 1)")
    self.app = app
    self.programs = programs
    self.firstTick = firstTick
    machine = HostMachine(app, seed: seed)
    costs = Costs(for: app)
    cyclesPerTick = UInt64(app.board.clockHertz) * UInt64(app.tickMicroseconds) / 1_000_000
    nextTick = cyclesPerTick
    random = Generator(seed: seed)
    chosen = Array(repeating: nil, count: taskCount)
    lives = Array(repeating: 0, count: taskCount)
    isFirst = Array(repeating: true, count: taskCount)
    actions = Array(repeating: 0, count: taskCount)
    for (index, program) in programs.enumerated() {
      guard let fiber = program as? FiberProgram else { continue }
      fiber.devices = devices
      fiber.index = index
      fiber.keptBytes = app.tasks[index].keptWindowBytes
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

  /// Lets one thing happen: a tick, an interrupt, an action of whoever runs, or time pass.
  ///
  /// Of what is due at once, the tick comes first, then the lowest line, as on the target.
  ///
  /// - Parameter end: Where idle and computing time end at the latest, in cycles.
  public func step(until end: UInt64) {
    runAgenda()
    devices.advance(to: cycles)
    sampleLines()
    if cycles >= nextTick { return tick() }
    if let line = machine.takenLine {
      machine.latched.remove(Int(line))
      return enter(.interrupt(line))
    }
    let index = Int(kernel.current)
    if index == taskCount - 1 {
      cycles = min(max(end, cycles), nextInstant)
      return
    }
    if lives[index] != kernel.tasks[index].life { begin(index) }
    if crashSteps.remove(steps) != nil {
      chosen[index] = Choice(action: .fault(.memory, address: 0xDEAD_BEEC))
    }
    guard let choice = chosen[index] else { return choose(index) }
    if choice.cyclesBefore > 0 {
      compute(index, until: min(nextInstant, max(end, cycles + 1)))
    } else {
      act(choice.action, index)
    }
  }

  /// The next instant at which something comes from outside; later than now.
  private var nextInstant: UInt64 {
    let device = devices.nextEvent.map { max($0, cycles + 1) } ?? .max
    return min(nextTick, agenda.first?.cycles ?? .max, device)
  }

  private func tick() {
    nextTick += cyclesPerTick
    // The clock has one bit for "a tick has come".
    while nextTick <= cycles {
      nextTick += cyclesPerTick
      lostTicks += 1
    }
    enter(.tick)
  }

  private func sampleLines() {
    let lines = devices.lines
    let risen = lines.subtracting(machine.held)
    machine.latched = machine.latched.union(risen)
    machine.held = lines
    if !risen.isEmpty { tellRaised(risen) }
  }

  private func choose(_ index: Int) {
    actions[index] += 1
    if crashes[index]?.contains(actions[index]) == true {
      chosen[index] = Choice(action: .fault(.memory, address: 0xDEAD_BEEC))
      return
    }
    let action = programs[index].next(kernel.tasks[index].registers, &machine.memories[index])
    if case .compute(let cycles) = action {
      // It has nothing to do behind that: it is asked again.
      chosen[index] = cycles > 0 ? Choice(action: .compute(cycles: 0), cyclesBefore: cycles) : nil
      return
    }
    var choice = Choice(action: action)
    if programs[index] is FiberProgram { choice.cyclesBefore = drawSegment(index, action) }
    chosen[index] = choice
  }

  /// The length of a real task's code before its action, drawn as it was distributed when measured.
  private func drawSegment(_ index: Int, _ action: Action) -> UInt64 {
    var call = "fault"
    if case .call(let registers) = action {
      call = Passage.names[min(Int(registers.r11), Passage.noCall)]
    }
    if isFirst[index] { call = "start" }
    isFirst[index] = false
    let lengths = costs.segment(app.tasks[index].module, before: call)
    guard lengths.count > 1 else { return UInt64(lengths[0]) }
    let place = Int(random.next() % UInt64(lengths.count - 1))
    let (from, to) = (lengths[place], lengths[place + 1])
    return UInt64(from) + random.next() % UInt64(to - from + 1)
  }

  private func compute(_ index: Int, until instant: UInt64) {
    let length = min(chosen[index]?.cyclesBefore ?? 0, instant - cycles)
    cycles += length
    chosen[index]?.cyclesBefore -= length
  }

  private func act(_ action: Action, _ index: Int) {
    chosen[index] = nil
    switch action {
    case .call(let registers):
      kernel.tasks[index].registers = registers
      enter(.call(registers))
    case .fault(let kind, let address): enter(.fault(kind, address: address))
    case .compute: break
    }
  }

  private func enter(_ door: TraceEvent.Door) {
    let before = kernel
    let start = cycles
    let watch = KernelWatch()
    defer { withExtendedLifetime(watch) {} }
    switch door {
    case .call: kernel.call(&machine)
    case .tick: kernel.tick(&machine)
    case .interrupt(let line): kernel.interrupt(line, &machine)
    case .fault(let kind, let address): kernel.fault(kind, address: address, &machine)
    }
    steps += 1
    cycles += UInt64(costs.instructions(Passage(door, before: before, after: kernel)))
    if isRecording || observer != nil { tellPassage(door, before, from: start) }
    if !stepAgenda.isEmpty { stepAgenda.removeValue(forKey: steps)?(self) }
    guard let record = machine.lastWords else { return }
    machine.record = record
    boot()
  }

  /// The machine's first life, or its next one after a reset.
  private func boot() {
    boots += 1
    machine.lastWords = nil
    (machine.enabled, machine.latched, machine.held) = (LineSet(), LineSet(), LineSet())
    devices.reset()
    kernel = Kernel()
    kernel.boot(&machine)
    kernel.now = firstTick
    for index in programs.indices { begin(index) }
    nextTick = cycles + cyclesPerTick
    tell(.boot(boots), of: 0)
  }

  private func begin(_ index: Int) {
    programs[index].restart()
    chosen[index] = nil
    isFirst[index] = true
    lives[index] = kernel.tasks[index].life
  }
}
