// ApusTests/TimeTests.swift: deadlines, conversions, and what a sleep leaves behind.

import Apus
import Testing

@Suite struct TimeTests {
  @Test("A deadline lies one tick beyond the sum, as the present tick is already under way.")
  func deadline() {
    #expect(Time.deadline(after: 0, from: 10) == 11)
    #expect(Time.deadline(after: 5, from: 10) == 16)
    #expect(Time.deadline(after: .max, from: 0xFFFF_FFFF) == 0x1_FFFF_FFFF)
  }

  @Test("At the end of time a deadline stays there instead of wrapping to the past.")
  func deadlineAtTheEnd() {
    #expect(Time.deadline(after: 1, from: .max - 2) == .max)
    #expect(Time.deadline(after: 1, from: .max - 1) == .max)
    #expect(Time.deadline(after: .max, from: .max) == .max)
  }

  @Test("Milliseconds become at least as many ticks.")
  func ticks() {
    #expect(Time.ticks(milliseconds: 1_000, tickMicroseconds: 1_000) == 1_000)
    #expect(Time.ticks(milliseconds: 1, tickMicroseconds: 300) == 4)
    #expect(Time.ticks(milliseconds: 1, tickMicroseconds: 10_000) == 1)
    #expect(Time.ticks(milliseconds: 0, tickMicroseconds: 1_000) == 0)
  }

  /// A kernel's clock that moves by `step` at each wait, and one timer.
  private func sleep(_ ticks: UInt32, step: UInt64, own: TimerState) -> (now: UInt64, TimerState) {
    let host = HostCalls()
    var timer = own
    host.answer = { registers in
      switch registers.r11 {
      case 6:
        timer.deadline = UInt64(registers.r5) << 32 | UInt64(registers.r4)
        timer.notifications = UInt32(registers.r6)
      case 7:
        registers.r4 = UInt(timer.now & 0xFFFF_FFFF)
        registers.r5 = UInt(timer.now >> 32)
        registers.r6 = UInt(timer.deadline & 0xFFFF_FFFF)
        registers.r7 = UInt(timer.deadline >> 32)
        registers.r8 = UInt(timer.notifications)
      case 2:
        timer.now += step
        registers.r5 = registers.r9
      default: Issue.record("a sleep made call \(registers.r11)")
      }
    }
    host.run { Time.sleep(ticks, with: 1 << 3) }
    return (timer.now, timer)
  }

  @Test("A sleep lasts at least its ticks, even if its notification comes before.")
  func atLeast() {
    for start in [UInt64(0), 99, 0xFFFF_FFFE] {
      let own = TimerState(now: start, deadline: 0, notifications: 0)
      #expect(sleep(10, step: 3, own: own).now >= start + 11)
    }
  }

  @Test("A sleep leaves the caller's own timer armed as it was.")
  func ownTimer() {
    let own = TimerState(now: 100, deadline: 105, notifications: 1 << 7)
    let (_, after) = sleep(10, step: 11, own: own)
    #expect(after.deadline == 105 && after.notifications == 1 << 7)
  }
}
