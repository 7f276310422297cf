// ApusSimulator/Machine/TraceEvent.swift: what a simulation tells of itself, one value an event.
// Plain data: no reference into the simulation, so that a stream can be kept, compared and drawn.

import ApusABI
import ApusKernel

/// One thing that happened at one instant.
///
/// A passage through the kernel is an `enter`, then what changed in it (blocked, delivered, posted
/// and so on, in the order of the tasks), then a `leave`, and if another task goes on, a `switched`.
/// The `enter` has the time at which the kernel began, all others the time at which it ended.
public struct TraceEvent: Equatable, Sendable {
  /// When, in cycles of the board's clock since power-on; never less than the event's before.
  public var cycles: UInt64
  /// The index of the task that it is about; idle is the last.
  public var task: Int
  /// What happened.
  public var kind: Kind

  /// Composes an event.
  public init(cycles: UInt64, task: Int, kind: Kind) {
    self.cycles = cycles
    self.task = task
    self.kind = kind
  }

  /// The ways into the kernel.
  public enum Door: Equatable, Sendable {
    /// A call of the running task with these registers; the number is in r11.
    case call(Registers)
    /// The clock.
    case tick
    /// A line was taken.
    case interrupt(UInt32)
    /// The running task broke a rule of the core.
    case fault(FaultKind, address: UInt32)
  }

  /// Who posted a notification.
  public enum Poster: Equatable, Sendable {
    /// The task of that index, by a call.
    case task(Int)
    /// The task's own timer.
    case timer
    /// A line.
    case interrupt(UInt32)
  }

  /// What happened to, or by, `task`.
  public enum Kind: Equatable, Sendable {
    /// The machine begins its life of that number, from 1; `task` is the supervisor.
    case boot(Int)
    /// The line began to ask; `task` is its owner, or idle if nobody owns it.
    case raised(UInt32)
    /// The kernel was entered; `task` was running.
    case enter(Door)
    /// The kernel was left; `task` goes on, with these registers.
    case leave(Registers)
    /// `task` runs from now on, instead of the one of that index.
    case switched(from: Int)
    /// `task` waits, in that state.
    case blocked(TaskState)
    /// `task` waits no longer.
    case woken
    /// `task` was given a message, and its sender waits for the reply.
    case delivered(from: Int, operation: UInt16, byteCount: UInt32)
    /// `task` answered its client.
    case replied(to: Int, code: UInt16, byteCount: UInt32)
    /// `task` was sent bits.
    case posted(UInt32, by: Poster)
    /// `task` received bits.
    case notified(UInt32)
    /// `task` was told that its peer died, by the code that names the peer's new generation.
    case told(dead: UInt16)
    /// `task` was stopped.
    case faulted(FaultKind, address: UInt32, detail: UInt32)
    /// `task` begins a new life, of that generation.
    case restarted(generation: UInt16)
    /// `task` set its timer to that tick.
    case timerArmed(deadline: UInt64, bits: UInt32)
    /// `task` took its timer back.
    case timerDisarmed
    /// The timer of `task` was due.
    case timerFired(UInt32)
  }
}

extension TraceEvent {
  /// The event on one line, with the tasks' names.
  public func text(_ name: (Int) -> String) -> String {
    "\(cycles) \(name(task)): \(kind.text(name))"
  }
}

extension TraceEvent.Kind {
  func text(_ name: (Int) -> String) -> String {
    switch self {
    case .boot(let number): "boot \(number)"
    case .raised(let line): "raises interrupt \(line)"
    case .enter(let door): "-> \(door.text)"
    case .leave(let registers): "<- \(registers.text)"
    case .switched(let from): "runs instead of \(name(from))"
    case .blocked(let state): "is \(state.text(name))"
    case .woken: "can run"
    case .delivered(let sender, let operation, let count):
      "has operation \(operation) of \(name(sender)), \(count) bytes"
    case .replied(let client, let code, let count):
      "answers \(name(client)), code \(code), \(count) bytes"
    case .posted(let bits, by: .task(let poster)): "is posted \(hex(bits)) by \(name(poster))"
    case .posted(let bits, by: .timer): "is posted \(hex(bits)) by its timer"
    case .posted(let bits, by: .interrupt(let line)):
      "is posted \(hex(bits)) by interrupt \(line)"
    case .notified(let bits): "is notified \(hex(bits))"
    case .told(let generation): "is told that its peer lives as generation \(generation)"
    case .faulted(let kind, let address, let detail):
      "faults: \(kind) at \(hex(address)), detail \(hex(detail))"
    case .restarted(let generation): "lives as generation \(generation)"
    case .timerArmed(let deadline, let bits): "timer at tick \(deadline) for \(hex(bits))"
    case .timerDisarmed: "timer off"
    case .timerFired(let bits): "timer fires \(hex(bits))"
    }
  }
}

extension TraceEvent.Door {
  /// The door on one line; a call's name first.
  public var text: String {
    switch self {
    case .call(let registers): "\(callName ?? "") \(registers.text)"
    case .tick: "tick"
    case .interrupt(let line): "interrupt \(line)"
    case .fault(let kind, let address): "fault \(kind) at \(hex(address))"
    }
  }

  /// The name of the call; nil for the other doors.
  public var callName: String? {
    guard case .call(let registers) = self else { return nil }
    return Call(rawValue: registers.r11).map { "\($0)" } ?? "call \(registers.r11)"
  }
}

extension TaskState {
  func text(_ name: (Int) -> String) -> String {
    switch activity {
    case .runnable, nil: "runnable"
    case .receiving: "receiving"
    case .waiting: "waiting"
    case .sending: "sending to \(name(peer.index))"
    case .awaitingReply: "awaiting the reply of \(name(peer.index))"
    }
  }
}

extension Registers {
  /// r4...r10 in hexadecimal.
  var text: String { [r4, r5, r6, r7, r8, r9, r10].map(hex).joined(separator: " ") }
}

func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
