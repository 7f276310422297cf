// WorstInterface/Order.swift: what an actor of the worst-path image is told to do, and what it tells.
// Data only; the supervisor composes, the actor obeys.

import Apus

/// One thing that an actor is to do, as it lies in the reply to its greeting.
public struct Order: BitwiseCopyable {
  /// One of `Kind`; anything else is no order, and the actor greets again.
  public var kind: UInt32
  /// The call in r11, then r4...r10; of a misdeed only the number counts.
  public var number: UInt32
  public var r4: UInt32 = 0
  public var r5: UInt32 = 0
  public var r6: UInt32 = 0
  public var r7: UInt32 = 0
  public var r8: UInt32 = 0
  public var r9: UInt32 = 0
  public var r10: UInt32 = 0

  /// An order whose registers are all zero.
  public init(_ kind: UInt32, _ number: UInt32) {
    self.kind = kind
    self.number = number
  }

  /// The kinds of orders, unlikely as the first word of anything else.
  public enum Kind {
    /// A call that prepares a situation.
    public static var prepare: UInt32 { 0x4150_0001 }
    /// A call that is counted.
    public static var count: UInt32 { 0x4150_0002 }
    /// An instruction that faults, one of `Misdeed`.
    public static var misdeed: UInt32 { 0x4150_0003 }
  }

  /// Its length in bytes.
  public static var byteCount: UInt32 { 36 }
}

/// The ways to fault, in the order in which they are counted.
public enum Misdeed {
  public static var memory: UInt32 { 0 }
  public static var bus: UInt32 { 1 }
  public static var text: UInt32 { 2 }
  public static var illegal: UInt32 { 3 }
  public static var divide: UInt32 { 4 }
  public static var state: UInt32 { 5 }
  public static var breakpoint: UInt32 { 6 }
  public static var stack: UInt32 { 7 }
}

/// Where an actor keeps what, as distances from the start of its room.
///
/// The slices of messages begin at odd addresses, where the kernel's copy is slowest.
public enum Place {
  /// Four leases: of flash, of RAM, one that is not the actor's own, and an empty one.
  public static var leases: UInt32 { 0 }
  /// The greeting: the address of the room and that of the code.
  public static var greeting: UInt32 { 48 }
  /// Where orders arrive.
  public static var order: UInt32 { 65 }
  /// What else is sent or received.
  public static var data: UInt32 { 337 }
  /// The length of the longest slice there, and of that for orders.
  public static var byteCount: UInt32 { 256 }
}
