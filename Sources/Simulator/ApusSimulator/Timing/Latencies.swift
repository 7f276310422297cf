// ApusSimulator/Timing/Latencies.swift: how long messages, interrupts and jobs took in a simulation.
// It listens to the events and changes nothing.

import ApusABI
import ApusKernel

/// Response times in cycles, gathered from the events of one simulation.
///
/// ```swift
/// let latencies = Latencies(of: simulation)
/// simulation.run(milliseconds: 1_000)
/// print(latencies.table(simulation.name, clockHertz: simulation.app.board.clockHertz))
/// ```
public final class Latencies {
  /// What was waited for.
  public enum Path: Hashable, Comparable, Sendable {
    /// From a client's `send` to its going on with the reply.
    case call(client: Int, server: Int, operation: UInt16)
    /// From a line's asking to its owner's going on with the notification.
    case interrupt(line: UInt32, owner: Int)
    /// From the tick at which a task's timer is due to its next wait.
    case job(task: Int)
  }

  /// The times of each path, in the order in which they were found.
  public private(set) var samples: [Path: [UInt64]] = [:]

  private struct Call {
    var start: UInt64
    var path: Path
    var isAnswered = false
  }

  private struct Asking {
    var start: UInt64
    var owner = 0
    var bits: UInt32 = 0
    var isReceived = false
  }

  private let cyclesPerTick: UInt64
  private let firstTick: UInt64
  private var boot: UInt64 = 0
  private var calls: [Int: Call] = [:]
  private var lines: [UInt32: Asking] = [:]
  private var deadlines: [Int: UInt64] = [:]
  private var jobs: [Int: UInt64] = [:]

  /// Listens to `simulation` from now on, besides whoever does already.
  public init<let taskCount: Int>(of simulation: Simulation<taskCount>) {
    cyclesPerTick = simulation.cyclesPerTick
    firstTick = simulation.firstTick
    let former = simulation.observer
    simulation.observer = { [self] event in
      former?(event)
      take(event)
    }
  }

  private func take(_ event: TraceEvent) {
    let task = event.task
    switch event.kind {
    case .enter(.call(let registers)): enter(task, registers, event.cycles)
    case .replied(let client, _, _): calls[client]?.isAnswered = true
    case .raised(let line):
      if lines[line] == nil { lines[line] = Asking(start: event.cycles) }
    case .posted(let bits, by: .interrupt(let line)):
      lines[line]?.bits = bits
      lines[line]?.owner = task
    case .notified(let bits):
      for (line, asking) in lines where asking.owner == task && asking.bits & bits != 0 {
        lines[line]?.isReceived = true
      }
    case .leave: leave(task, event.cycles)
    case .timerArmed(let deadline, _): deadlines[task] = deadline
    case .timerDisarmed: deadlines[task] = nil
    case .timerFired:
      // One that was set for the past is no release.
      if let deadline = deadlines[task], deadline > firstTick {
        jobs[task] = boot + (deadline - firstTick) * cyclesPerTick
      }
    case .faulted, .restarted: forget(task)
    case .told: calls[task] = nil
    case .boot:
      (calls, lines, deadlines, jobs) = ([:], [:], [:], [:])
      boot = event.cycles
    default: break
    }
  }

  private func enter(_ task: Int, _ registers: Registers, _ now: UInt64) {
    switch ApusABI.Call(rawValue: registers.r11) {
    case .send:
      let path = Path.call(
        client: task, server: Int(registers.r4 & 31),
        operation: UInt16(truncatingIfNeeded: registers.r4 >> 16))
      calls[task] = Call(start: now, path: path)
    case .receive, .receiveNotifications, .replyAndReceive:
      if let start = jobs.removeValue(forKey: task) {
        samples[.job(task: task), default: []].append(now - start)
      }
    default: break
    }
  }

  private func leave(_ task: Int, _ now: UInt64) {
    if let call = calls[task], call.isAnswered {
      samples[call.path, default: []].append(now - call.start)
      calls[task] = nil
    }
    for (line, asking) in lines where asking.isReceived && asking.owner == task {
      samples[.interrupt(line: line, owner: task), default: []].append(now - asking.start)
      lines[line] = nil
    }
  }

  private func forget(_ task: Int) {
    calls[task] = nil
    deadlines[task] = nil
    jobs[task] = nil
  }
}

extension Latencies {
  /// The times of one path, sorted out.
  public struct Distribution: Equatable, Sendable {
    public var count: Int
    /// Half of them, 99 and 99.9 of a hundred are no longer than these; and the longest.
    public var p50, p99, p999, maximum: UInt64

    init(_ samples: [UInt64]) {
      let sorted = samples.sorted()
      func at(_ perMille: Int) -> UInt64 {
        sorted.isEmpty ? 0 : sorted[max(0, (sorted.count * perMille + 999) / 1_000 - 1)]
      }
      count = sorted.count
      (p50, p99, p999, maximum) = (at(500), at(990), at(999), sorted.last ?? 0)
    }
  }

  /// The distribution of `path`.
  public subscript(path: Path) -> Distribution { Distribution(samples[path] ?? []) }

  /// A table of all paths, in cycles and, for the longest, in microseconds.
  public func table(_ name: (Int) -> String, clockHertz: Int) -> String {
    let titles = samples.keys.sorted().map { path in (path, Self.title(path, name)) }
    let width = max(23, titles.map(\.1.count).max() ?? 0)
    func pad(_ text: String, _ count: Int) -> String {
      String(repeating: " ", count: max(0, count - text.count)) + text
    }
    let head =
      "response time in cycles".padded(to: width)
      + "  count     p50     p99   p99.9     max  max us"
    return
      ([head]
      + titles.map { path, title in
        let times = self[path]
        let microseconds = Double(times.maximum) * 1e6 / Double(clockHertz)
        return title.padded(to: width) + pad("\(times.count)", 7)
          + [times.p50, times.p99, times.p999, times.maximum].map { pad("\($0)", 8) }.joined()
          + pad("\((microseconds * 10).rounded() / 10)", 8)
      }).joined(separator: "\n")
  }

  private static func title(_ path: Path, _ name: (Int) -> String) -> String {
    switch path {
    case .call(let client, let server, let operation):
      "\(name(client)) calls \(name(server)), operation \(operation)"
    case .interrupt(let line, let owner): "interrupt \(line) to \(name(owner))"
    case .job(let task): "\(name(task))'s timer to its next wait"
    }
  }
}

extension String {
  fileprivate func padded(to count: Int) -> String {
    self + String(repeating: " ", count: max(0, count - self.count))
  }
}
