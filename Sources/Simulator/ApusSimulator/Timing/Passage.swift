// ApusSimulator/Timing/Passage.swift: what a passage through the kernel did, as far as that takes time.
// The same words for a passage that is simulated and for one that is observed under QEMU.

import ApusABI
import ApusKernel

/// A passage through the kernel, without its length.
public struct Passage: Equatable, Sendable {
  /// What happened in it, of all that makes it longer.
  public struct Outcome: OptionSet, Hashable, Sendable {
    public var rawValue: Int
    /// Wraps the low six bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Another task goes on.
    public static let switched = Outcome(rawValue: 1)
    /// A message was delivered.
    public static let delivered = Outcome(rawValue: 2)
    /// A client was answered.
    public static let replied = Outcome(rawValue: 4)
    /// A task was stopped.
    public static let faulted = Outcome(rawValue: 8)
    /// A timer was due.
    public static let fired = Outcome(rawValue: 16)
    /// Bits were received.
    public static let notified = Outcome(rawValue: 32)
    /// The number of different outcomes.
    static let count = 64
  }

  /// The ways in by name, calls by their number: what is no call, and the three exceptions, follow.
  public static let names =
    (0..<23).map { number in Call(rawValue: number).map { "\($0)" } ?? "" }
    + ["call", "tick", "interrupt", "fault"]
  static let (noCall, tick, interrupt, fault) = (23, 24, 25, 26)

  /// The way in, as a place in `names`.
  public var way: Int
  /// What happened.
  public var outcome: Outcome = []
  /// Instructions that copying took; the assembly code of the copy is known to the instruction.
  public var copyInstructions = 0
  /// Timers that the passage looked at.
  public var timersVisited = 0
  /// How many of them were due.
  public var timersFired = 0

  /// Tells what a passage did from the kernel before it, the caller's registers saved, and after.
  public init<let taskCount: Int>(
    _ door: TraceEvent.Door, before: Kernel<taskCount>, after: Kernel<taskCount>
  ) {
    switch door {
    case .call(let registers): way = min(Int(registers.r11), Self.noCall)
    case .tick: way = Self.tick
    case .interrupt: way = Self.interrupt
    case .fault: way = Self.fault
    }
    if before.current != after.current { outcome.insert(.switched) }
    let call = Call(rawValue: UInt32(way))
    findExchanges(call, before, after)
    findTimers(call, before, after)
    findOtherCopies(call, before, after)
  }

  /// The class of passages whose length differs only by what is counted apart: the way in, then
  /// what happened.
  public var kind: String {
    Self.names[way]
      + [
        (Outcome.switched, "switched"), (.delivered, "delivered"), (.replied, "replied"),
        (.faulted, "faulted"), (.fired, "fired"), (.notified, "notified"),
      ].filter { outcome.contains($0.0) }.map { " " + $0.1 }.joined()
  }

  /// The place of its class among all.
  var place: Int { way * Outcome.count + outcome.rawValue }

  private mutating func findExchanges<let taskCount: Int>(
    _ call: Call?, _ before: Kernel<taskCount>, _ after: Kernel<taskCount>
  ) {
    let caller = Int(before.current)
    let isReply = call == .reply || call == .replyAndReceive
    let receives = isReply && call != .reply || call == .receive || call == .receiveNotifications
    for index in 0..<taskCount {
      let old = before.tasks[index]
      let new = after.tasks[index]
      guard old.life == new.life else { continue }
      if new.state.isFaulted {
        if !old.state.isFaulted { outcome.insert(.faulted) }
        continue
      }
      if new.state.activity == .awaitingReply, old.state != new.state {
        outcome.insert(.delivered)
        copyInstructions += Self.copy(from: new, to: after.tasks[new.state.peer.index])
      }
      guard new.state == .runnable else { continue }
      let wasWaiting = old.state == .receiving || old.state == .waiting
      if wasWaiting || receives && index == caller,
        new.registers.r4 == UInt32(TaskID.kernel.rawValue)
      {
        outcome.insert(.notified)
      }
      if isReply, old.state == .awaitingReply(from: before.tasks[caller].id) {
        outcome.insert(.replied)
        copyInstructions += Self.copy(from: before.tasks[caller], to: old)
      }
    }
  }

  private mutating func findTimers<let taskCount: Int>(
    _ call: Call?, _ before: Kernel<taskCount>, _ after: Kernel<taskCount>
  ) {
    guard way == Self.tick || call == .setTimer else { return }
    var armed = before.armed
    if call == .setTimer {
      armed.remove(Int(before.current))
      if before.tasks[Int(before.current)].registers.r6 != 0 { armed.insert(Int(before.current)) }
    }
    timersVisited = armed.rawValue.nonzeroBitCount
    timersFired = timersVisited - (armed.rawValue & after.armed.rawValue).nonzeroBitCount
    if timersFired > 0 { outcome.insert(.fired) }
  }

  private mutating func findOtherCopies<let taskCount: Int>(
    _ call: Call?, _ before: Kernel<taskCount>, _ after: Kernel<taskCount>
  ) {
    let caller = Int(before.current)
    let result = after.tasks[caller].registers
    guard result.r4 == 0 else { return }
    switch call {
    case .borrowRead, .borrowWrite:
      // Where the lease lies is the lender's secret: taken as the slower case.
      copyInstructions += Self.copyInstructions(from: 1, to: 1, count: result.r5)
    case .readPanicText:
      let victim = before.tasks[Int(before.tasks[caller].registers.r4 & 31)]
      copyInstructions += Self.copy(from: victim, to: before.tasks[caller])
    default: break
    }
  }

  private static func copy(from source: Task, to destination: Task) -> Int {
    copyInstructions(
      from: source.registers.r5, to: destination.registers.r7,
      count: min(source.registers.r6, destination.registers.r8))
  }

  /// The instructions of `apus_copy` (ApusCortexM/Assembly/Entry.S), its return included.
  static func copyInstructions(from: UInt32, to: UInt32, count: UInt32) -> Int {
    var rest = Int(min(count, Limit.messageBytes))
    var executed = 4
    if (from | to) & 3 == 0 {
      executed += 2 + rest / 16 * 4 + 2
      rest %= 16
      if rest == 0 { return executed + 2 }
    }
    executed += rest / 4 * 5 + 2 + 1
    rest %= 4
    return executed + rest * 5 + 2 + 2
  }
}
