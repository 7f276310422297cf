// ApusKernel/Notifications.swift: one word per task; others post to it, and its owner clears it.
// Posting a bit twice is the same as once: there is no queue that could overflow.

import ApusABI

extension Kernel {
  /// Posts `bits` to task `index`, and wakes it if it waits for one of them.
  @inline(never)
  mutating func post(_ bits: UInt32, to index: Int) {
    tasks[index].pending |= bits
    // `receiving` and `waiting` are neighbours, and a fault sets higher bits: one compare tells.
    let isWaiting = tasks[index].state.rawValue &- TaskState.receiving.rawValue < 2
    if isWaiting && takeNotifications(index) { wake(index) }
  }

  /// Gives a task the pending notifications that its mask in r9 asks for.
  ///
  /// - Returns: Whether there was one.
  @inline(__always)
  mutating func takeNotifications(_ index: Int) -> Bool {
    let bits = tasks[index].pending & tasks[index].registers.r9
    if bits == 0 { return false }
    tasks[index].pending ^= bits
    tasks[index].registers.r4 = UInt32(TaskID.kernel.rawValue)
    tasks[index].registers.r5 = bits
    return true
  }

  /// Posts r5 to the task in r4, if these are bits that tasks may post to it.
  @inline(__always)
  mutating func postCall(_ caller: Int, _ machine: inout some Machine) {
    let target = Int(truncatingIfNeeded: tasks[caller].registers.r4 & 31)
    guard machine.descriptor(caller).notifies & TaskSet(target).rawValue != 0 else {
      return misuse(caller, .illegalTask, &machine)
    }
    let bits = tasks[caller].registers.r5
    guard bits & ~machine.descriptor(target).postable == 0 else {
      return misuse(caller, .notPostable, &machine)
    }
    guard isAlive(target, for: caller) else { return }
    post(bits, to: target)
    tasks[caller].registers.r4 = ResponseCode.success.rawValue
  }
}
