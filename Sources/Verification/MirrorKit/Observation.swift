// MirrorKit/Observation.swift: one event on which host and target agreed, with its time, as values.
// For those who draw or count what happened; nothing here judges.

import ApusABI
import ApusKernel
import ImagePlan

/// The kernel's state as a value of no particular size.
public struct KernelSnapshot: Equatable, Sendable {
  /// The control blocks in order of priority, idle's last.
  public var tasks: [ApusKernel.Task]
  /// Ticks since the boot.
  public var now: UInt64
  /// The tasks that can run, and those whose timer is set.
  public var runnable: TaskSet
  public var armed: TaskSet
  /// The index of the task that runs.
  public var current: Int
}

/// One event of a lock-step run.
public struct Observation: Equatable, Sendable {
  /// Bytes that the kernel copied.
  public struct Copied: Equatable, Sendable {
    public var source: UInt32
    public var destination: UInt32
    public var byteCount: UInt32
  }

  /// Who did what, with the registers at the entry.
  public var event: Event
  /// When the kernel was entered and left, in nanoseconds of virtual time since the first boot.
  ///
  /// Taken from the kernel's ticks and SysTick's count, so exact to a cycle of the core's clock. A
  /// boot, of which only the end is seen, takes no time, and neither does the way to a reset.
  public var entered: UInt64
  public var left: UInt64
  /// The kernel at the entry, the caller's registers among it, and at the exit.
  public var before: KernelSnapshot
  public var after: KernelSnapshot
  /// What was copied, in order.
  public var copies: [Copied] = []
  /// The record with which the event reset the machine; the next event is a boot.
  public var reset: ResetRecord?
}

/// Virtual time, by the target's own clock.
struct Clock {
  /// SysTick's current value, and the interrupt control and state (DDI 0403E, B3.3.5 and B3.2.4).
  static let requests: [Stub.Request] = [.memory(0xE000_E018, 4), .memory(0xE000_ED04, 4)]
  private static let tickIsPending: UInt32 = 1 << 26

  private let tickNanoseconds: UInt64
  private let cyclesPerTick: UInt64
  /// When the machine's present life began, and the last time that was seen.
  private(set) var base: UInt64 = 0
  private var last: UInt64 = 0

  init(_ plan: Plan) {
    tickNanoseconds = UInt64(plan.tickMicroseconds) * 1000
    cyclesPerTick = UInt64(plan.board.clockHertz) * UInt64(plan.tickMicroseconds) / 1_000_000
  }

  /// Begins a new life of the machine, whose ticks count from 0.
  mutating func restart() { base = last }

  /// The time at a stop, when the kernel has counted `now` ticks.
  ///
  /// - Parameter door: the way in, or `nil` at an exit: a tick is counted between the two.
  mutating func time(
    _ now: UInt64, _ answers: ArraySlice<[UInt8]>, in door: Event.Door?
  ) -> UInt64 {
    let words = answers.map { $0.word(0) }
    let left = UInt64(words[0] & 0xFF_FFFF)
    var ticks = now
    if door == .tick || words[1] & Self.tickIsPending != 0 { ticks += 1 }
    let cycles = left == 0 ? 0 : cyclesPerTick - min(left, cyclesPerTick)
    let time = base + ticks * tickNanoseconds + cycles * tickNanoseconds / cyclesPerTick
    // At the very end of a tick the counter has begun anew, and the exception is not yet pending.
    last = max(last, time)
    return last
  }
}
