// SoakInterface/Books.swift: what the tasks of the soak say to each other.
// A number travels with each deposit, so that the books show what was lost and what came twice.

import Apus

/// The operations, by number.
public enum Operation {
  /// The hostile task's first words in a life: where its memory lies.
  public static var hello: UInt16 { 1 }
  /// The hostile task has survived its order.
  public static var unpunished: UInt16 { 2 }
  static var entry: UInt16 { 3 }
  static var resume: UInt16 { 4 }
  static var complaint: UInt16 { 5 }
  static var storm: UInt16 { 6 }
  /// A customer's deposit at the desk, with two loans.
  public static var deposit: UInt16 { 7 }
}

/// What a customer brings to the desk, and the desk to the books.
///
/// `number` goes up by one with each deposit that was acknowledged; `attempt` with each dead code.
public struct Deposit: BitwiseCopyable {
  /// 0 or 1.
  public var customer: UInt32
  public var life: UInt32
  public var number: UInt32
  public var attempt: UInt32
  /// The sum over the lent bytes; from the desk to the books: 0 if it was right.
  public var sum: UInt32

  public init(customer: UInt32, life: UInt32, number: UInt32) {
    self.customer = customer
    self.life = life
    self.number = number
    attempt = 0
    sum = 0
  }
}

/// The desk's word for the books; the reply is the receipt for the customer.
public struct Entry: Request {
  public static var operation: UInt16 { Operation.entry }
  public typealias Reply = UInt32
  public var deposit: Deposit

  public init(_ deposit: Deposit) {
    self.deposit = deposit
  }
}

/// Where a customer goes on: the last number in the books, and the generation of its new life.
public struct Resumption: BitwiseCopyable {
  public var number: UInt32
  public var life: UInt32

  public init(number: UInt32, life: UInt32) {
    self.number = number
    self.life = life
  }
}

/// A customer's question at the start of a life.
public struct Resume: Request {
  public static var operation: UInt16 { Operation.resume }
  public typealias Reply = Resumption
  public var customer: UInt32

  public init(customer: UInt32) {
    self.customer = customer
  }
}

/// What a task has seen that must not be.
public struct Complaint: Request {
  public static var operation: UInt16 { Operation.complaint }
  public var reason: UInt32

  public init(_ reason: Reason) {
    self.reason = reason.rawValue
  }
}

/// The reasons; by their names what was wrong.
public enum Reason: UInt32 {
  case wrongReceipt, wrongLife, wrongBytes, wrongCode, wrongBits
}

/// The driver has seen so many interrupts since it last said so.
public struct Storm: Request {
  public static var operation: UInt16 { Operation.storm }
  public var count: UInt32

  public init(count: UInt32) {
    self.count = count
  }
}

/// A few bits that look random, the same for the same words: what decides who dies where.
@inline(never)
public func mixed(_ first: UInt32, _ second: UInt32) -> UInt32 {
  var word = (first &+ 0x9E37_79B9) ^ (second &* 0x85EB_CA6B)
  word ^= word &>> 15
  word &*= 0x2C1B_3C6D
  word ^= word &>> 12
  return word
}
