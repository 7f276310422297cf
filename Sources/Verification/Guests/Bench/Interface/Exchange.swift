// BenchInterface/Exchange.swift: the message that the bench sends around: 16 bytes there and back.
// Nothing is spared for the sake of the figure: both sides go through the public typed API.

import Apus

/// Four words there, four words back, the first one greater by one.
public struct Exchange: Request {
  public static var operation: UInt16 { 1 }
  public typealias Reply = Exchange

  public var number: UInt32
  public var copy: UInt32
  public var first: UInt32
  public var second: UInt32

  public init(number: UInt32, copy: UInt32, first: UInt32, second: UInt32) {
    self.number = number
    self.copy = copy
    self.first = first
    self.second = second
  }
}
