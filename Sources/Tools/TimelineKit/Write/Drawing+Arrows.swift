// TimelineKit/Write/Drawing+Arrows.swift: what goes from lane to lane, and the marks on a lane.
// Arrows of one instant stand a little apart, so that none hides another.

import ApusABI

extension Drawing {
  /// An arrow between two lanes.
  struct Arrow {
    var style: String
    var source: (time: UInt64, lane: Int)
    var target: (time: UInt64, lane: Int)
    var hasHead = true
    var words: String
  }

  /// All arrows, those of one instant spread by `spread` pixels.
  func arrows() -> String {
    let all = exchanges + others
    var counts: [UInt64: Int] = [:]
    for arrow in all { counts[arrow.target.time, default: 0] += 1 }
    var placed: [UInt64: Int] = [:]
    let spread = 5.0
    return all.map { arrow in
      let time = arrow.target.time
      let place = placed[time, default: 0]
      placed[time] = place + 1
      let shift = (Double(place) - Double((counts[time] ?? 1) - 1) / 2) * spread
      return draw(arrow, shift)
    }.joined()
  }

  /// Messages and their ends.
  private var exchanges: [Arrow] {
    var result: [Arrow] = []
    for message in timeline.messages {
      if let delivered = message.delivered, timeline.span.contains(delivered) {
        result.append(
          Arrow(
            style: "send", source: (max(message.sent, timeline.span.lowerBound), message.sender),
            target: (delivered, message.receiver),
            words: "\(timeline.name(message.sender)) sends \(message.words) "
              + "to \(timeline.name(message.receiver))"))
      }
      guard let ended = message.ended, timeline.span.contains(ended) else { continue }
      switch message.outcome {
      case .replied:
        result.append(
          Arrow(
            style: "reply", source: (ended, message.receiver), target: (ended, message.sender),
            words: timeline.ending(message)))
      case .peerDied, .refused:
        result.append(
          Arrow(
            style: "dead", source: (ended, message.receiver), target: (ended, message.sender),
            words: timeline.ending(message)))
      case .open, .withdrawn: break
      }
    }
    return result
  }

  /// Posts, faults on their way to the supervisor, and loans.
  private var others: [Arrow] {
    timeline.incidents.compactMap { incident in
      let (time, words) = (incident.time, timeline.text(incident))
      guard timeline.span.contains(time) else { return nil }
      switch incident.kind {
      case .posted(_, let target):
        return Arrow(
          style: "post", source: (time, incident.task), target: (time, target), words: words)
      case .faulted where incident.task != 0:
        return Arrow(
          style: "post", source: (time, incident.task), target: (time, 0),
          words: "the kernel posts fault to \(timeline.name(0))")
      case .copied(let lender, _, _):
        return Arrow(
          style: "loan", source: (time, lender), target: (time, incident.task), hasHead: false,
          words: words)
      default: return nil
      }
    }
  }

  /// From the edge of one bar to the edge of the other, with a head.
  private func draw(_ arrow: Arrow, _ shift: Double) -> String {
    guard arrow.source.lane != arrow.target.lane else { return "" }
    let isUp = arrow.target.lane < arrow.source.lane
    let (x1, x2) = (x(arrow.source.time) + shift, x(arrow.target.time) + shift)
    let y1 = y(arrow.source.lane) + (isUp ? -8 : 8)
    let y2 = y(arrow.target.lane) + (isUp ? 9 : -9)
    let words = "<title>\(xml(arrow.words))</title>"
    let head = isUp ? 5.5 : -5.5
    var result = "<g>\(words)"
    if arrow.hasHead {
      result +=
        "<path class=\"a \(arrow.style)\" d=\"M\(number(x1)) \(number(y1))"
        + "L\(number(x2)) \(number(y2 + head))\"/>"
      result +=
        "<path class=\"h\(arrow.style)\" d=\"M\(number(x2)) \(number(y2))"
        + "l-3.4 \(number(head * 1.25))h6.8z\"/>"
    } else {
      // A loan: the lender's end is a square, the bytes move at the other.
      result +=
        "<path class=\"a \(arrow.style)\" d=\"M\(number(x1)) \(number(y1))V\(number(y2))\"/>"
        + "<rect class=\"h\(arrow.style)\" x=\"\(number(x1 - 2))\" y=\"\(number(y1 - 2))\" "
        + "width=\"4\" height=\"4\"/>"
    }
    return result + "</g>\n"
  }

  /// Interrupts, timers and new lives.
  func marks() -> String {
    timeline.incidents.map { incident in
      guard timeline.span.contains(incident.time) else { return "" }
      let (at, middle) = (x(incident.time), y(incident.task))
      let words = "<title>\(xml(timeline.text(incident)))</title>"
      switch incident.kind {
      case .interrupt:
        return "<g>\(words)<path class=\"hline\" d=\"M\(number(at)) \(number(middle + 9))"
          + "l-3.6 7h7.2z\"/></g>\n"
      case .armed:
        return
          "<circle class=\"clock\" cx=\"\(number(at))\" cy=\"\(number(middle + 14))\" r=\"3.2\">"
          + "\(words)</circle>\n"
      case .expired:
        return "<circle class=\"clock due\" cx=\"\(number(at))\" cy=\"\(number(middle + 14))\" "
          + "r=\"3.2\">\(words)</circle>\n"
      case .restarted(let generation):
        return "<g>\(words)<path class=\"life\" d=\"M\(number(at)) \(number(middle - 10))v20\"/>"
          + "<text class=\"small tlife halo\" x=\"\(number(at + 5))\" y=\"\(number(middle - 10))\">"
          + "life \(generation)</text></g>\n"
      default: return ""
      }
    }.joined()
  }

  // MARK: The legend

  /// A sample and its words, for all that occurs in the picture.
  func legend(from y: Double) -> (svg: String, end: Double) {
    var (x, row) = (20.0, y)
    var result = ""
    for (sample, words) in legendEntries {
      let length = 34 + Double(words.count) * 6.2 + 14
      if x + length > right {
        x = 20
        row += 20
      }
      result +=
        "<g transform=\"translate(\(number(x)) \(number(row)))\">\(sample)"
        + "<text class=\"soft\" x=\"32\" y=\"4\">\(xml(words))</text></g>\n"
      x += length
    }
    return (result, row + 12)
  }

  private var legendEntries: [(sample: String, words: String)] {
    func bar(_ name: String, _ height: Double) -> String {
      "<rect class=\"\(name)\" y=\"\(number(-height / 2))\" width=\"26\" height=\"\(number(height))\"/>"
    }
    func arrow(_ name: String) -> String {
      "<path class=\"a \(name)\" d=\"M0 0H21\"/><path class=\"h\(name)\" d=\"M26 0l-6.5-3.4v6.8z\"/>"
    }
    let activities = Set(timeline.lanes.flatMap { $0.intervals.map(\.activity) })
    let styles = Set((exchanges + others).map(\.style))
    let kinds = Set(timeline.incidents.map { Self.mark($0.kind) })
    var result: [(String, String)] = []
    func add(_ isThere: Bool, _ sample: String, _ words: String) {
      if isThere { result.append((sample, words)) }
    }
    add(activities.contains(.running), bar("run", 12), "runs")
    add(activities.contains(.ready), bar("ready", 9), "ready")
    add(
      activities.contains(.awaitingReply) || activities.contains(.sending), bar("wait", 4),
      "waits for a reply")
    add(
      activities.contains(.receiving) || activities.contains(.waiting), bar("rest", 1),
      "waits for work")
    add(activities.contains(.faulted), bar("fault", 12), "stopped by a fault")
    add(styles.contains("send"), arrow("send"), "message")
    add(styles.contains("reply"), arrow("reply"), "reply")
    add(styles.contains("dead"), arrow("dead"), "news of a death")
    add(styles.contains("post"), arrow("post"), "notification")
    add(
      styles.contains("loan"),
      "<path class=\"a loan\" d=\"M2 0H24\"/><rect class=\"hloan\" y=\"-2\" width=\"4\" height=\"4\"/>",
      "bytes of a loan")
    add(
      kinds.contains("line"), "<path class=\"hline\" d=\"M13 -4l-3.6 7h7.2z\"/>", "interrupt")
    add(kinds.contains("armed"), "<circle class=\"clock\" cx=\"13\" r=\"3.2\"/>", "timer set")
    add(kinds.contains("due"), "<circle class=\"clock due\" cx=\"13\" r=\"3.2\"/>", "timer due")
    add(kinds.contains("life"), "<path class=\"life\" d=\"M13 -7v14\"/>", "new life")
    return result
  }

  private static func mark(_ kind: Incident.Kind) -> String {
    switch kind {
    case .interrupt: "line"
    case .armed: "armed"
    case .expired: "due"
    case .restarted: "life"
    default: ""
    }
  }
}
