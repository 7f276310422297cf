// ApusKernelTests/InterruptsTests.swift: one test per promise about interrupts and their owners.
// The toy machine owns 0 (task 0), 3, 5 and 7 (task 1) and 33 (task 2); 40 is nobody's.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct InterruptsTests {
  /// Everything enabled and pending.
  func noisy() -> System {
    var system = System()
    for number in system.machine.interrupts.indices { system.machine.interrupts[number] = 3 }
    return system
  }

  @Test("A taken interrupt is masked and posted to its owner alone.")
  func delivery() {
    for (number, task, bits) in [(0, 0, 2), (3, 1, 0x10), (7, 1, 0x40), (33, 2, 0x10)] {
      var system = noisy()
      system.check(door: { $0.kernel.interrupt(UInt32(number), &$0.machine) }) {
        $0.machine.interrupts[number] = 2
        $0.kernel.tasks[task].pending = UInt32(bits)
      }
    }
  }

  @Test("A taken interrupt wakes its owner, if it waits for it.")
  func wakes() {
    var system = noisy()
    system.call(2, .receiveNotifications, r9: 0x10)
    system.check(door: { $0.kernel.interrupt(33, &$0.machine) }) {
      $0.machine.interrupts[33] = 2
      $0.kernel.tasks[2].registers.r4 = 0xFFFF
      $0.kernel.tasks[2].registers.r5 = 0x10
      $0.kernel.tasks[2].state = .runnable
    }
  }

  @Test("An interrupt that nobody owns is masked, and nobody is told.")
  func unowned() {
    var system = noisy()
    system.check(door: { $0.kernel.interrupt(40, &$0.machine) }) { $0.machine.interrupts[40] = 2 }
  }

  @Test("irqControl masks, enables and forgets the interrupts that the caller's mask names.")
  func control() {
    for (control, word) in [(0, 2), (1, 3), (2, 0), (3, 1)] {
      var system = noisy()
      system.check(1, .irqControl, r4: 0x30, r5: UInt32(control)) {
        $0.machine.interrupts[3] = UInt32(word)
        $0.machine.interrupts[5] = UInt32(word)
      }
      system = noisy()
      system.check(1, .irqControl, r4: ~0, r5: UInt32(control)) {
        for number in [3, 5, 7] { $0.machine.interrupts[number] = UInt32(word) }
      }
    }
  }

  @Test("An unknown bit of the control faults the caller and touches no interrupt.")
  func badControl() {
    for control: UInt32 in [4, 5, 8, 1 << 31, .max] {
      var system = noisy()
      system.check(1, .irqControl, r4: 0x10, r5: control) { $0.stop(1, .badSelector) }
    }
  }

  @Test("A mask that names no interrupt of the caller faults, whatever others own.")
  func noInterrupt() {
    for call in [Call.irqControl, .irqStatus] {
      for (task, mask) in [(1, 0), (1, 0x20), (2, 0x40), (3, ~0), (4, 0x10)] as [(Int, UInt32)] {
        var system = noisy()
        system.check(task, call, r4: mask, r5: 1) { $0.stop(task, .noInterrupt) }
      }
    }
  }

  @Test("irqStatus unites enabled, pending and posted of what the mask names, and changes nothing.")
  func status() {
    for first in UInt32(0)...3 {
      for second in UInt32(0)...3 {
        var system = System()
        (system.machine.interrupts[3], system.machine.interrupts[5]) = (first, second)
        system.machine.interrupts[7] = 3
        system.check(1, .irqStatus, r4: 0x10) {
          $0.kernel.tasks[1].registers.r4 = first | second
        }
        system.call(3, .post, r4: system.id(1), r5: 0x10)
        system.check(1, .irqStatus, r4: 0x10) {
          $0.kernel.tasks[1].registers.r4 = first | second | 4
        }
      }
    }
  }

  @Test("irqStatus says posted of any bit of the mask, and of no other.")
  func postedOfOthers() {
    var system = noisy()
    system.call(3, .post, r4: system.id(1), r5: 0x21)
    #expect(system.call(1, .irqStatus, r4: 0x10).r4 == 3)
    #expect(system.call(1, .irqStatus, r4: 0x11).r4 == 7)
  }
}
