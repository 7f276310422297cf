// SweepInterface/Messages.swift: what the tasks of this app say to each other.
// Nothing here runs; the order's layout is CApusTrials.h's.

import Apus
import CApus
import CApusTrials

/// The tasks by index, as the manifest has them.
public enum Seat {
  public static var driver: Int { 1 }
  public static var hostile: Int { 3 }
  public static var witness: Int { 4 }
}

/// Operation numbers.
public enum Message {
  /// The hostile task's first words in a life, and the driver's after each alarm; no bytes.
  public static var hello: UInt16 { 0x5AE1 }
  /// The witness has been round.
  public static var round: UInt16 { 0x5AE2 }
}

/// The witness's way to the anchor and to the supervisor.
public struct Round: Request {
  public static var operation: UInt16 { Message.round }
  public typealias Reply = Seen
  /// The number of rounds that the witness has begun, from 1.
  public var sent: UInt32
  /// The anchor's answer.
  public var seen: Seen
  /// Words of the witness's memory that are not as they were painted.
  public var differences: UInt32

  public init(sent: UInt32, seen: Seen, differences: UInt32) {
    self.sent = sent
    self.seen = seen
    self.differences = differences
  }
}

/// What the anchor has counted.
public struct Seen: BitwiseCopyable, Sendable {
  /// The rounds that came.
  public var count: UInt32
  /// Words of the anchor's memory that are not as they were.
  public var differences: UInt32

  public init(count: UInt32, differences: UInt32) {
    self.count = count
    self.differences = differences
  }
}

/// An order's 16 words in the lowest bytes of a stack, and where they stand.
public enum Order {
  /// The distance from the stack's base, as `apus_trial` wants it.
  public static var offset: UInt32 { 16 }
  public static var byteCount: Int { 64 }
  /// The gadget that branches to the address in r1.
  public static var jump: UInt32 { 8 }
}

/// What the driver asks the supervisor, once for each alarm.
public struct Alarm: Request {
  public static var operation: UInt16 { Message.hello }
  /// The count for the timer.
  public typealias Reply = UInt32

  public init() {}
}

/// What a task's start code has painted and nobody has a reason to touch.
public enum Paint {
  public static var word: UInt32 { 0xE7E7_E7E7 }

  /// Counts the words from `address` on that are not painted any more.
  @inline(never)
  public static func differences(_ address: UInt32, words: UInt32) -> UInt32 {
    var found: UInt32 = 0
    var next = address
    var rest = words
    while rest > 0 {
      // A device's load: the compiler can neither fold it nor leave it out.
      if apus_load(next) != word { found &+= 1 }
      next &+= 4
      rest &-= 1
    }
    return found
  }
}
