// ApusKernelTests/TimeTests.swift: one test per promise about timers.
// Time is the kernel's own count of ticks; nothing here waits.

import ApusABI
import Testing

@testable import ApusKernel
@testable import KernelModel

@Suite struct TimeTests {
  /// A system at tick `now`, in which task 2 has set a timer and waits for its bit.
  func waiting(at now: UInt64, until deadline: UInt64, bits: UInt32 = 4) -> System {
    var system = System()
    system.kernel.now = now
    system.call(2, .setTimer, r4: low(deadline), r5: high(deadline), r6: bits)
    system.call(2, .receiveNotifications, r9: ~0)
    return system
  }

  func low(_ time: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: time) }
  func high(_ time: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: time >> 32) }

  @Test("Setting a timer changes nothing but the timer.")
  func sets() {
    var system = System()
    system.check(2, .setTimer, r4: 5, r5: 6, r6: 7) {
      $0.kernel.tasks[2].deadlineOrAddress = 5
      $0.kernel.tasks[2].deadlineOrProgramCounter = 6
      $0.kernel.tasks[2].timerBitsOrDetail = 7
      $0.kernel.armed.insert(2)
    }
  }

  @Test("A timer posts once, at its deadline and never before, across a carry of 32 bits too.")
  func neverEarly() {
    for start: UInt64 in [0, 1, 0xFFFF_FFFD, 0x1_0000_0000, 0x7_FFFF_FFFE] {
      for distance in UInt64(1)...6 {
        var system = waiting(at: start, until: start + distance)
        for _ in 1..<distance {
          system.check(door: { $0.kernel.tick(&$0.machine) }) { $0.kernel.now += 1 }
        }
        system.check(door: { $0.kernel.tick(&$0.machine) }) {
          $0.kernel.now += 1
          $0.kernel.armed.remove(2)
          $0.kernel.tasks[2].registers.r4 = 0xFFFF
          $0.kernel.tasks[2].registers.r5 = 4
          $0.kernel.tasks[2].state = .runnable
        }
        system.check(door: { $0.kernel.tick(&$0.machine) }) { $0.kernel.now += 1 }
      }
    }
  }

  @Test("A deadline that is only later by its high word does not pass by its low word.")
  func highWord() {
    var system = waiting(at: 0xFFFF_FFF0, until: 0x1_0000_0002)
    for _ in 0..<17 { system.kernel.tick(&system.machine) }
    #expect(system.kernel.tasks[2].state == .waiting)
    system.kernel.tick(&system.machine)
    #expect(system.kernel.tasks[2].state == .runnable && system.kernel.now == 0x1_0000_0002)
  }

  @Test("A deadline in the past, and one that is now, post at once.")
  func past() {
    for deadline: UInt64 in [0, 9, 10] {
      var system = System()
      system.kernel.now = 10
      system.check(2, .setTimer, r4: low(deadline), r5: 0, r6: 3) {
        $0.kernel.tasks[2].deadlineOrAddress = UInt32(deadline)
        $0.kernel.tasks[2].deadlineOrProgramCounter = 0
        $0.kernel.tasks[2].timerBitsOrDetail = 3
        $0.kernel.tasks[2].pending = 3
      }
    }
  }

  @Test("Arming again replaces the deadline and the bits: only the second posts.")
  func again() {
    var system = System()
    system.call(2, .setTimer, r4: 2, r5: 0, r6: 1)
    system.call(2, .setTimer, r4: 4, r5: 0, r6: 2)
    for _ in 0..<3 { system.kernel.tick(&system.machine) }
    #expect(system.kernel.tasks[2].pending == 0)
    system.kernel.tick(&system.machine)
    #expect(system.kernel.tasks[2].pending == 2)
  }

  @Test("Arming again takes nothing back: what was posted stays, whoever posted it.")
  func keepsWhatWasPosted() {
    var system = System()
    system.call(3, .setTimer, r4: 0, r5: 0, r6: 0b10)
    system.call(2, .post, r4: system.id(3), r5: 0b110)
    system.check(3, .setTimer, r4: 9, r5: 0, r6: 0b10) {
      ($0.kernel.tasks[3].deadlineOrAddress, $0.kernel.tasks[3].timerBitsOrDetail) = (9, 0b10)
      $0.kernel.armed.insert(3)
    }
    #expect(system.kernel.tasks[3].pending == 0b110)
  }

  @Test("No bits disarm the timer, and nothing is ever posted.")
  func disarm() {
    var system = System()
    system.call(2, .setTimer, r4: 2, r5: 0, r6: 1)
    system.call(2, .setTimer, r4: 2, r5: 0, r6: 0)
    #expect(system.kernel.armed.isEmpty)
    for _ in 0..<4 { system.kernel.tick(&system.machine) }
    #expect(system.kernel.tasks[2].pending == 0)
  }

  @Test("A fault disarms the timer at once.")
  func fault() {
    var system = waiting(at: 0, until: 2)
    system.inject(2)
    #expect(system.kernel.armed.isEmpty)
    for _ in 0..<4 {
      system.check(door: { $0.kernel.tick(&$0.machine) }) { $0.kernel.now += 1 }
    }
  }

  @Test("Timers of several tasks at one tick all post, and the most important task runs.")
  func several() {
    var system = System()
    for task in 0..<5 {
      system.call(task, .setTimer, r4: 3, r5: 0, r6: 1 << UInt32(task))
      system.call(task, .receiveNotifications, r9: ~0)
    }
    #expect(system.kernel.current == 5)
    for _ in 0..<2 { system.kernel.tick(&system.machine) }
    #expect(system.kernel.current == 5)
    system.kernel.tick(&system.machine)
    #expect(system.kernel.current == 0)
    #expect((0..<5).allSatisfy { system.kernel.tasks[$0].registers.r5 == 1 << UInt32($0) })
    #expect(system.kernel.armed.isEmpty)
  }

  @Test("getTimer answers time, deadline and bits, and changes nothing else.")
  func get() {
    var system = waiting(at: 0x5_0000_0007, until: 0x6_0000_0001)
    system.call(3, .post, r4: system.id(2), r5: 1)
    system.check(2, .getTimer) {
      ($0.kernel.tasks[2].registers.r4, $0.kernel.tasks[2].registers.r5) = (7, 5)
      ($0.kernel.tasks[2].registers.r6, $0.kernel.tasks[2].registers.r7) = (1, 6)
      $0.kernel.tasks[2].registers.r8 = 4
    }
  }

  @Test("getTimer answers no bits when the timer is disarmed, has posted, or was never set.")
  func getDisarmed() {
    var system = System()
    #expect(system.call(2, .getTimer).r8 == 0)
    system.call(2, .setTimer, r4: 9, r5: 0, r6: 1)
    #expect(system.call(2, .getTimer).r8 == 1)
    system.call(2, .setTimer, r4: 9, r5: 0, r6: 0)
    #expect(system.call(2, .getTimer).r8 == 0)
    system.call(2, .setTimer, r4: 0, r5: 0, r6: 1)
    #expect(system.call(2, .getTimer).r8 == 0)
  }
}
