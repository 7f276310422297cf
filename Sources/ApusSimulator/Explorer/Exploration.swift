// ApusSimulator/Explorer/Exploration.swift: what an exploration found, and how it is told.
// It claims no more than was seen: an open state is counted as such.

/// The outcome of an exploration.
public struct Exploration: Sendable {
  /// Distinct canonical states reached.
  public var states: Int
  /// Steps taken and checked.
  public var edges: Int
  /// Steps from boot to the farthest state whose steps were all taken.
  public var depth: Int
  /// The time it took.
  public var seconds: Double
  /// States whose steps were not all taken.
  public var openStates: Int
  /// The bound on states.
  public var stateLimit: Int
  /// Events in the alphabet while each task runs.
  public var alphabet: [Int]
  /// Distinct states of each task on its own.
  public var localStates: [Int]
  /// The shortest way to the first violation, if there is one.
  public var timeline: Timeline?
  /// The promise that it breaks.
  public var promise: Promise?

  /// Whether every reachable state was visited and every step from it kept every promise.
  public var isClosed: Bool { openStates == 0 && timeline == nil }
  /// Steps taken and checked in a second.
  public var edgesPerSecond: Double { Double(edges) / max(seconds, 1e-9) }

  /// The figures, the abstraction and the verdict.
  public var report: String {
    let verdict =
      if let timeline {
        "VIOLATION after \(timeline.steps.count) steps\n\n\(timeline.text)"
      } else if isClosed {
        "closed: every reachable state was visited, and every step kept all "
          + "\(Promise.allCases.count) promises"
      } else {
        "OPEN: \(openStates) states at the bound of \(stateLimit); every step taken kept all "
          + "\(Promise.allCases.count) promises"
      }
    let words = zip(Self.names, alphabet).map { "\($0) \($1)" }.joined(separator: ", ")
    let own = zip(Self.names, localStates).map { "\($0) \($1)" }.prefix(3).joined(separator: ", ")
    return """
      states   \(states)
      edges    \(edges)
      depth    \(depth)
      time     \(tenths(seconds)) s, \(Int(edgesPerSecond)) edges a second
      events   \(words)
      own      \(own)
      bounds   \(Toy.taskCount) tasks with idle, \(stateLimit) states, timers 0...2 ticks ahead,
               \(Toy.leaseCount) leases, 2 notification bits, 1 interrupt with an owner and 1 without
      abstract generations are present or former (each restart wraps 2047 -> 0), time is the
               distance to a deadline (each tick crosses 2^32), message bytes are where they came
               from, a fault is a panic with a text or another
      \(verdict)
      """
  }

  private static let names = (0..<Toy.taskCount).map { "\(Toy.names[$0])" }

  private func tenths(_ value: Double) -> String {
    let rounded = Int(value * 10 + 0.5)
    return "\(rounded / 10).\(rounded % 10)"
  }
}

/// The steps from boot to a broken promise.
public struct Timeline: Sendable {
  var steps: [(before: World, event: NamedEvent)]
  var violation: Violation

  /// One line a step: who runs, what happens, what each task does before it.
  public var text: String {
    var lines = [column("runs", 12) + column("event", 44) + "state before"]
    for (world, event) in steps {
      let caller = "\(Toy.names[Int(world.kernel.current)])"
      let states = (0..<Toy.idle).map { Self.describe(world, $0) }.joined(separator: "  ")
      lines.append(column(caller, 12) + column(event.name, 44) + states)
    }
    lines.append("broken: \(violation.promise.rawValue) (\(Toy.names[violation.task]))")
    return lines.joined(separator: "\n")
  }

  private func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func describe(_ world: World, _ index: Int) -> String {
    let task = world.kernel.tasks[index]
    var text = "\(Toy.names[index]):"
    if task.state.isFaulted {
      text += "stopped"
    } else {
      text += task.state.activity.map { "\($0)" } ?? "?"
      if task.state.rawValue & 0xFF >= 3 { text += "(\(Toy.names[task.state.peer.index]))" }
    }
    if task.pending != 0 { text += "+bits \(String(task.pending, radix: 2))" }
    return text
  }
}
