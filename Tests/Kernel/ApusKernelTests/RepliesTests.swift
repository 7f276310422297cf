// ApusKernelTests/RepliesTests.swift: one test per promise of reply, replyAndReceive, replyFault.
// They share `Messages.swift` with send and receive, and have a file of their own for its length.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct ReplyTests {
  /// A supervisor, a server at 1 and a client at 3 that waits for it with room for 32 bytes.
  func engaged() -> System {
    var system = System()
    system.engage(3, with: 1)
    return system
  }

  @Test("A reply hands over code and bytes and lets the client go on; the server's words stay.")
  func replies() {
    for length: UInt32 in [0, 1, 31, 32] {
      var system = engaged()
      system.check(1, .reply, r4: system.id(3, 0xFFFF), r5: system.outgoing(1), r6: length) {
        let bytes = $0.machine.read($0.outgoing(1), length) ?? []
        $0.machine.write(bytes, at: $0.incoming(3))
        $0.kernel.tasks[3].registers.r4 = 0xFFFF
        $0.kernel.tasks[3].registers.r5 = length
        $0.kernel.tasks[3].state = .runnable
      }
    }
  }

  @Test("A reply longer than the client's room faults the server; the client waits on.")
  func tooBig() {
    for length: UInt32 in [33, 256, 257, .max] {
      var system = engaged()
      system.check(1, .reply, r4: system.id(3), r5: system.outgoing(1), r6: length) {
        $0.stop(1, .tooLong)
      }
    }
  }

  @Test("A reply longer than 256 bytes faults the server, whatever room the client claims.")
  func tooLong() {
    var system = System()
    system.engage(3, with: 1, capacity: 0x280)
    system.check(1, .reply, r4: system.id(3), r5: system.ram(1), r6: 257) { $0.stop(1, .tooLong) }
  }

  @Test("A reply to anyone who does not wait for the caller does nothing.")
  func notAClient() {
    typealias Preparation = (inout System) -> Void
    let preparations: [Preparation] = [
      { _ in },
      { $0.receive(3) },
      { $0.call(3, .receiveNotifications, r9: 0) },
      { $0.send(3, to: 1) },
      { $0.engage(3, with: 2) },
      {
        $0.engage(3, with: 1)
        $0.inject(3)
      },
    ]
    for prepare in preparations {
      var system = System()
      prepare(&system)
      system.check(1, .reply, r4: system.id(3), r5: system.outgoing(1), r6: 256) { _ in }
    }
  }

  @Test("A reply of what is not the caller's stops it, also if nobody waits for the reply.")
  func badSliceForNobody() {
    var system = System()
    var other = system
    system.check(1, .reply, r4: system.id(3), r5: system.ram(3), r6: 8) {
      $0.stop(1, .badSlice, address: $0.ram(3))
    }
    other.check(1, .reply, r4: 31, r5: 0, r6: 257) { $0.stop(1, .tooLong) }
  }

  @Test("A reply to a client's earlier life does nothing.")
  func staleClient() {
    var system = engaged()
    let old = system.id(3)
    system.call(0, .restartTask, r4: 3)
    system.receive(1)
    system.send(3, to: 1)
    system.check(1, .reply, r4: old, r5: system.outgoing(1), r6: 256) { _ in }
  }

  @Test("A reply to an index beyond the tasks faults.", arguments: [6, 31, 0xFFFF] as [UInt32])
  func noTask(index: UInt32) {
    for call in [Call.reply, .replyAndReceive, .replyFault] {
      var system = engaged()
      system.check(1, call, r4: index, r5: 0, r6: 0, r7: 0, r8: 0, r9: 0) {
        $0.stop(1, .illegalTask)
      }
    }
  }

  @Test("A server's bad slice stops the server; the client waits on.")
  func serversSlice() {
    var system = engaged()
    system.check(1, .reply, r4: system.id(3), r5: system.ram(3), r6: 8) {
      $0.stop(1, .badSlice, address: $0.ram(3))
    }
  }

}

@Suite struct ReplyAndReceiveTests {
  @Test("It answers the client and takes the next message in one call.")
  func both() {
    var system = System()
    system.engage(3, with: 1)
    system.send(4, to: 1, operation: 77)
    system.check(
      1, .replyAndReceive, r4: system.id(3, 5), r5: system.outgoing(1), r6: 2,
      r7: system.incoming(1), r8: 64, r9: 0
    ) {
      $0.machine.write($0.machine.read($0.outgoing(1), 2) ?? [], at: $0.incoming(3))
      $0.kernel.tasks[3].registers.r4 = 5
      $0.kernel.tasks[3].registers.r5 = 2
      $0.kernel.tasks[3].state = .runnable
      $0.hand(4, to: 1)
    }
  }

  @Test("With nobody to answer and nobody to hear it waits for a message.")
  func neither() {
    var system = System()
    system.check(
      1, .replyAndReceive, r4: system.id(3), r5: system.outgoing(1), r6: 256,
      r7: system.incoming(1),
      r8: 8, r9: 0
    ) {
      $0.kernel.tasks[1].state = .receiving
    }
  }

  @Test("A server stopped by its reply does not receive.")
  func stopped() {
    var system = System()
    system.engage(3, with: 1)
    system.send(4, to: 1)
    system.check(
      1, .replyAndReceive, r4: system.id(3), r5: system.outgoing(1), r6: 33, r7: system.incoming(1),
      r8: 64, r9: 0
    ) { $0.stop(1, .tooLong) }
  }

  @Test("A server without a buffer has replied before it is stopped.")
  func repliesFirst() {
    var system = System()
    system.engage(3, with: 1)
    system.send(4, to: 1)
    system.check(
      1, .replyAndReceive, r4: system.id(3, 5), r5: system.outgoing(1), r6: 0, r7: 0, r8: 1, r9: 0
    ) {
      ($0.kernel.tasks[3].registers.r4, $0.kernel.tasks[3].registers.r5) = (5, 0)
      $0.kernel.tasks[3].state = .runnable
      $0.stop(1, .badSlice)
    }
  }

  @Test("It leaves the state that reply and then receive leave, whatever is wrong.")
  func lawOfTwoCalls() {
    let buffers: [(UInt32, UInt32)] = [
      (System().incoming(1), 64), (System().incoming(1), 0), (0, 8),
    ]
    let messages: [(UInt32, UInt32)] = [
      (System().outgoing(1), 8), (System().outgoing(1), 33), (0, 4),
    ]
    for client: UInt32 in [3, 2, 4, 3 | 32, 7] {
      for (message, length) in messages {
        for (buffer, capacity) in buffers {
          for isPosted in [false, true] {
            var one = System()
            one.engage(3, with: 1)
            one.send(4, to: 1)
            if isPosted { one.call(2, .post, r4: one.id(1), r5: 1) }
            var two = one
            one.call(
              1, .replyAndReceive, r4: client, r5: message, r6: length, r7: buffer, r8: capacity,
              r9: 1)
            two.call(
              1, .reply, r4: client, r5: message, r6: length, r7: buffer, r8: capacity, r9: 1)
            if two.kernel.tasks[1].state == .runnable {
              two.call(
                1, .receive, r4: client, r5: message, r6: length, r7: buffer, r8: capacity, r9: 1)
            }
            one.kernel.tasks[1].registers.r11 = two.kernel.tasks[1].registers.r11
            #expect(one.kernel.tasks[1] == two.kernel.tasks[1])
            #expect(one.kernel.tasks[3] == two.kernel.tasks[3])
            #expect(one.kernel.tasks[4] == two.kernel.tasks[4])
            #expect(one.kernel.tasks[0] == two.kernel.tasks[0])
            #expect(one.machine == two.machine)
          }
        }
      }
    }
  }
}

@Suite struct ReplyFaultTests {
  @Test("A server refuses a client for each reason, and the record names server and reason.")
  func refuses() {
    for reason in UInt32(0)...5 {
      var system = System()
      system.call(0, .restartTask, r4: 1)
      system.engage(3, with: 1)
      let detail = reason << 16 | system.id(1)
      system.check(1, .replyFault, r4: system.id(3, reason)) {
        $0.stop(3, .refused, detail: detail)
      }
    }
  }

  @Test("An unknown reason faults the server, and its client waits on.")
  func unknownReason() {
    for reason: UInt32 in [6, 7, 0x8000, 0xFFFF] {
      var system = System()
      system.engage(3, with: 1)
      system.check(1, .replyFault, r4: system.id(3, reason)) { $0.stop(1, .badSelector) }
    }
  }

  @Test("A server cannot refuse a task that does not wait for it, nor an earlier life.")
  func notAClient() {
    var system = System()
    system.engage(3, with: 2)
    system.check(1, .replyFault, r4: system.id(3)) { _ in }
    system.check(1, .replyFault, r4: system.id(4)) { _ in }
    system.check(1, .replyFault, r4: system.id(1)) { _ in }
    system.check(2, .replyFault, r4: system.id(3) + 32) { _ in }
  }
}
