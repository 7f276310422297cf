// TraceKit/SimulationRecorder.swift: a simulation's own events as the moments of a timeline.
// It watches and never acts: a run with a recorder is the same run without one.

import ApusABI
import ApusKernel
import ApusSimulator
import ImagePlan
import TimelineKit

/// Makes a timeline of a simulation while it runs.
///
///     let recorder = SimulationRecorder(simulation)
///     simulation.run(milliseconds: 50)
///     print(Gantt(recorder.timeline).text)
///
/// It takes the simulation's `observer`, and belongs to the simulation's thread.
public final class SimulationRecorder<let taskCount: Int> {
  private unowned let simulation: Simulation<taskCount>
  private var builder: TimelineBuilder
  private var entry: (cycles: UInt64, task: Int, door: Moment.Door, registers: [UInt32])?

  /// Begins with what the simulation is now.
  public init(_ simulation: Simulation<taskCount>) {
    self.simulation = simulation
    builder = TimelineBuilder(Subject(simulation.app, place: "simulated"))
    add(.boot, entered: simulation.cycles, left: simulation.cycles)
    simulation.observer = { [unowned self] event in observe(event) }
  }

  /// The timeline until now.
  public var timeline: Timeline { builder.timeline(until: nanoseconds(simulation.cycles)) }

  /// When the first task was stopped by a fault, in nanoseconds since power-on; nil if none was.
  public private(set) var firstFault: UInt64?

  private func observe(_ event: TraceEvent) {
    switch event.kind {
    case .boot: add(.boot, entered: event.cycles, left: event.cycles)
    case .enter(let door): entry = enter(door, event)
    case .faulted: firstFault = firstFault ?? nanoseconds(event.cycles)
    case .leave:
      guard let entry else { return }
      add(
        entry.door, entered: entry.cycles, left: event.cycles, task: entry.task,
        registers: entry.registers)
      self.entry = nil
    default: break
    }
  }

  private func enter(
    _ door: TraceEvent.Door, _ event: TraceEvent
  ) -> (cycles: UInt64, task: Int, door: Moment.Door, registers: [UInt32]) {
    let none = [UInt32](repeating: 0, count: 8)
    return switch door {
    case .call(let registers): (event.cycles, event.task, .call, registers.words)
    case .tick: (event.cycles, event.task, .tick, none)
    case .interrupt(let line): (event.cycles, event.task, .interrupt(line), none)
    case .fault(let kind, let address):
      (event.cycles, event.task, .fault(kind, address: address), none)
    }
  }

  private func add(
    _ door: Moment.Door, entered: UInt64, left: UInt64, task: Int = 0,
    registers: [UInt32] = Array(repeating: 0, count: 8)
  ) {
    let kernel = simulation.kernel
    let tasks = (0..<taskCount).map { index in
      KernelState.Task(kernel.tasks[index], isArmed: kernel.armed.contains(index))
    }
    builder.add(
      Moment(
        entered: nanoseconds(entered), left: nanoseconds(left), door: door, task: task,
        registers: registers,
        after: KernelState(tasks: tasks, current: Int(kernel.current), now: kernel.now)))
  }

  /// Exact for every clock that divides a second into whole nanoseconds, rounded down for others.
  private func nanoseconds(_ cycles: UInt64) -> UInt64 {
    let hertz = UInt64(simulation.app.board.clockHertz)
    return cycles / hertz * 1_000_000_000 + cycles % hertz * 1_000_000_000 / hertz
  }
}

extension KernelState.Task {
  /// What a timeline needs of a control block.
  init(_ task: ApusKernel.Task, isArmed: Bool) {
    self.init(
      state: task.state, life: task.life, pending: task.pending, isArmed: isArmed,
      words: UInt64(task.deadlineOrProgramCounter) << 32 | UInt64(task.deadlineOrAddress),
      bits: task.timerBitsOrDetail, results: [task.registers.r4, task.registers.r5])
  }
}

extension Registers {
  /// r4...r11 in this order.
  var words: [UInt32] { [r4, r5, r6, r7, r8, r9, r10, r11] }
}
