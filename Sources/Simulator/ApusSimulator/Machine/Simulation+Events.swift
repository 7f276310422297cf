// ApusSimulator/Machine/Simulation+Events.swift: who hears of what happens in a simulation.
// Telling costs no virtual time and changes nothing.

import ApusABI
import ApusKernel

extension Simulation {
  /// The events, one line each.
  public var trace: [String] { events.map { $0.text(name) } }

  /// The name of task `index` in the manifest; `idle` for the last.
  public func name(_ index: Int) -> String {
    index < app.tasks.count ? app.tasks[index].name : "idle"
  }

  /// The index of the task of that name; nil if there is none.
  public func index(of name: String) -> Int? { app.tasks.firstIndex { $0.name == name } }

  /// What the task of that name does, or why it was stopped; nil if there is none.
  public func state(of name: String) -> TaskState? {
    index(of: name).map { kernel.tasks[$0].state }
  }

  /// The recorded messages from one task to another, as their operations, in order.
  public func messages(from sender: String, to receiver: String) -> [UInt16] {
    events.compactMap { event in
      guard case .delivered(let from, let operation, _) = event.kind,
        name(from) == sender, name(event.task) == receiver
      else { return nil }
      return operation
    }
  }

  /// The name of a task that runs without end; nil if there is none.
  public var stuckTask: String? {
    programs.firstIndex { ($0 as? FiberProgram)?.isStuck == true }.map { app.tasks[$0].name }
  }

  /// Tells of one thing that happened now.
  func tell(_ kind: TraceEvent.Kind, of task: Int) {
    if isRecording || observer != nil {
      tell(TraceEvent(cycles: cycles, task: task, kind: kind))
    }
  }

  /// Tells that lines began to ask.
  func tellRaised(_ lines: LineSet) {
    guard isRecording || observer != nil else { return }
    for line in lines.members {
      let owner = machine.owners.first { $0.number == line }
      tell(.raised(UInt32(line)), of: owner?.task ?? taskCount - 1)
    }
  }

  /// Tells of a passage through the kernel that began at `start` and ends now.
  func tellPassage(_ door: TraceEvent.Door, _ before: Kernel<taskCount>, from start: UInt64) {
    let (last, next) = (Int(before.current), Int(kernel.current))
    tell(TraceEvent(cycles: start, task: last, kind: .enter(door)))
    let changes = Changes(before: before, after: kernel, door: door, owners: machine.owners)
    for event in changes.events(at: cycles) { tell(event) }
    tell(.leave(kernel.tasks[next].registers), of: next)
    if next != last { tell(.switched(from: last), of: next) }
  }

  private func tell(_ event: TraceEvent) {
    if isRecording { events.append(event) }
    observer?(event)
  }
}
