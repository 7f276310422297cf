// ApusKernelTests/GiveUpTests.swift: a task that is given up is dead to all until a restart.
// As elsewhere, each check compares the whole world.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct GiveUpTests {
  /// Task 1 is stopped; 2 and 3 wait for its reply, 4 waits in its queue.
  private func stopped() -> System {
    var system = System()
    system.engage(2, with: 1)
    system.engage(3, with: 1)
    system.send(4, to: 1)
    system.machine.interrupts[3] = 3
    system.inject(1)
    return system
  }

  @Test("Who waits for it is told at once, its interrupts are masked, and its record stays.")
  func tellsThoseWhoWait() {
    var system = stopped()
    system.check(0, .giveUp, r4: 1) {
      for peer in 2...4 {
        $0.kernel.tasks[peer].state = .runnable
        $0.kernel.tasks[peer].registers.r4 = 0xFFFF_F800
      }
      $0.kernel.tasks[1].life = 31
      $0.machine.interrupts[3] = 2
      $0.kernel.tasks[0].registers.r4 = 0
    }
    #expect(system.call(0, .taskStatus, r4: 1).r5 == 31)
    #expect(brokenInvariant(of: system.kernel) == nil)
  }

  @Test("Every later call is answered with the dead code of the life that ended.")
  func laterCalls() {
    for restarts in UInt32(0)...2 {
      var system = System()
      for _ in 0..<restarts { system.call(0, .restartTask, r4: 1) }
      let known = system.id(1)
      system.inject(1)
      system.call(0, .giveUp, r4: 1)
      for call in [Call.send, .post, .borrowRead, .borrowWrite, .borrowInfo] {
        var other = system
        other.check(3, call, r4: known, r5: 0, r6: 0) {
          $0.kernel.tasks[3].registers.r4 = 0xFFFF_F800 + restarts
        }
      }
      // The name that anybody can find out is the one that is dead.
      system.check(3, .refreshTaskID, r4: 1) { $0.kernel.tasks[3].registers.r4 = known }
      for call in [Call.reply, .replyFault] {
        system.check(2, call, r4: known, r5: 0, r6: 0) { _ in }
      }
    }
  }

  @Test("A restart revives it: the next generation, as after any other life.")
  func revives() {
    var system = stopped()
    system.call(0, .giveUp, r4: 1)
    system.check(0, .restartTask, r4: 1) {
      $0.kernel.tasks[1].life = 1
      $0.restart(1)
      $0.kernel.tasks[0].registers.r4 = 0
    }
    #expect(system.id(1) == 33)
    #expect(system.call(3, .send, r4: 1, r6: 0, r8: 0).r4 == 0xFFFF_F801)
    system.receive(1)
    system.send(3, to: 1)
    #expect(system.kernel.tasks[3].state == .awaitingReply(from: TaskID(rawValue: 33)))
  }

  @Test("Giving up twice is giving up once, and only a stopped task can be given up.")
  func twice() {
    var system = stopped()
    system.call(0, .giveUp, r4: 1)
    system.check(0, .giveUp, r4: 1) { $0.kernel.tasks[0].registers.r4 = 0 }
    for index: UInt32 in [0, 2, 5, 6, 31, .max] {
      system.check(0, .giveUp, r4: index) { $0.kernel.tasks[0].registers.r4 = 2 }
    }
  }

  @Test("findFaultedTask finds only tasks about which nothing is decided.")
  func find() {
    var system = System()
    system.inject(1)
    system.inject(3)
    system.call(0, .giveUp, r4: 1)
    #expect(system.call(0, .findFaultedTask, r4: 1).r4 == 3)
    system.call(0, .giveUp, r4: 3)
    #expect(system.call(0, .findFaultedTask, r4: 0).r4 == 0)
  }

  @Test("The end of a life wakes no peer that is stopped itself, whatever stopped it.")
  func stoppedPeers() {
    for call in [Call.restartTask, .giveUp] {
      for kind in UInt8(1)...13 {
        for isQueued in [false, true] {
          var system = System()
          if isQueued { system.send(3, to: 1) } else { system.engage(3, with: 1) }
          system.kernel.tasks[3].state.rawValue |= UInt32(kind) << 8
          system.kernel.tasks[1].senders.remove(3)
          system.inject(1)
          let before = system.kernel.tasks[3]
          #expect(system.call(0, call, r4: 1).r4 == 0)
          #expect(system.kernel.tasks[3] == before, "\(call), kind \(kind)")
          #expect(!system.kernel.runnable.contains(3))
        }
      }
    }
  }
}
