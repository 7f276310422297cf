// ApusKernelTests/NotificationsTests.swift: one test per promise about posts and their bits.
// Every check compares the whole world, so each says as well what must not have happened.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct NotificationsTests {
  @Test("A post to a task that does not wait stays pending, and twice equals once.")
  func pends() {
    var system = System()
    for _ in 0..<2 {
      system.check(3, .post, r4: system.id(1), r5: 0b1010) {
        $0.kernel.tasks[1].pending = 0b1010
        $0.kernel.tasks[3].registers.r4 = 0
      }
    }
    system.check(3, .post, r4: system.id(1), r5: 0b0110) {
      $0.kernel.tasks[1].pending = 0b1110
      $0.kernel.tasks[3].registers.r4 = 0
    }
  }

  @Test("A post wakes a waiting task with the bits of its mask; the others stay pending.")
  func wakes() {
    for call in [Call.receive, .receiveNotifications] {
      var system = System()
      system.call(1, call, r7: 0, r8: 0, r9: 0b0011)
      system.check(3, .post, r4: system.id(1), r5: 0b0110) {
        $0.kernel.tasks[1].pending = 0b0100
        $0.kernel.tasks[1].registers.r4 = 0xFFFF
        $0.kernel.tasks[1].registers.r5 = 0b0010
        $0.kernel.tasks[1].state = .runnable
        $0.kernel.tasks[3].registers.r4 = 0
      }
      // It is awake now: the next post finds it running.
      system.check(3, .post, r4: system.id(1), r5: 0b0001) {
        $0.kernel.tasks[1].pending = 0b0101
        $0.kernel.tasks[3].registers.r4 = 0
      }
    }
  }

  @Test("A post outside the mask, or of no bit, wakes nobody.")
  func masked() {
    var system = System()
    system.call(1, .receiveNotifications, r9: 0b0011)
    system.check(3, .post, r4: system.id(1), r5: 0b0100) {
      $0.kernel.tasks[1].pending = 0b0100
      $0.kernel.tasks[3].registers.r4 = 0
    }
    system.check(3, .post, r4: system.id(1), r5: 0) { $0.kernel.tasks[3].registers.r4 = 0 }
  }

  @Test("A post to a task that sends, awaits a reply or is stopped only becomes pending.")
  func elsewhere() {
    typealias Preparation = (inout System) -> Void
    let preparations: [Preparation] = [
      { $0.send(2, to: 1) },
      { $0.engage(2, with: 1) },
      { $0.inject(2) },
      {
        $0.call(2, .receiveNotifications, r9: ~0)
        $0.inject(2)
      },
      {
        $0.call(2, .receive, r7: 0, r8: 0, r9: ~0)
        $0.inject(2)
      },
    ]
    for prepare in preparations {
      var system = System()
      prepare(&system)
      system.check(3, .post, r4: system.id(2), r5: .max) {
        $0.kernel.tasks[2].pending = .max
        $0.kernel.tasks[3].registers.r4 = 0
      }
    }
  }

  @Test("receiveNotifications takes pending bits of its mask at once and leaves the others.")
  func takes() {
    var system = System()
    system.call(3, .post, r4: system.id(2), r5: 0b111)
    system.check(2, .receiveNotifications, r9: 0b101) {
      $0.kernel.tasks[2].pending = 0b010
      $0.kernel.tasks[2].registers.r4 = 0xFFFF
      $0.kernel.tasks[2].registers.r5 = 0b101
    }
    system.check(2, .receiveNotifications, r9: 0b101) { $0.kernel.tasks[2].state = .waiting }
  }

  @Test("receiveNotifications ignores senders, who wait on.")
  func ignoresSenders() {
    var system = System()
    system.send(3, to: 2)
    system.check(2, .receiveNotifications, r9: 1) { $0.kernel.tasks[2].state = .waiting }
    system.check(4, .send, r4: system.id(2), r5: system.outgoing(4), r6: 1) {
      $0.kernel.tasks[4].state = .sending(to: $0.kernel.tasks[2].id)
    }
  }

  @Test("A post faults for every target that the mask does not name.")
  func permissions() {
    for target in 0..<32 {
      var system = System()
      system.machine.descriptors[3].notifies = ~TaskSet(target).rawValue
      system.check(3, .post, r4: UInt32(target) | 0xFFE0, r5: 1) { $0.stop(3, .illegalTask) }
    }
  }

  @Test("A bit that tasks may not post to the target faults the poster, dead or alive the target.")
  func forgery() {
    for postable: UInt32 in [0, 0b10, 0x8000_0000, ~1, .max] {
      for bits: UInt32 in [0, 1, 0b10, 0b11, 0x8000_0000, .max] {
        for isStale in [false, true] {
          var system = System()
          system.machine.descriptors[2].postable = postable
          if isStale { system.call(0, .restartTask, r4: 2) }
          system.check(3, .post, r4: 2, r5: bits) {
            if bits & ~postable != 0 { return $0.stop(3, .notPostable) }
            if !isStale { $0.kernel.tasks[2].pending = bits }
            $0.kernel.tasks[3].registers.r4 = isStale ? 0xFFFF_F801 : 0
          }
        }
      }
    }
  }

  @Test("A post to an earlier life is answered with the dead code and posts nothing.")
  func stale() {
    var system = System()
    let old = system.id(2)
    system.call(2, .receiveNotifications, r9: ~0)
    system.call(0, .restartTask, r4: 2)
    system.call(2, .receiveNotifications, r9: ~0)
    system.check(3, .post, r4: old, r5: 1) { $0.kernel.tasks[3].registers.r4 = 0xFFFF_F801 }
  }

  @Test("A task may post to itself, if its mask says so.")
  func toItself() {
    var system = System()
    system.check(3, .post, r4: system.id(3), r5: 2) {
      $0.kernel.tasks[3].pending = 2
      $0.kernel.tasks[3].registers.r4 = 0
    }
  }
}
