// ApusKernelTests/MessagesTests.swift: one test per promise of send, receive and the replies.
// Every check compares the whole world, so each says as well what must not have happened.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct SendTests {
  @Test("A send to a receiver hands over the message and waits for the reply.")
  func delivers() {
    var system = System()
    system.receive(1)
    system.check(
      3, .send, r4: system.id(1, 0xBEEF), r5: system.outgoing(3), r6: 40, r7: system.incoming(3),
      r8: 16, r9: system.leases(3), r10: 5
    ) { $0.hand(3, to: 1) }
    #expect(system.kernel.tasks[1].registers.r4 == 0xBEEF_0003)
    #expect(system.kernel.current == 0)
  }

  @Test("A message longer than the buffer is cut, and its true length is told.")
  func truncates() {
    for capacity: UInt32 in [0, 1, 7, 8, 9, 256] {
      var system = System()
      system.receive(1, capacity: capacity)
      system.check(
        3, .send, r4: system.id(1), r5: system.outgoing(3), r6: 8, r7: system.incoming(3), r8: 16
      ) { $0.hand(3, to: 1) }
      #expect(system.kernel.tasks[1].registers.r5 == 8)
    }
  }

  @Test("An empty message may point anywhere, and so may an empty buffer.")
  func empty() {
    for address: UInt32 in [0, 0x4000_0000, .max] {
      var system = System()
      system.call(1, .receive, r7: ~address, r8: 0, r9: 0)
      system.check(3, .send, r4: system.id(1), r5: address, r6: 0, r7: 0, r8: 0) {
        $0.hand(3, to: 1)
      }
    }
  }

  @Test("A message may lie in the sender's flash.")
  func fromFlash() {
    var system = System()
    system.receive(1)
    let flash = system.machine.descriptors[3].flashBase
    system.check(3, .send, r4: system.id(1), r5: flash, r6: 0x80) { $0.hand(3, to: 1) }
  }

  @Test("A send to a task that does not receive waits, whatever that task does.")
  func waits() {
    typealias Preparation = (inout System) -> Void
    let preparations: [Preparation] = [
      { _ in },
      { $0.call(1, .receiveNotifications, r9: 1) },
      { $0.send(1, to: 0) },
      { $0.engage(1, with: 0) },
      { $0.inject(1) },
      {
        $0.receive(1)
        $0.inject(1)
      },
    ]
    for prepare in preparations {
      var system = System()
      prepare(&system)
      system.check(3, .send, r4: system.id(1), r5: system.outgoing(3), r6: 4) {
        $0.kernel.tasks[3].state = .sending(to: $0.kernel.tasks[1].id)
      }
    }
  }

  @Test("A message of 256 bytes is moved, one of 257 or more faults the sender.")
  func tooLong() {
    var system = System()
    system.receive(1)
    var other = system
    system.check(3, .send, r4: system.id(1), r5: system.outgoing(3), r6: 256) { $0.hand(3, to: 1) }
    other.check(3, .send, r4: other.id(1), r5: other.outgoing(3), r6: 257) { $0.stop(3, .tooLong) }
    var last = System()
    last.check(3, .send, r4: last.id(1), r5: last.outgoing(3), r6: .max) { $0.stop(3, .tooLong) }
  }

  @Test("A send faults for every target that the mask does not name, dead or alive.")
  func permissions() {
    for caller in 0..<6 {
      for target in 0..<32 {
        var system = System()
        for mask: UInt32 in [0, ~TaskSet(target).rawValue] {
          system = System()
          system.machine.descriptors[caller].calls = mask
          system.kernel.tasks[caller].state = .runnable
          let wanted = UInt32(target) | 0x7E0
          system.check(caller, .send, r4: wanted, r5: 0, r6: 0) {
            $0.stop(caller, .illegalTask)
            if caller == 0 { $0.recordDeath() }
          }
        }
      }
    }
  }

  @Test("A stale identifier is answered with the dead code of the present life, and wakes nobody.")
  func stale() {
    for restarts in 1...3 {
      var system = System()
      let old = system.id(1)
      for _ in 0..<restarts { system.call(0, .restartTask, r4: 1) }
      system.receive(1)
      system.check(3, .send, r4: old, r5: system.outgoing(3), r6: 8) {
        $0.kernel.tasks[3].registers.r4 = 0xFFFF_F800 + UInt32(restarts)
      }
    }
  }

  /// What a target may be doing when somebody sends to it.
  static let targets: [@Sendable (inout System) -> Void] = [
    { _ in }, { $0.receive(1) }, { $0.send(1, to: 0) }, { $0.inject(1) },
    { $0.call(0, .restartTask, r4: 1) },
  ]

  @Test("A bad message stops its sender at the call, whatever the receiver does.")
  func badMessage() {
    let (ram, end) = (System().ram(3), System().ram(3) + 0x400)
    for address: UInt32 in [0, end - 7, end, ram - 1, System().ram(1), 0xFFFF_FFFC] {
      for prepare in Self.targets {
        var system = System()
        prepare(&system)
        system.check(3, .send, r4: 1, r5: address, r6: 8) {
          $0.stop(3, .badSlice, address: address)
        }
      }
    }
  }

  @Test("A bad reply buffer stops its sender at the call, and one in flash is bad.")
  func badReplyBuffer() {
    let (ram, flash) = (System().ram(3), System().machine.descriptors[3].flashBase)
    for (address, capacity) in [(0, 1), (ram - 1, 2), (ram + 0x3F9, 8), (flash, 4), (ram, .max)]
      as [(UInt32, UInt32)]
    {
      for prepare in Self.targets {
        var system = System()
        prepare(&system)
        system.check(
          3, .send, r4: 1, r5: system.outgoing(3), r6: 8, r7: address, r8: capacity
        ) { $0.stop(3, .badSlice, address: address) }
      }
    }
  }

  @Test("Of several mistakes the target is named first, then length, message, reply buffer.")
  func blameOrder() {
    var system = System()
    var (tooLong, message, buffer) = (system, system, system)
    system.check(3, .send, r4: 4, r5: 0, r6: 257, r7: 0, r8: 1) { $0.stop(3, .illegalTask) }
    tooLong.check(3, .send, r4: 1, r5: 0, r6: 257, r7: 0, r8: 1) { $0.stop(3, .tooLong) }
    message.check(3, .send, r4: 1, r5: 4, r6: 256, r7: 8, r8: 1) {
      $0.stop(3, .badSlice, address: 4)
    }
    buffer.call(0, .restartTask, r4: 1)
    buffer.check(3, .send, r4: 1, r5: 4, r6: 0, r7: 8, r8: 1) {
      $0.stop(3, .badSlice, address: 8)
    }
  }
}

@Suite struct ReceiveTests {
  @Test("A receive without a sender or a notification waits and changes no register.")
  func blocks() {
    var system = System()
    system.check(2, .receive, r7: system.incoming(2), r8: 8, r9: ~0) {
      $0.kernel.tasks[2].state = .receiving
    }
  }

  @Test("Of several senders the most important is served, however late it came.")
  func priority() {
    var system = System()
    for sender in [4, 2, 3] { system.send(sender, to: 1, operation: UInt32(sender)) }
    for sender in [2, 3, 4] {
      system.check(1, .receive, r7: system.incoming(1), r8: 256, r9: 0) { $0.hand(sender, to: 1) }
    }
    system.check(1, .receive, r7: system.incoming(1), r8: 256, r9: 0) {
      $0.kernel.tasks[1].state = .receiving
    }
  }

  @Test("A receiver's bad buffer stops it and none of its senders, who keep their turn.")
  func badBuffer() {
    var system = System()
    for sender in 2...4 { system.send(sender, to: 1) }
    system.check(1, .receive, r7: system.ram(1) - 1, r8: 8, r9: 0) {
      $0.stop(1, .badSlice, address: $0.ram(1) - 1)
    }
    #expect(system.kernel.tasks[1].senders.rawValue == 0x3800_0000)
    #expect(system.kernel.tasks[1].state.activity == .runnable)
  }

  @Test(
    "A bad buffer stops the receiver at the call, also if nobody sends or a notification waits.")
  func badBufferAlone() {
    let (ram, flash) = (System().ram(1), System().machine.descriptors[1].flashBase)
    for (address, capacity) in [(0, 8), (ram + 0x3F9, 8), (flash, 8), (ram, 0x401)]
      as [(UInt32, UInt32)]
    {
      for isPosted in [false, true] {
        var system = System()
        if isPosted { system.call(2, .post, r4: system.id(1), r5: 2) }
        system.check(1, .receive, r7: address, r8: capacity, r9: 2) {
          $0.stop(1, .badSlice, address: address)
        }
      }
    }
  }

  @Test("A receive takes a pending notification before any message.")
  func notificationFirst() {
    var system = System()
    system.send(3, to: 1)
    system.call(2, .post, r4: system.id(1), r5: 0b110)
    system.check(1, .receive, r7: system.incoming(1), r8: 8, r9: 0b010) {
      $0.kernel.tasks[1].pending = 0b100
      $0.kernel.tasks[1].registers.r4 = 0xFFFF
      $0.kernel.tasks[1].registers.r5 = 0b010
    }
  }

  @Test("The supervisor's bad buffer resets the machine, never its client.")
  func supervisorsBuffer() {
    var system = System()
    system.send(3, to: 0)
    system.check(0, .receive, r7: 4, r8: 8, r9: 0) {
      $0.stop(0, .badSlice, address: 4)
      $0.recordDeath()
    }
  }
}

extension System {
  /// The machine was reset for the death of the supervisor, whose record stands.
  mutating func recordDeath() {
    machine.resets.append(
      ResetRecord(
        cause: .supervisorFault, state: kernel.tasks[0].state.rawValue,
        address: kernel.tasks[0].deadlineOrAddress,
        programCounter: kernel.tasks[0].deadlineOrProgramCounter))
  }

  /// `task` begins its next life; its peers and its interrupts are the test's to say.
  mutating func restart(_ task: Int) {
    kernel.tasks[task].life += 32
    kernel.tasks[task].pending = 0
    kernel.tasks[task].registers = Registers()
    kernel.tasks[task].stackPointer = machine.firstFrame(task)
    kernel.tasks[task].state = .runnable
    kernel.armed.remove(task)
  }
}
