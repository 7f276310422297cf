// ApusSimulator/Explorer/Trace.swift: one way of a system from boot, step by step, each step checked.
// Nothing is abstract here: lives and time go on as they would, so a trace is a real run.

import ApusABI
import ApusKernel

/// An event, and who must be running for it to happen.
struct Turn: Sendable, Equatable {
  /// `nil`: it comes from outside.
  var caller: Int?
  var event: NamedEvent

  init(_ event: NamedEvent, while caller: Int) {
    self.event = event
    self.caller = event.event.kind == .call || event.event.kind == .fault ? caller : nil
  }
}

/// A run of a system through given events.
///
/// Pasted tests are written in it: one line an event, then a look at `broken`.
struct Trace<let taskCount: Int> {
  let system: ExploredSystem
  var world = World<taskCount>.booted
  /// What happened, the breaking event last.
  private(set) var turns: [Turn] = []
  /// The first broken promise; nothing happens after it.
  private(set) var broken: Violation?
  let sabotage: StepChange<taskCount>?

  init(_ system: ExploredSystem, sabotage: StepChange<taskCount>? = nil) {
    precondition(system.taskCount == taskCount, "the system has \(system.taskCount) tasks")
    self.system = system
    self.sabotage = sabotage
    world.derive()
  }

  /// Task `caller` makes a call, whose registers are given as for a task in its present life at the
  /// time of boot; a task's index in the low half of r4 stands for its identifier.
  mutating func call(
    _ name: String, by caller: Int, _ number: UInt32, r4: UInt32 = 0, r5: UInt32 = 0,
    r6: UInt32 = 0, r7: UInt32 = 0, r8: UInt32 = 0, r9: UInt32 = 0, r10: UInt32 = 0,
    fate: Event.Fate = .unharmed, isStale: Bool = false
  ) {
    var named = NamedEvent(name, .call, fate)
    var words = Registers()
    (words.r4, words.r5, words.r6, words.r7) = (r4, r5, r6, r7)
    (words.r8, words.r9, words.r10, words.r11) = (r8, r9, r10, number)
    named.event.registers = words
    named.event.isStale = isStale
    take(Turn(named, while: caller))
  }

  /// Task `caller` breaks a rule of the core.
  mutating func fault(by caller: Int) {
    take(Turn(NamedEvent("memory fault", .fault, .memoryFault), while: caller))
  }

  /// Something comes from outside the tasks.
  mutating func outside(_ name: String, _ kind: Event.Kind) {
    take(Turn(NamedEvent(name, kind), while: 0))
  }

  /// Lets `turn` happen if it can; one that cannot, because another task runs, is left out.
  ///
  /// - Returns: Whether it happened.
  @discardableResult
  mutating func take(_ turn: Turn) -> Bool {
    guard broken == nil, isPossible(turn) else { return false }
    turns.append(turn)
    broken = step(turn.event.event)
    // What was before a reset has no part in what comes.
    if isBooted, broken == nil { turns = [] }
    return true
  }

  /// A call needs its caller running; an interrupt that can be taken comes before anything else.
  func isPossible(_ turn: Turn) -> Bool {
    let isTaken = world.machine.isEnabled && world.machine.isPending
    if isTaken != (turn.event.event.kind == .take) { return false }
    return turn.caller == nil || turn.caller == Int(world.kernel.current)
  }

  /// Whether the last step was a reset, so that the world has just booted.
  fileprivate(set) var isBooted = false

  /// Steps and checks; a reset boots again.
  mutating func step(_ abstract: Event) -> Violation? {
    let before = world
    isBooted = false
    let event = abstract.concrete(in: before)
    world.machine.journeys = Journeys()
    withUnsafePointer(to: event) { world.step($0) }
    sabotage?(before, event, &world)
    defer { if world.machine.record != nil { reboot() } }
    return Check.violation(before, event, world)
  }
}

extension Trace {
  /// Switches the machine off and on.
  mutating func reboot() {
    world = .booted
    world.derive()
    isBooted = true
  }
}

extension Check {
  /// The promise that this step breaks, if it breaks one.
  static func violation(
    _ before: World<taskCount>, _ event: Event, _ after: World<taskCount>
  ) -> Violation? {
    // The pointers are good for the duration of the closures, which is all that a check asks.
    withUnsafePointer(to: before) { before in
      withUnsafePointer(to: event) { event in
        withUnsafePointer(to: after) { after in
          var check = Check(before: before, event: event, after: after)
          do throws(Violation) {
            try check.run()
            return nil
          } catch {
            return error
          }
        }
      }
    }
  }
}
