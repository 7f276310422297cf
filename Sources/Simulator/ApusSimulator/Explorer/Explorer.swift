// ApusSimulator/Explorer/Explorer.swift: every reachable state, breadth first, each visited once.
// Nothing is sampled: what is not reached within the bound is said to be open.

import ApusABI
import ApusKernel

#if APUS_WATCHED
  import KernelWatch
#endif

/// Explores all that the tasks of a small system can do to the kernel and to each other.
public struct Explorer {
  /// Who is in the system.
  public var system: ExploredSystem
  /// The most states to visit; beyond it the exploration stops and says so.
  public var stateLimit: Int

  /// Explores up to `stateLimit` states, about 40 bytes of memory each.
  public init(_ system: ExploredSystem = .quick, stateLimit: Int = 20_000_000) {
    self.system = system
    self.stateLimit = stateLimit
  }

  /// Explores; takes less than a microsecond an edge in a release build.
  ///
  /// `progress` is told every second or so how many states are known, and how many of them done.
  public func explore(
    progress: (@Sendable (_ states: Int, _ done: Int) -> Void)? = nil
  ) -> Exploration {
    if system.taskCount == 5 {
      var search = Search<5>(system, stateLimit: stateLimit)
      return search.run(progress)
    }
    var search = Search<4>(system, stateLimit: stateLimit)
    return search.run(progress)
  }
}

/// Changes what a step leaves, for those who test that the checks see it.
typealias StepChange<let taskCount: Int> =
  @Sendable (
    _ before: World<taskCount>, _ event: Event, _ after: inout World<taskCount>
  ) -> Void

/// The state of an exploration.
struct Search<let taskCount: Int> {
  let system: ExploredSystem
  let stateLimit: Int
  let sabotage: StepChange<taskCount>?
  /// The events while each task runs.
  let alphabets: [[NamedEvent]]
  private let words: [[Event]]
  /// Where the present step leads.
  private var after = World<taskCount>.booted
  var locals = (0..<taskCount).map { _ in LocalStates() }
  var visited = StateSet()
  var edges = 0
  var depth = 0
  /// The state that boots into, where a reset leads.
  var root: UInt64 = 0

  init(_ system: ExploredSystem, stateLimit: Int, sabotage: StepChange<taskCount>? = nil) {
    precondition(system.taskCount == taskCount)
    self.system = system
    self.stateLimit = stateLimit
    self.sabotage = sabotage
    alphabets = (0..<taskCount).map(system.alphabet)
    words = (alphabets + [ExploredSystem.take]).map { $0.map(\.event) }
  }

  /// Bits of a key for each task but idle, which has one state.
  private static var taskBits: UInt64 { 60 / UInt64(taskCount - 1) }

  mutating func run(_ progress: (@Sendable (Int, Int) -> Void)? = nil) -> Exploration {
    let clock = ContinuousClock()
    let start = clock.now
    let processorStart = Gauge.processorSeconds()
    var violation: (state: Int, event: NamedEvent, Violation)?
    root = key(of: World<taskCount>.booted)
    visited.insert(root, parent: 0, event: 0)
    var next = 0
    var levelEnd = 1
    #if APUS_WATCHED
      let watch = KernelWatch()
      defer { withExtendedLifetime(watch) {} }
    #endif
    search: while next < visited.count, visited.count < stateLimit {
      if next == levelEnd {
        depth += 1
        levelEnd = visited.count
      }
      if next & 0xFFFF == 0xFFFF { progress?(visited.count, next) }
      #if APUS_WATCHED
        watch.sign()
      #endif
      var world = self.world(visited.keys[next])
      let isTaken = world.machine.isEnabled && world.machine.isPending
      let caller = Int(world.kernel.current)
      // The processor takes an interrupt before the next instruction.
      let alphabet = isTaken ? words[taskCount] : words[caller]
      for number in alphabet.indices {
        let found = alphabet.withUnsafeBufferPointer {
          follow($0.baseAddress! + number, number, from: next, &world)
        }
        if let found {
          violation = (next, (isTaken ? ExploredSystem.take : alphabets[caller])[number], found)
          break search
        }
      }
      next += 1
    }
    return Exploration(
      states: visited.count, edges: edges, depth: depth, seconds: (clock.now - start) / .seconds(1),
      processorSeconds: Gauge.processorSeconds() - processorStart,
      openStates: visited.count - next, stateLimit: stateLimit,
      alphabet: alphabets.map(\.count), localStates: locals.map(\.count),
      counterexample: violation.map { counterexample(to: $0.state, $0.event) },
      promise: violation?.2.promise,
      system: system)
  }

  /// Takes one edge: checks it and notes where it leads.
  ///
  /// The pointers are good for the duration of the call, which is all that `Check` asks.
  @inline(__always)
  private mutating func follow(
    _ event: UnsafePointer<Event>, _ number: Int, from state: Int,
    _ before: UnsafePointer<World<taskCount>>
  ) -> Violation? {
    after = before.pointee
    after.step(event)
    sabotage?(before.pointee, event.pointee, &after)
    edges += 1
    do throws(Violation) {
      try withUnsafePointer(to: after) { place throws(Violation) in
        var check = Check(before: before, event: event, after: place)
        try check.run()
      }
    } catch {
      return error
    }
    if after.machine.record != nil { return nil }
    visited.insert(key(of: after), parent: state, event: number)
    return nil
  }

  /// The number of a world: the numbers of its tasks' states, and the interrupt's two bits.
  @inline(__always)
  private mutating func key(of world: borrowing World<taskCount>) -> UInt64 {
    var key: UInt64 = (world.machine.isEnabled ? 1 : 0) | (world.machine.isPending ? 2 : 0)
    for index in 0..<World<taskCount>.idle {
      let shift = 4 + Self.taskBits * UInt64(index)
      key |= UInt64(locals[index].number(of: world.canonicalTask(index))) << shift
    }
    return key
  }

  /// The world with that number.
  func world(_ key: UInt64) -> World<taskCount> {
    var world = World<taskCount>.booted
    world.machine.isEnabled = key & 1 != 0
    world.machine.isPending = key & 2 != 0
    for index in 0..<World<taskCount>.idle {
      let number = key >> (4 + Self.taskBits * UInt64(index)) & (1 << Self.taskBits - 1)
      world.kernel.tasks[index] = locals[index].states[Int(number)]
    }
    world.derive()
    return world
  }

  /// The way to a violation, step by step.
  private func counterexample(to state: Int, _ event: NamedEvent) -> Counterexample {
    let last = world(visited.keys[state])
    var turns = [Turn(event, while: Int(last.kernel.current))]
    var place = state
    while place != 0 {
      let parent = visited.parent(place)
      let world = world(visited.keys[parent])
      let isTaken = world.machine.isEnabled && world.machine.isPending
      let caller = Int(world.kernel.current)
      let alphabet = isTaken ? ExploredSystem.take : alphabets[caller]
      turns.append(Turn(alphabet[visited.event(place)], while: caller))
      place = parent
    }
    return Counterexample(of: turns.reversed(), in: system, sabotage: sabotage)
  }
}
