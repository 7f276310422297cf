// ApusSimulator/Machine/Simulation+Faults.swift: what can be done to a simulated device from outside.
// Nothing here reaches into the kernel: a lie is told by a task, a line or a clock.

extension Simulation {
  /// Does `body` when so many cycles have passed since power-on, at once if they have.
  ///
  /// It may come at any instant, also amid a computation; never amid the kernel.
  public func at(cycle: UInt64, _ body: @escaping (Simulation) -> Void) {
    let place = agenda.firstIndex { $0.cycles > cycle } ?? agenda.count
    agenda.insert(Entry(cycles: cycle, body: body), at: place)
  }

  /// Does `body` right after kernel entry number `step` since power-on.
  public func after(step: Int, _ body: @escaping (Simulation) -> Void) {
    stepAgenda[step] = body
  }

  /// Makes task `index` fault instead of doing its action number `action` since power-on.
  ///
  /// A server's action after a receive is its reply: so it dies with a client waiting.
  public func crash(_ index: Int, beforeAction action: Int) {
    crashes[index, default: []].insert(action)
  }

  /// Makes whoever runs after kernel entry number `step` since power-on fault instead of going on.
  public func crash(afterStep step: Int) {
    crashSteps.insert(step)
  }

  /// Makes interrupt `line` pending, as a device that is not there would, or a storm of its own.
  public func raise(_ line: Int) {
    machine.latched.insert(line)
    tellRaised(LineSet(line))
  }

  /// Loses interrupt `line` if it is pending and not held by its device.
  public func lose(_ line: Int) {
    machine.latched.remove(line)
  }

  /// Does what is due.
  func runAgenda() {
    while let entry = agenda.first, entry.cycles <= cycles {
      agenda.removeFirst()
      entry.body(self)
    }
  }
}
