// ApusKernelTests/RepliesTests.swift: one test per promise of reply, replyAndReceive, replyFault.
// They share `Messages.swift` with send and receive, and have a file of their own for its length.

import ApusABI
import ApusKernel
import Testing

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

  @Test("A reply to anyone who does not wait for the caller does nothing, however wrong it is.")
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
      system.check(1, .reply, r4: system.id(3), r5: 0, r6: .max) { _ in }
    }
  }

  @Test("A reply to a client's earlier life does nothing.")
  func staleClient() {
    var system = engaged()
    let old = system.id(3)
    system.call(0, .restartTask, r4: 3)
    system.receive(1)
    system.send(3, to: 1)
    system.check(1, .reply, r4: old, r5: 0, r6: .max) { _ in }
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

  @Test("A client's bad reply buffer stops the client at the reply; the server goes on.")
  func clientsBuffer() {
    var system = System()
    system.receive(1)
    system.call(
      3, .send, r4: system.id(1), r5: system.outgoing(3), r6: 8, r7: system.ram(3) + 0x3FF, r8: 2)
    system.check(1, .reply, r4: system.id(3), r5: system.outgoing(1), r6: 1) {
      $0.stop(3, .badSlice, address: $0.ram(3) + 0x3FF)
    }
    #expect(system.kernel.tasks[3].state.activity == .awaitingReply)
  }

  @Test("A client's bad buffer is no reason for replyAndReceive not to receive.")
  func receivesAfterClientsFault() {
    var system = System()
    system.receive(1)
    system.call(3, .send, r4: system.id(1), r5: system.outgoing(3), r6: 8, r7: 0, r8: 2)
    system.send(4, to: 1)
    system.check(
      1, .replyAndReceive, r4: system.id(3), r5: system.outgoing(1), r6: 1, r7: system.incoming(1),
      r8: 64, r9: 0
    ) {
      $0.stop(3, .badSlice)
      $0.hand(4, to: 1)
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
    system.check(1, .replyAndReceive, r4: system.id(3), r5: 0, r6: 300, r7: 0, r8: 8, r9: 0) {
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
