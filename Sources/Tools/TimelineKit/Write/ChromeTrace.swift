// TimelineKit/Write/ChromeTrace.swift: the timeline in the Trace Event Format, which Perfetto opens.
// One process, a thread a task; slices tile each thread, so that they nest and flows find theirs.

/// A timeline as JSON in the object form of the Trace Event Format.
///
/// | what | phase |
/// |---|---|
/// | names and order of the tasks | `M` |
/// | what a task does | `X`, one slice an interval |
/// | a message | `s` at its sender, `t` at its receiver, `f` back at the sender, one id |
/// | how long its sender waits | `b` and `e`, one id |
/// | faults, new lives, posts, timers, interrupts, loans | `i` of the thread |
/// | how many tasks can run | `C` |
///
/// Times are microseconds since power-on, exact to the nanosecond. The same timeline makes the same
/// bytes.
public struct ChromeTrace: Sendable {
  let timeline: Timeline

  /// Prepares a trace.
  public init(_ timeline: Timeline) {
    self.timeline = timeline
  }

  /// The document, one event a line.
  public var text: String {
    let all =
      names + slices + timeline.messages.flatMap(flow) + timeline.messages.flatMap(span)
      + timeline.incidents.compactMap(instant) + counters
    return """
      {"displayTimeUnit":"ns","otherData":{"app":\(json(timeline.subject.app)),\
      "place":\(json(timeline.subject.place))},"traceEvents":[
      \(all.joined(separator: ",\n"))
      ]}

      """
  }

  private func thread(_ task: Int) -> String { "\"pid\":1,\"tid\":\(task + 1)" }

  private func time(_ nanoseconds: UInt64) -> String {
    decimal(nanoseconds, unit: 3, places: 3)
  }

  private var names: [String] {
    let title = json("\(timeline.subject.app) on \(timeline.subject.place)")
    return [
      """
      {"ph":"M","pid":1,"tid":1,"ts":0,"name":"process_name","args":{"name":\(title)}}
      """
    ]
      + timeline.lanes.enumerated().flatMap { index, lane in
        [
          """
          {"ph":"M",\(thread(index)),"ts":0,"name":"thread_name","args":{"name":\(json(lane.name))}}
          """,
          """
          {"ph":"M",\(thread(index)),"ts":0,"name":"thread_sort_index","args":{"sort_index":\(index)}}
          """,
        ]
      }
  }

  private var slices: [String] {
    timeline.lanes.enumerated().flatMap { index, lane in
      lane.intervals.map { interval in
        var arguments = "\"life\":\(interval.generation)"
        if interval.peer != nil {
          let chain = timeline.waitChain(of: index, at: interval.start).map(timeline.name)
          arguments += ",\"waitsFor\":\(json(chain.joined(separator: " → ")))"
        }
        return """
          {"ph":"X",\(thread(index)),"ts":\(time(interval.start)),\
          "dur":\(time(interval.end - interval.start)),"cat":"state",\
          "name":\(json(Self.label(interval, timeline))),"args":{\(arguments)}}
          """
      }
    }
  }

  static func label(_ interval: Interval, _ timeline: Timeline) -> String {
    switch interval.activity {
    case .sending: "sending to \(interval.peer.map(timeline.name) ?? "?")"
    case .awaitingReply: "awaiting \(interval.peer.map(timeline.name) ?? "?")"
    default: interval.activity.rawValue
    }
  }

  /// The arrows of a message: only between instants at which both ends have a slice.
  private func flow(_ message: Message) -> [String] {
    var points: [(time: UInt64, task: Int)] = []
    points.append((message.sent, message.sender))
    if let delivered = message.delivered { points.append((delivered, message.receiver)) }
    if let ended = message.ended { points.append((ended, message.sender)) }
    points = points.filter { timeline.span.contains($0.time) }
    guard points.count > 1 else { return [] }
    return points.enumerated().map { index, point in
      let phase = index == 0 ? "s" : index == points.count - 1 ? "f" : "t"
      return """
        {"ph":"\(phase)",\(thread(point.task)),"ts":\(time(point.time)),"cat":"message",\
        "name":"message","id":\(message.id)\(phase == "s" ? "" : ",\"bp\":\"e\"")}
        """
    }
  }

  /// The time from sending to the end, on a track of its own: these may overlap.
  private func span(_ message: Message) -> [String] {
    let start = max(message.sent, timeline.span.lowerBound)
    let end = min(message.ended ?? .max, timeline.span.upperBound)
    let title = json("\(timeline.name(message.sender)) → \(timeline.name(message.receiver))")
    func event(_ phase: String, _ at: UInt64, _ arguments: String) -> String {
      """
      {"ph":"\(phase)",\(thread(message.sender)),"ts":\(time(at)),"cat":"exchange",\
      "name":\(title),"id":\(message.id),"args":{\(arguments)}}
      """
    }
    var arguments = "\"message\":\(message.id),\"what\":\(json(message.words))"
    if let parent = message.parent { arguments += ",\"for\":\(parent)" }
    return [
      event("b", start, arguments),
      event("e", end, "\"end\":\(json(timeline.ending(message)))"),
    ]
  }

  private func instant(_ incident: Incident) -> String? {
    let name: String
    switch incident.kind {
    case .sent, .delivered, .ended: return nil
    case .boot: name = "boot"
    case .tick: name = "tick"
    case .interrupt(let number): name = "interrupt \(timeline.lineName(number))"
    case .call(let call): name = call.map { "\($0)" } ?? "unknown call"
    case .posted: name = "post"
    case .armed: name = "timer set"
    case .disarmed: name = "timer off"
    case .expired: name = "timer due"
    case .copied: name = "loan"
    case .faulted(let kind, _, _, _): name = "fault: \(kind)"
    case .restarted(let generation): name = "life \(generation)"
    }
    let words = json(timeline.text(incident))
    return """
      {"ph":"i","s":"t",\(thread(incident.task)),"ts":\(time(incident.time)),"cat":"kernel",\
      "name":\(json(name)),"args":{"what":\(words)}}
      """
  }

  /// How many tasks but idle can run, at each change.
  private var counters: [String] {
    var changes: [UInt64: Int] = [:]
    for lane in timeline.lanes.dropLast() {
      for interval in lane.intervals
      where interval.activity == .running || interval.activity == .ready {
        changes[interval.start, default: 0] += 1
        changes[interval.end, default: 0] -= 1
      }
    }
    var count = 0
    return changes.sorted { $0.key < $1.key }.compactMap { at, change in
      count += change
      guard change != 0 else { return nil }
      return """
        {"ph":"C","pid":1,"tid":1,"ts":\(time(at)),"name":"runnable tasks","args":{"tasks":\(count)}}
        """
    }
  }
}

/// `text` as a JSON string that is harmless inside a script element, too.
func json(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "<": result += "\\u003c"
    case _ where scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
