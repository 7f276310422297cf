// SoakDesk/Desk.swift: reads and writes what customers lend, and brings their numbers to the books.
// Calls: supervisor. Called by: first, second, hostile. It dies wherever that could lose something.

import Apus
import CApusMisdeeds
import SoakInterface

struct Desk: Service {
  /// A deposit, or its receipt.
  typealias Message = Deposit

  var books = Client(Peer.supervisor)
  var bytes: InlineArray<64, UInt8> = InlineArray(repeating: 0)

  mutating func handle(_ message: Incoming) -> Outcome {
    guard message.operation == Operation.deposit else { return .refuse(.undefinedOperation) }
    guard var deposit = message.buffer(as: Deposit.self) else { return .refuse(.badMessageSize) }
    let fate = deposit.attempt == 0 ? mixed(deposit.number, deposit.customer &+ 3) & 0xFF : 0
    if fate == 1 { apus_misdeed_illegal() }
    var span = bytes.mutableSpan
    let client = message.sender
    let read = span.withUnsafeMutableBytes { Call.borrowRead(from: client, into: $0) }
    // Who died meanwhile, or never lent what it said, has nothing to deposit.
    guard read.code == .success && read.byteCount == 64 else { return .refuse(.accessViolation) }
    deposit.sum ^= complement()
    if fate == 2 { apus_misdeed_divide() }
    let written = bytes.span.withUnsafeBytes { Call.borrowWrite(to: client, lease: 1, $0) }
    guard written.code == .success && written.byteCount == 64 else {
      return .refuse(.accessViolation)
    }
    if fate == 3 { apus_misdeed_text() }
    guard let receipt = try? books.call(Entry(deposit)) else { return .code(9) }
    if fate == 4 { apus_misdeed_breakpoint() }
    return message.reply(receipt)
  }

  /// Inverts the bytes, and returns the sum of what they were.
  private mutating func complement() -> UInt32 {
    var sum: UInt32 = 0
    var index = 0
    while index < 64 {
      sum = sum &* 31 &+ UInt32(bytes[index])
      bytes[index] = ~bytes[index]
      index &+= 1
    }
    return sum
  }
}

extension Incoming {
  /// The message as plain bytes of `type`, or `nil` if it has another size.
  fileprivate func buffer(as type: Deposit.Type) -> Deposit? { request(Entry.self)?.deposit }
}
