// ApusSimulator/Timing/ResponseTimes.swift: the worst response times that an app can have, by analysis.
// Nothing is simulated: the bounds follow from priorities, declared work and measured costs.

import ApusABI
import ImagePlan

/// Response-time analysis of a workload: bounds that no run exceeds.
///
/// A release of task i ends at the least R with
///
///     R = B + C + ticks(R) + Σ more important j: ⌈R / Tj⌉ · Cj + Σ lines of others: ⌈R / T⌉ · handler
///
/// C is the task's own work and all that servers do for it, each call at the kernel's longest
/// passage of its kind. B is what a less important task can still have in hand: one passage through
/// the kernel, which nobody interrupts, or one request to a server more important than i, as servers
/// work at their own priority and not at their client's. There can be only one: whoever makes it
/// does not run again before i has finished.
public struct ResponseTimes: Sendable {
  /// What is analysed.
  public let workload: Workload
  private let costs: Costs
  private let cyclesPerTick: UInt64
  private let timers: Int

  /// Prepares the analysis of `workload` on `app`.
  public init(_ workload: Workload, of app: App) {
    self.workload = workload
    costs = Costs(for: app)
    cyclesPerTick = UInt64(app.board.clockHertz) * UInt64(app.tickMicroseconds) / 1_000_000
    timers =
      workload.activities.values.filter {
        if case .every = $0.release { true } else { false }
      }.count
  }

  /// The bound of a path of `Latencies`, in cycles; nil if there is none: the load is too high, or
  /// a release can come before the work of the one before is done.
  public func bound(_ path: Latencies.Path) -> UInt64? {
    switch path {
    case .call(let client, let server, _):
      guard let activity = workload.activities[client], areInTime(upTo: client) else { return nil }
      let bytes = activity.work.compactMap { work -> Int? in
        if case .call(server, let byteCount) = work { byteCount } else { nil }
      }.max()
      // Whoever makes a call runs: nobody less important has anything in hand.
      return bytes.flatMap { fixedPoint(client, own: call(server, $0), blocking: 0) }
    case .interrupt(let line, let owner):
      guard case .interrupt(line, _)? = workload.activities[owner]?.release,
        areInTime(upTo: owner)
      else { return nil }
      return fixedPoint(owner, own: cost("interrupt"), blocking: blocking(owner))
    case .job(let task):
      guard case .every? = workload.activities[task]?.release, areInTime(upTo: task) else {
        return nil
      }
      // It ends where it begins to wait.
      return fixedPoint(task, own: demand(task) + end(task), blocking: blocking(task))
    }
  }

  /// The share of the processor that the work takes at most, without idle tasks' ticks.
  public var utilisation: Double {
    workload.activities.keys.reduce(Double(tick) / Double(cyclesPerTick)) { sum, task in
      guard let period = period(task) else { return sum }
      return sum + Double(whole(task)) / Double(period)
    }
  }

  /// Whether `task`, and all that are more important, are done with each release before the next.
  private func areInTime(upTo task: Int) -> Bool {
    workload.activities.keys.filter { $0 <= task }.allSatisfy { other in
      guard let period = period(other) else { return true }
      let own = whole(other) + cost("interrupt")
      return fixedPoint(other, own: own, blocking: blocking(other)).map { $0 <= period } ?? false
    }
  }

  /// The least time in which `own` is done beside all that is more important than `task`.
  private func fixedPoint(_ task: Int, own: UInt64, blocking: UInt64) -> UInt64? {
    var time = own + blocking
    while time < 1_000 * cyclesPerTick {
      var next = own + blocking + ceiling(time, cyclesPerTick) * tick
      for other in workload.activities.keys where other != task {
        guard let period = period(other) else { continue }
        let count = ceiling(time, period)
        if case .interrupt = workload.activities[other]?.release {
          next += count * cost("interrupt")
        }
        if other < task { next += count * whole(other) }
      }
      if next == time { return time }
      time = next
    }
    return nil
  }

  /// What a less important task can still have in hand when `task` is released.
  private func blocking(_ task: Int) -> UInt64 {
    var most: UInt64 = 0
    for (other, activity) in workload.activities where other > task {
      most = max(most, longestPassage(of: activity))
      if period(other) != nil { most = max(most, inHand(activity.work, above: task)) }
    }
    return most
  }

  /// The longest request among `work` to a server that is more important than `task`, made by the
  /// task itself or by a server for it.
  private func inHand(_ work: [Workload.Work], above task: Int) -> UInt64 {
    work.reduce(0) { most, work in
      guard case .call(let server, let byteCount) = work else { return most }
      let own = server < task ? call(server, byteCount) : 0
      return max(most, own, inHand(workload.activities[server]?.work ?? [], above: task))
    }
  }

  /// The longest call that an activity makes: it may have begun just before.
  private func longestPassage(of activity: Workload.Activity) -> UInt64 {
    var calls: [UInt64] = []
    switch activity.release {
    case .every: calls = [cost("setTimer"), cost("receiveNotifications")]
    case .interrupt: calls = [cost("irqControl"), cost("receiveNotifications")]
    case .message(let byteCount):
      calls = [cost("receive"), cost("replyAndReceive", max(byteCount, mostBytes))]
    }
    for case .call(_, let byteCount) in activity.work { calls.append(cost("send", byteCount)) }
    return calls.max() ?? 0
  }

  /// A message, the server's work for it, and its reply.
  private func call(_ server: Int, _ byteCount: Int) -> UInt64 {
    var replyBytes = 0
    if case .message(let count)? = workload.activities[server]?.release { replyBytes = count }
    return cost("send", byteCount) + demand(server)
      + cost("replyAndReceive", max(replyBytes, mostBytes))
  }

  /// The work of one release, servers' work included.
  private func demand(_ task: Int) -> UInt64 {
    (workload.activities[task]?.work ?? []).reduce(0) { sum, work in
      switch work {
      case .compute(let cycles): sum + cycles
      case .call(let server, let byteCount): sum + call(server, byteCount)
      }
    }
  }

  /// The work of one release with the calls that end it.
  private func whole(_ task: Int) -> UInt64 {
    demand(task) + end(task) + cost("receiveNotifications")
  }

  private func end(_ task: Int) -> UInt64 {
    if case .every? = workload.activities[task]?.release {
      cost("setTimer")
    } else {
      cost("irqControl")
    }
  }

  private func period(_ task: Int) -> UInt64? {
    switch workload.activities[task]?.release {
    case .every(let ticks, _): ticks * cyclesPerTick
    case .interrupt(_, let minimum): minimum
    case .message, nil: nil
    }
  }

  /// The longest message of all: a server's receive may move any of them.
  private var mostBytes: Int {
    workload.activities.values.flatMap(\.work).reduce(0) { most, work in
      if case .call(_, let byteCount) = work { max(most, byteCount) } else { most }
    }
  }

  private var tick: UInt64 { UInt64(costs.bound("tick", firings: timers)) }

  private func cost(_ name: String, _ byteCount: Int = 0) -> UInt64 {
    UInt64(costs.bound(name, byteCount: byteCount, firings: 0))
  }

  private func ceiling(_ time: UInt64, _ period: UInt64) -> UInt64 {
    max(1, (time + period - 1) / period)
  }
}
