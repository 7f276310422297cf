// ApusSimulator/Explorer/Walks.swift: random ways through systems too large to be explored.
// A walk is a function of its seed; it chooses events and judges nothing: `Check` does.

import ApusABI
import ApusKernel

#if APUS_WATCHED
  import KernelWatch
#endif

/// Random walks, the first with seed `seed`, each next one with the next seed.
public struct Walks: Sendable {
  /// The tasks of the system without idle: one of `taskCounts`.
  public var tasks: Int
  public var count: Int
  /// The events of each walk.
  public var stepCount: Int
  public var seed: UInt64

  /// Systems that the walks are compiled for: the kernel's state has a fixed size.
  public static let taskCounts = [3, 4, 8, 31]

  public init(tasks: Int = 8, count: Int = 1, stepCount: Int, seed: UInt64) {
    (self.tasks, self.count, self.stepCount, self.seed) = (tasks, count, stepCount, seed)
  }

  /// Walks until a promise is broken or all walks are done; about two microseconds a step with eight
  /// tasks in a release build, thirty with 31.
  ///
  /// `progress` is told the number of walks done, after each.
  public func run(progress: (@Sendable (Int) -> Void)? = nil) -> WalkReport {
    switch tasks {
    case 3: run(Walker<4>(), progress)
    case 4: run(Walker<5>(), progress)
    case 8: run(Walker<9>(), progress)
    case 31: run(Walker<32>(), progress)
    default: preconditionFailure("\(tasks) tasks; \(Self.taskCounts) are compiled in")
    }
  }

  func run<let taskCount: Int>(
    _ walker: Walker<taskCount>, _ progress: (@Sendable (Int) -> Void)? = nil
  ) -> WalkReport {
    var report = WalkReport(walks: self)
    for number in 0..<count {
      let seed = seed &+ UInt64(number)
      let outcome = walker.walk(seed: seed, stepCount: stepCount)
      report.steps += outcome.steps
      report.resets += outcome.resets
      report.stops += outcome.stops
      if let turns = outcome.turns {
        let shrunk = Shrinker(walker.system, sabotage: walker.sabotage).shrink(turns)
        report.failure = WalkReport.Failure(
          seed: seed, step: outcome.steps, eventCount: turns.count,
          counterexample: Counterexample(of: shrunk, in: walker.system, sabotage: walker.sabotage))
        break
      }
      progress?(number + 1)
    }
    return report
  }
}

/// What random walks have found.
public struct WalkReport: Sendable {
  struct Failure: Sendable {
    var seed: UInt64
    /// Events of the walk up to the broken promise.
    var step: Int
    /// Events since the last boot before it was shrunk.
    var eventCount: Int
    var counterexample: Counterexample
  }

  let walks: Walks
  /// Events that happened.
  public var steps = 0
  /// Times that the machine was reset and booted again.
  public var resets = 0
  /// Times that a task was stopped.
  public var stops = 0
  var failure: Failure?

  init(walks: Walks) { self.walks = walks }

  /// The promise that was broken, if one was.
  public var promise: Promise? { failure?.counterexample.violation?.promise }

  /// The figures, and of a broken promise the seed, the shortest way found and how to replay it.
  public var text: String {
    let figures = """
      system   \(ExploredSystem.walk(tasks: walks.tasks).summary)
      walks    \(walks.count) of \(walks.stepCount) steps, seeds from \(walks.seed)
      steps    \(steps), \(stops) tasks stopped, \(resets) resets
      """
    guard let failure else {
      return figures + "\nkept     all \(Promise.allCases.count) promises, after every step"
    }
    return """
      \(figures)
      VIOLATION with seed \(failure.seed) at step \(failure.step), shrunk from \
      \(failure.eventCount) events to \(failure.counterexample.stepCount)

      \(failure.counterexample.text)

      as a test:

      \(failure.counterexample.test)

      replay: apus-verify explore --walks 1 --steps \(walks.stepCount) --seed \(failure.seed) \
      --tasks \(walks.tasks)
      """
  }
}

/// A small generator with a known sequence (SplitMix64), so that a seed means the same everywhere.
private struct Die {
  var state: UInt64

  mutating func below(_ count: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return Int(truncatingIfNeeded: (word ^ word >> 31) >> 33) % count
  }

  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// Walks through a system of `taskCount` tasks, idle among them.
struct Walker<let taskCount: Int>: Sendable {
  struct Outcome {
    var steps = 0
    var resets = 0
    var stops = 0
    /// The way from the last boot to a broken promise.
    var turns: [Turn]?
  }

  let system = ExploredSystem.walk(tasks: taskCount - 1)
  let sabotage: StepChange<taskCount>?
  /// What each task may do: first what correct programs do, from `hostileFirst` on everything.
  private let alphabets: [[NamedEvent]]
  private let hostileFirst: [Int]
  /// The places of what makes a correct program wait.
  private let waits: [[Int]]
  /// The place of the timer's setting.
  private let alarms: [Int]

  init(sabotage: StepChange<taskCount>? = nil) {
    self.sabotage = sabotage
    let system = system
    let correct = (0..<taskCount).map { caller in
      var tame = system
      tame.hostile = .empty
      return tame.alphabet(caller)
    }
    alphabets = (0..<taskCount).map { correct[$0] + system.alphabet($0) }
    hostileFirst = correct.map(\.count)
    alarms = correct.map { events in
      events.firstIndex { $0.event.call == .setTimer && $0.event.registers.r6 != 0 } ?? 0
    }
    waits = correct.map { events in
      events.indices.filter {
        let call = events[$0].event.call
        return call == .receive || call == .receiveNotifications || call == .send
      }
    }
  }

  /// Walks up to `stepCount` events, or to the first broken promise.
  func walk(seed: UInt64, stepCount: Int) -> Outcome {
    var die = Die(state: seed)
    var trace = Trace<taskCount>(system, sabotage: sabotage)
    var outcome = Outcome()
    // What happened since boot; only at the end is it put into words.
    var past: [(caller: Int, place: Int)] = []
    var idleSteps = 0
    #if APUS_WATCHED
      let watch = KernelWatch()
      defer { withExtendedLifetime(watch) {} }
    #endif
    while outcome.steps < stepCount {
      let caller = Int(trace.world.kernel.current)
      let isTaken = trace.world.machine.isEnabled && trace.world.machine.isPending
      let place = isTaken ? -1 : choose(caller, trace.world, &die)
      let event = isTaken ? ExploredSystem.take[0].event : alphabets[caller][place].event
      let stopped = trace.world.stoppedTasks
      let violation = trace.step(event)
      past.append((caller, place))
      outcome.steps += 1
      #if APUS_WATCHED
        watch.sign()
      #endif
      if violation != nil {
        outcome.turns = past.map { caller, place in
          Turn(place < 0 ? ExploredSystem.take[0] : alphabets[caller][place], while: caller)
        }
        return outcome
      }
      outcome.stops += (trace.world.stoppedTasks & ~stopped).nonzeroBitCount
      // Nobody may be left to wake anybody: the machine is then switched off and on.
      idleSteps = Int(trace.world.kernel.current) == taskCount - 1 ? idleSteps + 1 : 0
      if idleSteps > 30 { trace.reboot() }
      if trace.isBooted {
        outcome.resets += 1
        idleSteps = 0
        past.removeAll(keepingCapacity: true)
      }
    }
    return outcome
  }

  /// The place of the next event: mostly a correct program's, often one that lets others run.
  private func choose(_ caller: Int, _ world: borrowing World<taskCount>, _ die: inout Die) -> Int {
    let alphabet = alphabets[caller]
    // The first three come from outside; for idle there is nothing else.
    if caller == taskCount - 1 || die.chance(10) { return [0, 0, 0, 0, 1, 1, 2][die.below(7)] }
    if die.chance(30) {
      // The supervisor looks after the others now and then.
      let isAlarmed = world.kernel.armed.contains(caller) || die.chance(caller == 0 ? 5 : 50)
      return isAlarmed ? waits[caller][die.below(waits[caller].count)] : alarms[caller]
    }
    var place = 0
    for _ in 0..<6 {
      let isHostile = die.chance(caller == 0 ? 2 : 20)
      place =
        isHostile
        ? hostileFirst[caller] + die.below(alphabet.count - hostileFirst[caller])
        : die.below(hostileFirst[caller])
      if isLikely(alphabet[place].event, caller, world) || die.chance(10) { break }
    }
    return place
  }

  /// Whether the event is worth its step: an answer has a client, and the supervisor lives on.
  private func isLikely(
    _ event: Event, _ caller: Int, _ world: borrowing World<taskCount>
  ) -> Bool {
    switch event.call {
    case .reply, .replyAndReceive, .replyFault, .borrowRead, .borrowWrite, .borrowInfo:
      guard event.peer < taskCount else { return false }
      let state = world.kernel.tasks[event.peer].state
      return state == .awaitingReply(from: world.kernel.tasks[caller].id)
    case .resetMachine: return false
    default: break
    }
    switch event.fate {
    case .unharmed, .dependsOnPeer: return true
    case .misuse, .badSlice, .panic, .memoryFault: return caller != 0
    }
  }
}

/// Makes the way to a broken promise shorter by leaving events out.
struct Shrinker<let taskCount: Int> {
  let system: ExploredSystem
  let sabotage: StepChange<taskCount>?
  /// The most steps to spend: a long way may be left longer than it need be.
  var budget = 20_000_000

  init(_ system: ExploredSystem, sabotage: StepChange<taskCount>?) {
    self.system = system
    self.sabotage = sabotage
  }

  /// A way that breaks the same promise, from which no single event can be left out, unless the
  /// budget ended first.
  func shrink(_ turns: [Turn]) -> [Turn] {
    var rest = budget
    guard let start = attempt(turns, nil, &rest) else { return turns }
    var best = start.turns
    var size = max(1, best.count / 2)
    while rest > 0 {
      var isShorter = false
      var first = 0
      while first < best.count, rest > 0 {
        var candidate = best
        candidate.removeSubrange(first..<min(first + size, best.count))
        if let found = attempt(candidate, start.promise, &rest), found.turns.count < best.count {
          best = found.turns
          isShorter = true
        } else {
          first += size
        }
      }
      if size == 1, !isShorter { break }
      size = max(1, isShorter ? min(size, best.count / 2) : size / 2)
    }
    return best
  }

  /// The part of the turns that happens up to the broken promise, if it is `promise`, or any if
  /// `nil`.
  private func attempt(_ turns: [Turn], _ promise: Promise?, _ rest: inout Int) -> (
    turns: [Turn], promise: Promise
  )? {
    var trace = Trace<taskCount>(system, sabotage: sabotage)
    for turn in turns {
      trace.take(turn)
      if trace.broken != nil { break }
    }
    rest -= trace.turns.count
    guard let broken = trace.broken, promise == nil || broken.promise == promise else { return nil }
    return (trace.turns, broken.promise)
  }
}
