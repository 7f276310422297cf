// TimelineKit/Build/TimelineBuilder.swift: from moments to a timeline, by comparing neighbours.
// Nothing is guessed: a message is delivered when its sender begins to await the reply, and so on.

import ApusABI

/// Makes a timeline of the moments that it is given in order.
///
///     var builder = TimelineBuilder(subject)
///     for moment in moments { builder.add(moment) }
///     print(Gantt(builder.timeline()).text)
///
/// Adding costs O(tasks). The kernel's own time is charged to the task that entered it.
public struct TimelineBuilder: Sendable {
  public let subject: Subject
  /// The state after the last moment; nil before the first.
  private(set) var state: KernelState?
  private var start: UInt64 = 0
  private var end: UInt64 = 0
  var intervals: [[Interval]]
  private var open: [Interval?]
  var messages: [Message] = []
  var incidents: [Incident] = []
  /// The message that each task has sent and that has not ended.
  var outgoing: [Int?]
  /// The messages that each task has received and that have not ended, in that order.
  var incoming: [[Int]]

  /// Begins a timeline of `subject`.
  public init(_ subject: Subject) {
    self.subject = subject
    intervals = Array(repeating: [], count: subject.tasks.count)
    open = Array(repeating: nil, count: subject.tasks.count)
    outgoing = Array(repeating: nil, count: subject.tasks.count)
    incoming = Array(repeating: [], count: subject.tasks.count)
  }

  /// Adds the next moment, which must not be earlier than the last and be of all tasks.
  public mutating func add(_ moment: Moment) {
    precondition(moment.after.tasks.count == subject.tasks.count, "a moment of another app")
    precondition(moment.left >= end, "a moment at \(moment.left) ns, after one at \(end) ns")
    guard let before = state else {
      start = moment.left
      incidents.append(Incident(time: moment.left, task: 0, kind: .boot))
      return settle(moment)
    }
    if moment.door == .boot {
      reboot(at: moment.left)
    } else {
      record(moment, since: before)
    }
    settle(moment)
  }

  /// The timeline so far; what goes on ends at `end`, or with the last moment.
  public func timeline(until end: UInt64? = nil) -> Timeline {
    let last = max(end ?? 0, self.end)
    let lanes = subject.tasks.indices.map { index in
      var all = intervals[index]
      if var interval = open[index], interval.start < last {
        interval.end = last
        all.append(interval)
      }
      return Lane(name: subject.tasks[index].name, intervals: all)
    }
    return Timeline(
      subject: subject, span: start..<max(last, start), lanes: lanes, messages: messages,
      incidents: incidents)
  }

  /// Takes over the state, and closes the intervals of those who do something else now.
  private mutating func settle(_ moment: Moment) {
    for index in subject.tasks.indices {
      let next = Self.interval(of: index, in: moment.after, from: moment.left)
      guard var present = open[index] else {
        open[index] = next
        continue
      }
      if present.activity == next.activity && present.peer == next.peer
        && present.generation == next.generation
      {
        continue
      }
      present.end = moment.left
      if present.start < present.end { intervals[index].append(present) }
      open[index] = next
    }
    state = moment.after
    end = moment.left
  }

  private static func interval(
    of index: Int, in state: KernelState, from start: UInt64
  ) -> Interval {
    let task = state.tasks[index]
    var interval = Interval(
      start: start, end: start, activity: .faulted, peer: nil, generation: task.generation)
    guard !task.state.isFaulted else { return interval }
    switch task.state.activity {
    case .runnable, nil:
      // Idle can always run: that is no news, and nobody waits for it.
      let isIdle = index == state.tasks.count - 1
      interval.activity = state.current == index ? .running : isIdle ? .waiting : .ready
    case .receiving: interval.activity = .receiving
    case .waiting: interval.activity = .waiting
    case .sending: (interval.activity, interval.peer) = (.sending, task.state.peer.index)
    case .awaitingReply:
      (interval.activity, interval.peer) = (.awaitingReply, task.state.peer.index)
    }
    return interval
  }

  /// The machine was reset: nobody gets an answer any more.
  private mutating func reboot(at time: UInt64) {
    for index in subject.tasks.indices { end(outgoing[index], at: time, .withdrawn) }
    incidents.append(Incident(time: time, task: 0, kind: .boot))
  }
}
