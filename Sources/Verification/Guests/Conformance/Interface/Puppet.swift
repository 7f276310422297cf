// ConformanceInterface/Puppet.swift: a task without a will: it fetches an order, and carries it out.
// It checks nothing, on purpose: whatever the order does, the kernel must stand it.

import Apus
import CApus
import CApusTrials

/// What the tasks of this app say to each other, by operation number.
public enum Message {
  /// A puppet's first words in a life; no bytes.
  public static var hello: UInt16 { 1 }
  /// A puppet has carried out its order: the registers, 64 bytes.
  public static var report: UInt16 { 2 }
  /// The witness has been round: the count of its rounds, and echo's.
  public static var round: UInt16 { 3 }
}

/// The words of a round: both must be the same for as long as the machine runs.
public struct Round: Request {
  public static var operation: UInt16 { Message.round }
  public typealias Reply = UInt32
  public var sent: UInt32
  public var echoed: UInt32

  public init(sent: UInt32, echoed: UInt32) {
    self.sent = sent
    self.echoed = echoed
  }
}

/// The orders and the reports of a puppet, in the lowest bytes of its stack; see CApusTrials.h.
public enum Puppet {
  public static var orderOffset: UInt32 { 16 }
  public static var reportOffset: UInt32 { 96 }
  public static var byteCount: UInt32 { 64 }
  /// The supervisor's operation for the puppets' calls.
  static var supervisor: UInt { 0 }

  /// Serves the supervisor for as long as this life lasts.
  @inline(__always)
  public static func run() -> Never {
    let memory = apus_trial_memory()
    var operation = UInt(Message.hello)
    var byteCount: UInt = 0
    while true {
      _ = apus_send_plain(
        UInt(Call.send.rawValue), supervisor | operation &<< 16, UInt(memory &+ reportOffset),
        byteCount, UInt(memory &+ orderOffset), UInt(Puppet.byteCount))
      operation = UInt(Message.report)
      byteCount = UInt(Puppet.byteCount)
      apus_trial()
    }
  }
}
