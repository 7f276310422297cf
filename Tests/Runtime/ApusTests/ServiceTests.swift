// ApusTests/ServiceTests.swift: how a message reaches its handler, and what becomes of its sender.

import Apus
import CApus
import Testing

@Suite struct ServiceTests {
  let host = HostCalls()

  /// Receives `bytes` from task 4 with `operation` and room for `capacity` bytes of reply.
  private func incoming(
    _ bytes: [UInt8], operation: UInt, capacity: UInt, _ body: (Incoming) -> Void
  ) {
    var room = bytes + [UInt8](repeating: 0, count: 8)
    room.withUnsafeMutableBytes { room in
      host.answer = {
        $0.r4 = operation << 16 | 4
        $0.r5 = UInt(bytes.count)
        $0.r6 = capacity
        $0.r10 = 0
      }
      let envelope = host.run { Call.receive(into: room) }
      body(Incoming(testing: envelope, room))
    }
  }

  @Test("A request of the right size is answered in the buffer that it came in.")
  func answer() {
    incoming([1, 0, 0, 0, 2, 0, 0, 0], operation: 9, capacity: 4) { message in
      #expect(message.operation == 9 && message.sender == TaskID(index: 4))
      let outcome = message.answer(Add.self) { $0.first + $0.second }
      #expect(outcome == .reply(byteCount: 4))
      #expect(message.request(Add.self)?.first == 3, "the reply is not where the request was")
    }
  }

  @Test("A request of another size faults its sender.")
  func wrongSize() {
    incoming([1, 0, 0, 0], operation: 9, capacity: 4) { message in
      #expect(message.answer(Add.self) { _ in 0 } == .refuse(.badMessageSize))
    }
  }

  @Test("A client with too little room for the reply is refused, and gets no part of it.")
  func noRoom() {
    incoming([1, 0, 0, 0, 2, 0, 0, 0], operation: 9, capacity: 3) { message in
      #expect(message.answer(Add.self) { _ in 77 } == .refuse(.replyBufferTooSmall))
      #expect(message.request(Add.self)?.first == 1)
    }
  }
}
