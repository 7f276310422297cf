// ApusTests/ExampleTests.swift: the examples of the documentation, as they stand there.
// What a reader copies must compile; `Notification` and `Peer` stand for the generated ones.

import Apus
import CApus
import Checkout
import Foundation
import Testing

enum Notification {
  static var timer: UInt32 { 1 }
}

enum Peer {
  static var sensor: TaskID { TaskID(index: 1) }
}

struct Blinker: TaskProgram {
  var isOn = false

  mutating func run() -> Never {
    while true {
      Time.sleep(500, with: Notification.timer)
      isOn.toggle()
    }
  }
}

struct ReadTemperature: Request {
  static var operation: UInt16 { 1 }
  typealias Reply = Int32  // thousandths of a degree Celsius
}

struct Increase: Request {
  static var operation: UInt16 { 2 }
  typealias Reply = UInt32  // the sum so far
  var amount: UInt32
}

struct Counter: Service {
  typealias Message = Increase  // the largest of all requests and replies
  var sum: UInt32 = 0

  mutating func handle(_ message: Incoming) -> Outcome {
    switch message.operation {
    case Increase.operation:
      message.answer(Increase.self) { request in
        sum &+= request.amount
        return sum
      }
    default: .refuse(.undefinedOperation)
    }
  }
}

@Suite struct ExampleTests {
  @Test("The examples in the documentation are the code that is compiled here.")
  func examples() throws {
    let tests = URL(filePath: #filePath)
    let apus = Checkout.root.appending(path: "Sources/Runtime/Apus")
    let compiled = try String(contentsOf: tests, encoding: .utf8)
    for (file, declaration) in [
      ("TaskProgram.swift", "struct Blinker"), ("Request.swift", "struct ReadTemperature"),
      ("Service.swift", "struct Counter"),
    ] {
      let source = try String(contentsOf: apus.appending(path: file), encoding: .utf8)
      let documentation = source.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { $0.hasPrefix("/// ") || $0 == "///" }
        .map { $0.dropFirst(4) }.joined(separator: "\n")
      let start = try #require(compiled.range(of: "\(declaration)"))
      let end = try #require(
        compiled.range(of: "\n}\n", range: start.lowerBound..<compiled.endIndex))
      #expect(documentation.contains(compiled[start.lowerBound..<end.upperBound]), "\(file)")
    }
  }

  @Test("A counter answers with its sum, and refuses what it does not know.")
  func counter() {
    var counter = Counter()
    var room: [UInt8] = [5, 0, 0, 0]
    room.withUnsafeMutableBytes { room in
      let host = HostCalls()
      host.answer = { ($0.r4, $0.r5, $0.r6, $0.r10) = (2 << 16 | 4, 4, 4, 0) }
      let message = Incoming(testing: host.run { Call.receive(into: room) }, room)
      #expect(counter.handle(message) == .reply(byteCount: 4))
      #expect(counter.handle(message) == .reply(byteCount: 4))
      host.answer = { ($0.r4, $0.r5, $0.r6, $0.r10) = (3 << 16 | 4, 4, 4, 0) }
      let stray = Incoming(testing: host.run { Call.receive(into: room) }, room)
      #expect(counter.handle(stray) == .refuse(.undefinedOperation))
    }
    #expect(counter.sum == 10, "the second request was the first one's reply")
  }
}
