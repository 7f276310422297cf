// ApusTests/ClientTests.swift: what a typed client sends, and what it makes of each answer.

import Apus
import CApus
import Testing

/// Adds two numbers.
struct Add: Request {
  static var operation: UInt16 { 9 }
  typealias Reply = UInt32
  var first: UInt32
  var second: UInt32
}

/// Lends memory.
struct Look: Request {
  static var operation: UInt16 { 10 }
}

@Suite struct ClientTests {
  let host = HostCalls()

  /// Answers a call with `code` and, if it is 0, with the sum of its two words.
  private func sum(_ code: UInt, byteCount: UInt = 4) -> (inout ApusRegisters) -> Void {
    { registers in
      guard let message = UnsafePointer<UInt32>(bitPattern: registers.r5),
        let reply = UnsafeMutablePointer<UInt32>(bitPattern: registers.r7)
      else { return }
      if code == 0 { reply.pointee = message[0] &+ message[1] }
      registers.r4 = code
      registers.r5 = byteCount
    }
  }

  @Test("A request is sent as its bytes, with its operation and room for just its reply.")
  func request() throws {
    host.answer = sum(0)
    let reply = host.run {
      var client = Client(TaskID(index: 2))
      return try? client.call(Add(first: 3, second: 4))
    }
    #expect(reply == 7)
    let made = try #require(host.made.first)
    #expect(made.r4 == 9 << 16 | 2 && made.r6 == 8 && made.r8 == 4 && made.r10 == 0)
  }

  @Test("A server's code is thrown, and the client keeps its server.")
  func serverCode() {
    host.answer = sum(5)
    var client = Client(TaskID(index: 2))
    host.run {
      #expect(throws: CallError(ResponseCode(rawValue: 5))) {
        try client.call(Add(first: 3, second: 4))
      }
    }
    #expect(client.task == TaskID(index: 2))
  }

  @Test("A dead code is thrown once; the next call goes to the new life.")
  func death() {
    host.answer = sum(0xFFFF_F800 | 6)
    var client = Client(TaskID(index: 2))
    host.run {
      #expect(throws: CallError(.dead(generation: 6))) {
        try client.call(Add(first: 3, second: 4))
      }
      host.answer = sum(0)
      _ = try? client.call(Add(first: 3, second: 4))
    }
    #expect(client.task == TaskID(index: 2, generation: 6))
    #expect(host.made[1].r4 == 9 << 16 | 6 << 5 | 2)
  }

  @Test("A repeated request ends with the first answer, or with the last of its attempts.")
  func attempts() {
    var client = Client(TaskID(index: 2))
    let alive = sum(0)
    let host = host
    // Each attempt meets another life.
    let dead = { (registers: inout ApusRegisters) in
      self.sum(0xFFFF_F800 + UInt(host.made.count))(&registers)
    }
    host.answer = { registers in host.made.count < 3 ? dead(&registers) : alive(&registers) }
    let reply = host.run { try? client.call(Add(first: 1, second: 1), attempts: 3) }
    #expect(reply == 2 && host.made.count == 3)
    host.answer = dead
    host.run {
      #expect(throws: CallError(.dead(generation: 5))) {
        try client.call(Add(first: 1, second: 1), attempts: 2)
      }
    }
    #expect(host.made.count == 5)
    // The life that is known, and no next one: the server was given up.
    host.answer = sum(0xFFFF_F805)
    _ = host.run { try? client.call(Add(first: 1, second: 1), attempts: 9) }
    #expect(host.made.count == 6, "a server that was given up was asked again")
    host.answer = sum(5)
    _ = host.run { try? client.call(Add(first: 1, second: 1), attempts: 9) }
    #expect(host.made.count == 7, "a server's own code was tried again")
  }

  @Test("A reply of another size is no reply.")
  func malformed() {
    host.answer = sum(0, byteCount: 3)
    var client = Client(TaskID(index: 2))
    host.run {
      #expect(throws: CallError.malformedReply) { try client.call(Add(first: 3, second: 4)) }
    }
  }

  @Test("A span is lent for as long as the call lasts: one lease, read only.")
  func lending() {
    let bytes: [UInt8] = [1, 2, 3]
    var loan: ApusLease?
    host.answer = { registers in
      loan = UnsafePointer<ApusLease>(bitPattern: registers.r9)?.pointee
      registers.r4 = 0
      registers.r5 = 0
    }
    let host = host
    var client = Client(TaskID(index: 2))
    host.run { _ = try? client.call(Look(), lending: bytes.span.bytes) }
    #expect(host.made[0].r10 == 1 && host.made[0].r6 == 0)
    #expect(loan?.byteCount == 3 && loan?.rights == 1)
  }
}
