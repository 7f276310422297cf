// Apus/Time.swift: the task's one timer, the tick counter, and sleeping with both.
// Time is counted in ticks, whose length is in the manifest; nothing here divides 64 bits.

import CApus

/// A task's timer as the kernel holds it.
public struct TimerState: Equatable, Sendable {
  /// The current tick.
  public var now: UInt64
  /// The tick at which the notifications are posted.
  public var deadline: UInt64
  /// What is posted then; 0 if the timer is disarmed.
  public var notifications: UInt32

  /// Composes a state.
  @inline(__always)
  public init(now: UInt64, deadline: UInt64, notifications: UInt32) {
    self.now = now
    self.deadline = deadline
    self.notifications = notifications
  }
}

extension Call {
  /// Arms the caller's timer: `notifications` are posted when the tick is `deadline` or later.
  ///
  /// A deadline that is not in the future posts at once. If `notifications` is 0, it disarms.
  @inline(__always)
  public static func setTimer(_ deadline: UInt64, notifications: UInt32) {
    apus_set_timer(
      register(Call.setTimer.rawValue), UInt(UInt32(truncatingIfNeeded: deadline)),
      UInt(UInt32(truncatingIfNeeded: deadline &>> 32)), register(notifications))
  }

  /// The current tick, and the state of the caller's timer.
  @inline(__always)
  public static func getTimer() -> TimerState {
    let timer = apus_get_timer(register(Call.getTimer.rawValue))
    return TimerState(
      now: Time.join(half(timer.nowLow), half(timer.nowHigh)),
      deadline: Time.join(half(timer.deadlineLow), half(timer.deadlineHigh)),
      notifications: half(timer.notifications))
  }

  /// The 32 bits that a register has on every machine.
  @inline(__always)
  private static func half(_ register: UInt) -> UInt32 { UInt32(truncatingIfNeeded: register) }
}

/// Time in ticks since the machine started.
public enum Time {
  /// The current tick.
  @inline(__always)
  public static var now: UInt64 { Call.getTimer().now }

  /// The tick at which at least `ticks` whole ticks have passed since `now`.
  ///
  /// One more than the sum, because the current tick has already begun; at the largest tick it
  /// saturates instead of wrapping to the past.
  @inline(__always)
  public static func deadline(after ticks: UInt32, from now: UInt64) -> UInt64 {
    let sum = now &+ join(ticks, 0) &+ 1
    return sum < now ? .max : sum
  }

  /// The ticks that last at least `milliseconds`, for a tick of `tickMicroseconds`.
  ///
  /// Traps beyond about 71 minutes, where the sum in microseconds exceeds 32 bits.
  @inline(__always)
  public static func ticks(milliseconds: UInt32, tickMicroseconds: UInt32) -> UInt32 {
    (milliseconds * 1000 + tickMicroseconds - 1) / tickMicroseconds
  }

  /// Sleeps for at least `ticks` whole ticks; meanwhile, other notifications stay posted.
  ///
  /// `notification` must be one that nothing else posts. A timer that the caller had armed is
  /// armed again on return: if its deadline has passed by then, it is late but not lost.
  @inline(never)
  public static func sleep(_ ticks: UInt32, with notification: UInt32) {
    let before = Call.getTimer()
    let end = deadline(after: ticks, from: before.now)
    Call.setTimer(end, notifications: notification)
    repeat {
      Call.receiveNotifications(notification)
      // A stray post must not shorten the sleep, so the clock decides, and the timer stays armed.
    } while now < end
    Call.setTimer(before.deadline, notifications: before.notifications)
  }

  /// Combines two halves into a 64-bit value.
  ///
  /// A cast, because Swift 6.3.1 takes `UInt64(low)` for an allocation.
  @inline(__always)
  static func join(_ low: UInt32, _ high: UInt32) -> UInt64 {
    // Both sides are 64 bits without padding, and every machine that runs this is little-endian.
    unsafeBitCast((low, high), to: UInt64.self)
  }
}
