// TimelineKit/Model/Timeline.swift: a run as one looks at it: lanes, messages and incidents.
// Only data: `TimelineBuilder` makes it, the writers read it, and nobody changes it on the way.

import ApusABI

/// A stretch of a run, all times in nanoseconds since power-on.
public struct Timeline: Equatable, Sendable {
  /// The names.
  public var subject: Subject
  /// The stretch; every interval lies in it.
  public var span: Range<UInt64>
  /// A lane for each task in order of priority, idle last.
  public var lanes: [Lane]
  /// The messages that were sent, delivered or ended in the stretch, in order of sending.
  public var messages: [Message]
  /// What happened, in order of time.
  public var incidents: [Incident]

  /// The message of that number.
  public func message(_ id: Int) -> Message? {
    let index = messages.partitioningIndex { $0.id >= id }
    return index < messages.count && messages[index].id == id ? messages[index] : nil
  }
}

/// One task's row: intervals that follow each other without a gap.
public struct Lane: Equatable, Sendable {
  /// The task's name.
  public var name: String
  /// What it did, from the begin of the stretch to its end.
  public var intervals: [Interval]

  /// The interval at `time`; nil outside of the stretch.
  public func interval(at time: UInt64) -> Interval? {
    let index = intervals.partitioningIndex { $0.end > time }
    return index < intervals.count && intervals[index].start <= time ? intervals[index] : nil
  }
}

/// What a task is doing, as one sees it from outside.
public enum Activity: String, CaseIterable, Sendable {
  /// It has the processor, or the kernel works for it.
  case running
  /// It could run, and somebody more important does.
  case ready
  /// It waits for its peer to receive its message.
  case sending
  /// It waits for its peer's reply.
  case awaitingReply
  /// It waits for a message or a notification.
  case receiving
  /// It waits for a notification.
  case waiting
  /// A fault has stopped it.
  case faulted
}

/// A task in one activity for some time.
public struct Interval: Equatable, Sendable {
  public var start: UInt64
  public var end: UInt64
  public var activity: Activity
  /// Whom it waits for, when it sends or awaits a reply.
  public var peer: Int?
  /// Which of its lives this is.
  public var generation: UInt16
}

/// A message and its reply.
public struct Message: Equatable, Sendable {
  /// How it ended.
  public enum Outcome: Equatable, Sendable {
    /// It had not ended when the trace did.
    case open
    /// The receiver answered.
    case replied(code: UInt16, byteCount: UInt32)
    /// The receiver died, and lives again as that generation.
    case peerDied(generation: UInt16)
    /// The receiver refused it, which stopped the sender.
    case refused(reason: UInt16)
    /// The sender was stopped, or the machine reset.
    case withdrawn
  }

  /// The position among all messages of the run, from 0.
  public var id: Int
  public var sender: Int
  public var receiver: Int
  public var operation: UInt16
  public var byteCount: UInt32
  public var leaseCount: UInt32
  public var sent: UInt64
  public var delivered: UInt64?
  public var ended: UInt64?
  public var outcome: Outcome
  /// The message that the sender had received and not answered when it sent this one.
  public var parent: Int?
}

/// Something that happened at one instant.
public struct Incident: Equatable, Sendable {
  /// What happened, to or by the incident's task.
  public enum Kind: Equatable, Sendable {
    /// The machine begins a life.
    case boot
    case tick
    /// A line asked, and the task is its owner.
    case interrupt(UInt32)
    /// The task made a call that is none of the below; nil for a number that is no call.
    case call(Call?)
    /// The task sent the message of that number.
    case sent(Int)
    /// The task, its receiver, was given it.
    case delivered(Int)
    /// The task, its sender, goes on: with an answer, or because there will be none.
    case ended(Int)
    /// The task posted bits to another.
    case posted(UInt32, to: Int)
    /// The task set its timer to a tick.
    case armed(deadline: UInt64, bits: UInt32)
    case disarmed
    /// The task's timer was due.
    case expired(UInt32)
    /// The task moved bytes of its client.
    case copied(lender: Int, byteCount: UInt32, isWrite: Bool)
    /// The task was stopped.
    case faulted(FaultKind, address: UInt32, programCounter: UInt32, detail: UInt32)
    /// The task begins a life of that generation.
    case restarted(UInt16)
  }

  public var time: UInt64
  public var task: Int
  public var kind: Kind
}

extension RandomAccessCollection {
  /// The first index whose element satisfies `predicate`, which holds from some index on to the end.
  func partitioningIndex(_ predicate: (Element) -> Bool) -> Index {
    var low = startIndex
    var count = self.count
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if predicate(self[middle]) {
        count = half
      } else {
        low = index(after: middle)
        count -= half + 1
      }
    }
    return low
  }
}
