// ApusSimulator/Explorer/Event.swift: something that happens to a system of the explorer.
// An event is fixed words, for a canonical state; `concrete` says it of any other.

import ApusABI
import ApusKernel

/// Something that happens next.
struct Event: Sendable, Equatable {
  enum Kind: UInt8, Sendable, BitwiseCopyable {
    /// The running task makes a call.
    case call
    /// The running task breaks a rule of the core.
    case fault
    case tick
    /// The device asks for an interrupt.
    case raise
    /// The processor takes the owned interrupt.
    case take
    /// The processor takes an interrupt without an owner.
    case stray
  }

  /// What is known beforehand of the caller's fate.
  enum Fate: Equatable, Sendable {
    /// The caller goes on or waits.
    case unharmed
    /// The caller is stopped, whatever the state.
    case misuse(UsageError)
    /// The caller is stopped for a slice that is not its own, whatever the state.
    case badSlice
    /// The caller is stopped for a misuse if the peer's side of the call says so.
    case dependsOnPeer
    case panic
    case memoryFault
  }

  var kind: Kind
  var registers = Registers()
  var fate = Fate.unharmed
  /// The peer is named by an identifier of its former life.
  var isStale = false

  var call: Call? { kind == .call ? Call(rawValue: registers.r11) : nil }
  /// The index in r4.
  var peer: Int { Int(registers.r4 & 31) }

  /// Whether the low half of r4 is an identifier.
  var namesPeer: Bool {
    switch call {
    case .send, .reply, .replyAndReceive, .replyFault, .borrowRead, .borrowWrite, .borrowInfo,
      .post, .refreshTaskID:
      true
    default: false
    }
  }

  /// The same event in a world that is not canonical: with the identifiers of its tasks' present and
  /// former lives, and deadlines as far ahead of its time.
  func concrete<let taskCount: Int>(in world: borrowing World<taskCount>) -> Event {
    var event = self
    if namesPeer, peer < taskCount {
      let life = world.kernel.tasks[peer].life &- (isStale ? 1 << 5 : 0)
      event.registers.r4 = registers.r4 & 0xFFFF_0000 | life & 0xFFE0 | UInt32(peer)
    } else if call == .setTimer, registers.r6 != 0 {
      let deadline = UInt64(registers.r5) << 32 | UInt64(registers.r4)
      let moved = deadline &- Toy.presentTime &+ world.kernel.now
      event.registers.r4 = UInt32(truncatingIfNeeded: moved)
      event.registers.r5 = UInt32(truncatingIfNeeded: moved >> 32)
    }
    return event
  }
}

/// An event as a counterexample calls it; apart, so that an event stays a few words.
struct NamedEvent: Sendable, Equatable {
  var event: Event
  var name: String

  init(_ name: String, _ kind: Event.Kind, _ fate: Event.Fate = .unharmed) {
    event = Event(kind: kind, fate: fate)
    self.name = name
  }
}
