// SoakInterface/Customer.swift: deposits numbers at the desk, lends memory with each, checks all.
// It starts anew at any instruction: the books know where it was.

import Apus
import CApus
import CApusMisdeeds

/// What both customers do.
public struct Customer {
  let number: UInt32
  var desk: TaskID
  var deposit = Deposit(customer: 0, life: 0, number: 0)
  /// The bytes that the desk reads, and those that it writes.
  var given: InlineArray<64, UInt8> = InlineArray(repeating: 0)
  var taken: InlineArray<64, UInt8> = InlineArray(repeating: 0)
  var receipt: UInt32 = 0
  var supervisor: Client

  /// Asks the books where the last life was.
  @inline(__always)
  public init(_ number: UInt32, desk: TaskID, supervisor: TaskID) {
    self.number = number
    self.desk = Call.refreshTaskID(desk)
    self.supervisor = Client(supervisor)
    let none = Resumption(number: 0, life: 0)
    let last = (try? self.supervisor.call(Resume(customer: number))) ?? none
    deposit = Deposit(customer: number, life: last.life, number: last.number)
  }

  /// Eight deposits.
  @inline(__always)
  public mutating func makeSeries() {
    var rest = 8
    while rest > 0 {
      makeDeposit()
      rest &-= 1
    }
  }

  /// Brings one number to the books, however often the desk dies over it.
  @inline(never)
  mutating func makeDeposit() {
    deposit.number &+= 1
    deposit.attempt = 0
    fill()
    while true {
      let code = send()
      guard let generation = code.deadGeneration else {
        if code != .success { complain(.wrongCode) }
        break
      }
      if generation == desk.generation { complain(.wrongLife) }
      desk = TaskID(index: desk.index, generation: generation)
      deposit.attempt &+= 1
    }
    if receipt != mixed(deposit.number, ~number) { complain(.wrongReceipt) }
    check()
    if mixed(deposit.number, number) & 0x7F == 5 { die() }
  }

  /// Complains to the supervisor, which keeps count.
  @inline(never)
  public mutating func complain(_ reason: Reason) {
    _ = try? supervisor.call(Complaint(reason))
  }

  private mutating func fill() {
    var word = mixed(deposit.number, number &+ 7)
    deposit.sum = 0
    var index = 0
    while index < 64 {
      let byte = UInt8(truncatingIfNeeded: word)
      given[index] = byte
      taken[index] = 0
      deposit.sum = deposit.sum &* 31 &+ UInt32(byte)
      word = word &* 1_664_525 &+ 1_013_904_223 ^ word &>> 24
      index &+= 1
    }
  }

  /// One attempt.
  private mutating func send() -> ResponseCode {
    receipt = 0
    let message = deposit
    let operation = Operation.deposit
    let target = desk
    return withUnsafeMutableBytes(of: &receipt) { reply in
      withUnsafeBytes(of: message) { bytes in
        given.span.withUnsafeBytes { given in
          var taken = taken.mutableSpan
          return taken.withUnsafeMutableBytes { taken in
            let loans = (Loan(reading: given), Loan(writing: taken, readable: true))
            return withUnsafeBytes(of: loans) { table in
              Call.send(
                bytes, operation: operation, to: target, reply: reply,
                lending: UnsafeBufferPointer(
                  start: table.baseAddress?.assumingMemoryBound(to: Loan.self), count: 2)
              ).code
            }
          }
        }
      }
    }
  }

  /// The desk has written the complement of what it read.
  private mutating func check() {
    var difference: UInt8 = 0
    var index = 0
    while index < 64 {
      difference |= given[index] ^ ~taken[index]
      index &+= 1
    }
    if difference != 0 { complain(.wrongBytes) }
  }

  @inline(never)
  private func die() {
    switch deposit.number & 7 {
    case 0: apus_misdeed_illegal()
    case 1: apus_misdeed_divide()
    case 2: apus_misdeed_stack()
    case 3: apus_misdeed_text()
    case 4: apus_misdeed_breakpoint()
    case 5: _ = apus_load(0x2000_0008)
    case 6: Apus.panic("enough")
    default: apus_misdeed_state()
    }
  }
}
