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
  /// The time it took on a clock.
  public var seconds: Double
  /// The time that the processor worked for it: less than `seconds` on a busy host.
  public var processorSeconds: Double
  /// States whose steps were not all taken.
  public var openStates: Int
  /// The bound on states.
  public var stateLimit: Int
  /// Events in the alphabet while each task runs.
  public var alphabet: [Int]
  /// Distinct states of each task on its own.
  public var localStates: [Int]
  /// The shortest way to the first violation, if there is one.
  public var counterexample: Counterexample?
  /// The promise that it breaks.
  public var promise: Promise?
  /// What was explored.
  public var system: ExploredSystem

  /// Whether every reachable state was visited and every step from it kept every promise.
  public var isClosed: Bool { openStates == 0 && counterexample == nil }
  /// Steps taken and checked in a second of the processor's time.
  public var edgesPerSecond: Double { Double(edges) / max(processorSeconds, 1e-9) }

  /// The figures, the abstraction and the verdict.
  public var report: String {
    let verdict =
      if let way = counterexample {
        "VIOLATION after \(way.stepCount) steps\n\n\(way.text)\n\nas a test:\n\n" + way.test
      } else if isClosed {
        "closed: every reachable state was visited, and every step kept all "
          + "\(Promise.allCases.count) promises"
      } else {
        "OPEN: \(openStates) states at the bound of \(stateLimit); every step taken kept all "
          + "\(Promise.allCases.count) promises"
      }
    let words = zip(system.names, alphabet).map { "\($0) \($1)" }.joined(separator: ", ")
    let own = zip(system.names, localStates).map { "\($0) \($1)" }.prefix(system.idle)
      .joined(separator: ", ")
    return """
      system   \(system.summary)
      states   \(states)
      edges    \(edges)
      depth    \(depth)
      time     \(tenths(seconds)) s, \(tenths(processorSeconds)) s of one core: \
      \(Int(edgesPerSecond)) edges a second
      events   \(words)
      own      \(own)
      bounds   \(system.taskCount) tasks with idle, \(stateLimit) states, timers 0...2 ticks ahead,
               \(Toy.leaseCount) leases, 2 notification bits, 1 interrupt with an owner and 1 without
      tasks    a hostile one makes every call with every class of arguments; another the calls of a
               correct program, and crashes or panics anywhere
      abstract generations are present or former (each restart wraps 2047 -> 0), time is the
               distance to a deadline (each tick crosses 2^32), message bytes are where they came
               from, a fault is a panic with a text or another
      \(verdict)
      """
  }

  private func tenths(_ value: Double) -> String {
    let rounded = Int(value * 10 + 0.5)
    return "\(rounded / 10).\(rounded % 10)"
  }
}
