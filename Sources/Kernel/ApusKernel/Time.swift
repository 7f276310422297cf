// ApusKernel/Time.swift: one timer per task, with a deadline in ticks and notifications to post.
// A timer posts once per arming, at the first tick that is not before its deadline.
//
// Arming a timer again does not clear a notification that it posted before. An interrupt or a peer
// may have posted the same bits, and who posted what is not recorded: clearing them could lose an
// interrupt, which stays masked until its owner has seen it. So a task that is woken by its timer
// reads the clock, as `Time.sleep` does.

import ApusABI

extension Kernel {
  /// Sets the caller's timer to the deadline in r4 and r5, to post r6; no bits disarm it.
  ///
  /// With a deadline that is not in the future, the timer posts at once.
  @inline(__always)
  mutating func setTimer(_ caller: Int) {
    tasks[caller].deadlineOrAddress = tasks[caller].registers.r4
    tasks[caller].deadlineOrProgramCounter = tasks[caller].registers.r5
    tasks[caller].timerBitsOrDetail = tasks[caller].registers.r6
    armed.remove(caller)
    if tasks[caller].registers.r6 != 0 { armed.insert(caller) }
    expireTimers()
  }

  /// Returns the time, and the caller's deadline and bits; no bits mean disarmed.
  @inline(__always)
  mutating func getTimer(_ caller: Int) {
    tasks[caller].registers.r4 = UInt32(truncatingIfNeeded: now)
    tasks[caller].registers.r5 = UInt32(truncatingIfNeeded: now &>> 32)
    tasks[caller].registers.r6 = tasks[caller].deadlineOrAddress
    tasks[caller].registers.r7 = tasks[caller].deadlineOrProgramCounter
    tasks[caller].registers.r8 = armed.contains(caller) ? tasks[caller].timerBitsOrDetail : 0
  }

  /// Posts and disarms every timer that is due.
  @inline(never)
  mutating func expireTimers() {
    var rest = armed
    while !rest.isEmpty {
      let index = rest.first
      rest.remove(index)
      let high = UInt64(tasks[index].deadlineOrProgramCounter) &<< 32
      let deadline = high | UInt64(tasks[index].deadlineOrAddress)
      if deadline <= now {
        armed.remove(index)
        post(tasks[index].timerBitsOrDetail, to: index)
      }
    }
  }
}
