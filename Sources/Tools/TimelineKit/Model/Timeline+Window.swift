// TimelineKit/Model/Timeline+Window.swift: a shorter stretch of a timeline, and who waits for whom.
// Numbers of messages stay what they were in the whole run.

import ApusABI

extension Timeline {
  /// The part of the timeline in `window`, or an empty one where they do not meet.
  public func clipped(to window: Range<UInt64>) -> Timeline {
    var result = self
    result.span = span.clamped(to: window)
    let (start, end) = (result.span.lowerBound, result.span.upperBound)
    result.lanes = lanes.map { lane in
      var lane = lane
      lane.intervals = lane.intervals.compactMap { interval in
        var interval = interval
        interval.start = max(interval.start, start)
        interval.end = min(interval.end, end)
        return interval.start < interval.end ? interval : nil
      }
      return lane
    }
    // A message that begins before and ends behind is of the stretch, too: somebody waits.
    result.messages = messages.filter { $0.sent <= end && ($0.ended ?? .max) >= start }
    result.incidents = incidents.filter { (start...end).contains($0.time) }
    return result
  }

  /// The first time at which a task is stopped by a fault; nil if none is.
  public var firstFault: UInt64? {
    incidents.first { if case .faulted = $0.kind { true } else { false } }?.time
  }

  /// The tasks that `task` waits for at `time`, each waiting for the next; empty if for none.
  ///
  /// Sending goes to more important tasks only, so a chain is never longer than there are tasks.
  public func waitChain(of task: Int, at time: UInt64) -> [Int] {
    var chain: [Int] = []
    var next = task
    while chain.count < lanes.count, let peer = lanes[next].interval(at: time)?.peer {
      chain.append(peer)
      next = peer
    }
    return chain
  }

  /// The longest chain of tasks that wait for each other, with its begin; nil if nobody waits.
  ///
  /// Of several, the first. Costs O(intervals * tasks).
  public var longestWaitChain: (tasks: [Int], time: UInt64)? {
    var best: (tasks: [Int], time: UInt64)?
    let starts = Set(
      lanes.flatMap { lane in lane.intervals.filter { $0.peer != nil }.map(\.start) })
    for time in starts.sorted() {
      for index in lanes.indices.reversed() {
        let chain = waitChain(of: index, at: time)
        if !chain.isEmpty && chain.count + 1 > best?.tasks.count ?? 0 {
          best = ([index] + chain, time)
        }
      }
    }
    return best
  }
}
