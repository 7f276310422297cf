// ApusSimulator/Explorer/Explorer.swift: every reachable state, breadth first, each visited once.
// Nothing is sampled: what is not reached within the bound is said to be open.

import ApusABI
import ApusKernel

/// Explores all that a supervisor, a server and a client can do to the kernel and to each other.
public struct Explorer {
  /// The most states to visit; beyond it the exploration stops and says so.
  public var stateLimit: Int
  /// Changes what each step leaves, for those who test that the checks see it.
  var sabotage: (@Sendable (_ before: World, _ event: Event, _ after: inout World) -> Void)?

  /// Explores up to `stateLimit` states, about 40 bytes of memory each.
  public init(stateLimit: Int = 20_000_000) {
    self.stateLimit = stateLimit
  }

  /// Explores; takes about a microsecond an edge in a release build.
  public func explore() -> Exploration {
    var search = Search(stateLimit: stateLimit, sabotage: sabotage)
    return search.run()
  }
}

/// The state of an exploration.
struct Search {
  let stateLimit: Int
  let sabotage: (@Sendable (World, Event, inout World) -> Void)?
  /// The events while each task runs.
  let alphabets: [[NamedEvent]]
  private let words: [[Event]]
  /// Where the present step leads.
  private var after = World.booted
  var locals = (0..<Toy.taskCount).map { _ in LocalStates() }
  var visited = StateSet()
  var edges = 0
  var depth = 0
  /// The state that boots into, where a reset leads.
  var root: UInt64 = 0

  init(
    stateLimit: Int, sabotage: (@Sendable (World, Event, inout World) -> Void)?
  ) {
    self.stateLimit = stateLimit
    self.sabotage = sabotage
    alphabets = (0..<Toy.taskCount).map(NamedEvent.alphabet)
    words = (alphabets + [NamedEvent.take]).map { $0.map(\.event) }
  }

  /// Bits of a key for each task; idle's state must fit, too, which has one.
  private static let taskBits: UInt64 = 20

  mutating func run() -> Exploration {
    let clock = ContinuousClock()
    let start = clock.now
    var violation: (state: Int, event: NamedEvent, Violation)?
    root = key(of: World.booted)
    visited.insert(root, parent: 0, event: 0)
    var next = 0
    var levelEnd = 1
    search: while next < visited.count, visited.count < stateLimit {
      if next == levelEnd {
        depth += 1
        levelEnd = visited.count
      }
      var world = self.world(visited.keys[next])
      let isTaken = world.machine.isEnabled && world.machine.isPending
      let caller = Int(world.kernel.current)
      // The processor takes an interrupt before the next instruction.
      let alphabet = isTaken ? words[Toy.taskCount] : words[caller]
      for number in alphabet.indices {
        let found = alphabet.withUnsafeBufferPointer {
          follow($0.baseAddress! + number, number, from: next, &world)
        }
        if let found {
          violation = (next, (isTaken ? NamedEvent.take : alphabets[caller])[number], found)
          break search
        }
      }
      next += 1
    }
    return Exploration(
      states: visited.count, edges: edges, depth: depth, seconds: (clock.now - start) / .seconds(1),
      openStates: visited.count - next, stateLimit: stateLimit,
      alphabet: alphabets.map(\.count), localStates: locals.map(\.count),
      timeline: violation.map { timeline(to: $0.state, $0.event, $0.2) },
      promise: violation?.2.promise)
  }

  /// Takes one edge: checks it and notes where it leads.
  ///
  /// The pointers are good for the duration of the call, which is all that `Check` asks.
  @inline(__always)
  private mutating func follow(
    _ event: UnsafePointer<Event>, _ number: Int, from state: Int, _ before: UnsafePointer<World>
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
  private mutating func key(of world: borrowing World) -> UInt64 {
    var key: UInt64 = (world.machine.isEnabled ? 1 : 0) | (world.machine.isPending ? 2 : 0)
    for index in 0..<Toy.idle {
      let shift = 4 + Self.taskBits * UInt64(index)
      key |= UInt64(locals[index].number(of: world.canonicalTask(index))) << shift
    }
    return key
  }

  /// The world with that number.
  func world(_ key: UInt64) -> World {
    var world = World.booted
    world.machine.isEnabled = key & 1 != 0
    world.machine.isPending = key & 2 != 0
    for index in 0..<Toy.idle {
      let number = key >> (4 + Self.taskBits * UInt64(index)) & (1 << Self.taskBits - 1)
      world.kernel.tasks[index] = locals[index].states[Int(number)]
    }
    world.derive()
    return world
  }

  /// The way to a violation, step by step.
  private func timeline(to state: Int, _ event: NamedEvent, _ violation: Violation) -> Timeline {
    var steps: [(World, NamedEvent)] = [(world(visited.keys[state]), event)]
    var place = state
    while place != 0 {
      let parent = visited.parent(place)
      let world = world(visited.keys[parent])
      let isTaken = world.machine.isEnabled && world.machine.isPending
      let number = visited.event(place)
      let alphabet = isTaken ? NamedEvent.take : alphabets[Int(world.kernel.current)]
      steps.append((world, alphabet[number]))
      place = parent
    }
    return Timeline(steps: steps.reversed(), violation: violation)
  }
}
