// ApusKernelTests/KernelTests.swift: boot, the schedule, the call numbers, and idle.
// Here nobody overrules the schedule: only the current task acts.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct KernelTests {
  @Test(
    "After boot every task can run in generation 0 with a frame of its own, the supervisor first.")
  func boot() {
    let system = System()
    #expect(system.kernel.current == 0)
    #expect(system.machine.frames == [1, 1, 1, 1, 1, 1])
    for index in 0..<6 {
      #expect(system.kernel.tasks[index].life == UInt32(index))
      #expect(system.kernel.tasks[index].stackPointer == system.ram(index) + 0x3E0)
    }
    #expect(brokenInvariant(of: system.kernel) == nil)
  }

  @Test("The most important runnable task runs after every way out; idle runs when all wait.")
  func schedule() {
    var system = System()
    for task in 0..<5 {
      #expect(system.kernel.current == UInt32(task))
      system.call(task, .receiveNotifications, r9: 0x12)
    }
    #expect(system.kernel.current == 5)
    system.kernel.interrupt(33, &system.machine)
    #expect(system.kernel.current == 2)
    system.kernel.interrupt(3, &system.machine)
    #expect(system.kernel.current == 1)
    system.call(1, .receiveNotifications, r9: 0x10)
    #expect(system.kernel.current == 2)
    system.kernel.fault(.memory, address: 0, &system.machine)
    #expect(system.kernel.current == 5, "the supervisor does not wait for the fault's bit")
  }

  @Test("A number that is no call faults the caller.")
  func unknownCalls() {
    for number: UInt32 in [24, 25, 255, 256, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, .max] {
      for caller in 0..<5 {
        var system = System()
        system.prepare(caller, number)
        system.check(door: { $0.kernel.call(&$0.machine) }) {
          $0.stop(caller, .unknownCall)
          if caller == 0 { $0.recordDeath() }
        }
      }
    }
  }

  @Test("refreshTaskID tells of whom the caller may call or notify, and the supervisor of all.")
  func refreshOfStrangers() {
    for (calls, notifies) in [(0, 0), (1, 0), (0, 2), (4, 8), (2, 2)] as [(UInt32, UInt32)] {
      for index in 0..<32 {
        var system = System()
        system.machine.descriptors[3].calls = calls << 26
        system.machine.descriptors[3].notifies = notifies << 26
        let isKnown = (calls | notifies) << 26 & TaskSet(index).rawValue != 0
        system.check(3, .refreshTaskID, r4: UInt32(index) | 0xFFFF_FFE0) {
          if !isKnown { return $0.stop(3, .illegalTask) }
          $0.kernel.tasks[3].registers.r4 = UInt32(index)
        }
      }
    }
    for index in UInt32(0)..<6 {
      var system = System()
      system.machine.descriptors[0].notifies = 0
      system.check(0, .refreshTaskID, r4: index) { $0.kernel.tasks[0].registers.r4 = index }
    }
  }

  @Test("refreshTaskID answers with the present life, and faults for no task.")
  func refresh() {
    var system = System()
    system.call(0, .restartTask, r4: 2)
    for given: UInt32 in [2, 34, 0xFFE2, 0xABCD_0002] {
      system.check(3, .refreshTaskID, r4: given) { $0.kernel.tasks[3].registers.r4 = 34 }
    }
    for index: UInt32 in [6, 7, 31, 0xFFFF] {
      var other = System()
      other.check(3, .refreshTaskID, r4: index) { $0.stop(3, .illegalTask) }
    }
  }

  @Test("The smallest and the largest kernel boot, and keep their invariants.")
  func sizes() {
    func expectBoot<let count: Int>(_ kernel: Kernel<count>) {
      var kernel = kernel
      var machine = ToyMachine(taskCount: count)
      kernel.boot(&machine)
      kernel.tick(&machine)
      #expect(brokenInvariant(of: kernel) == nil)
    }
    expectBoot(Kernel<2>())
    expectBoot(Kernel<8>())
    expectBoot(Kernel<32>())
  }

  @Test("A kernel is a value: a copy goes its own way.")
  func value() {
    var system = System()
    let snapshot = system
    system.send(3, to: 1)
    system.kernel.tick(&system.machine)
    var again = snapshot
    #expect(again.kernel.now == 0 && again.kernel.tasks[3].state == .runnable)
    again.check(3, .send, r4: again.id(1), r5: again.outgoing(3), r6: 1) {
      $0.kernel.tasks[3].state = .sending(to: $0.kernel.tasks[1].id)
    }
  }
}
