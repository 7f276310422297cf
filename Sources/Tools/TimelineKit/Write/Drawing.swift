// TimelineKit/Write/Drawing.swift: the timeline as one SVG picture, made to be read in a README.
// It needs nothing from the network, brings its own background, and follows dark and light.

/// A picture of a timeline: lanes from left to right, messages as arrows, a legend and the story.
///
/// The same timeline makes the same bytes, on every host.
public struct Drawing: Sendable {
  let timeline: Timeline
  /// The first line of the picture.
  let title: String
  let width: Double

  let laneHeight = 42.0
  let left = 104.0
  let top = 122.0
  var right: Double { width - 22 }

  /// Prepares a picture `width` pixels wide; its height follows from what there is to tell.
  public init(_ timeline: Timeline, title: String? = nil, width: Int = 900) {
    self.timeline = timeline
    self.title = title ?? "\(timeline.subject.app) on \(timeline.subject.place)"
    self.width = Double(max(480, width))
  }

  /// The document.
  public var svg: String {
    var bottom = top + Double(timeline.lanes.count) * laneHeight
    let lanes = timeline.lanes.indices.map { lane($0) }.joined()
    let (legend, legendEnd) = self.legend(from: bottom + 26)
    let (story, storyEnd) = self.story(from: legendEnd + 14)
    let content = axis(to: bottom) + lanes + guides + arrows() + marks() + labels + callouts
    bottom = storyEnd + 8
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(bottom))" \
      width="\(number(width))" height="\(number(bottom))" role="img">
      <title>\(xml(title))</title>
      <style>
      \(Palette.variables(at: "svg"))
      \(Palette.rules)
      </style>
      <rect class="card" x="0.5" y="0.5" width="\(number(width - 1))" height="\(number(bottom - 1))" rx="8"/>
      <text class="title" x="20" y="34">\(xml(title))</text>
      <text class="soft" x="20" y="54">\(xml(subtitle))</text>
      \(content)\(legend)\(story)</svg>

      """
  }

  private var subtitle: String {
    let span = timeline.span
    let length = decimal(span.upperBound - span.lowerBound, unit: 3, places: 0)
    let place = "\(timeline.subject.app) on \(timeline.subject.place)"
    let time = "\(length) µs, from \(milliseconds(span.lowerBound)) ms after power-on"
    return title == place ? time : "\(place): \(time)"
  }

  // MARK: Places

  func x(_ time: UInt64) -> Double {
    let length = Double(max(1, timeline.span.upperBound - timeline.span.lowerBound))
    let clamped = min(max(time, timeline.span.lowerBound), timeline.span.upperBound)
    return left + Double(clamped - timeline.span.lowerBound) / length * (right - left)
  }

  func y(_ lane: Int) -> Double { top + (Double(lane) + 0.5) * laneHeight }

  // MARK: Axis and lanes

  private func axis(to bottom: Double) -> String {
    var result = ""
    for index in timeline.lanes.indices where index.isMultiple(of: 2) {
      result +=
        "<rect class=\"band\" x=\"1\" y=\"\(number(top + Double(index) * laneHeight))\" "
        + "width=\"\(number(width - 2))\" height=\"\(number(laneHeight))\"/>\n"
    }
    let ruler = Ruler(timeline.span, count: 8)
    for time in ruler.times {
      let at = number(x(time))
      result += "<path class=\"grid\" d=\"M\(at) 86V\(number(bottom))\"/>\n"
      result +=
        "<text class=\"soft small\" text-anchor=\"\(x(time) > right - 30 ? "end" : "middle")\" "
        + "x=\"\(at)\" y=\"80\">\(xml(ruler.label(time)))</text>\n"
    }
    return result
  }

  private func lane(_ index: Int) -> String {
    let middle = y(index)
    var result =
      "<text class=\"name\" x=\"20\" y=\"\(number(middle + 4))\">"
      + "\(xml(timeline.lanes[index].name))</text>\n"
    for interval in timeline.lanes[index].intervals {
      let (name, height) = Self.look(interval.activity)
      let start = x(interval.start)
      let length = max(0.8, x(interval.end) - start)
      result +=
        "<rect class=\"\(name)\" x=\"\(number(start))\" y=\"\(number(middle - height / 2))\" "
        + "width=\"\(number(length))\" height=\"\(number(height))\""
        + "\(height > 8 ? " rx=\"2\"" : "")><title>\(xml(words(interval, index)))</title></rect>\n"
    }
    return result
  }

  static func look(_ activity: Activity) -> (name: String, height: Double) {
    switch activity {
    case .running: ("run", 16)
    case .ready: ("ready", 9)
    case .sending, .awaitingReply: ("wait", 4)
    case .receiving, .waiting: ("rest", 1)
    case .faulted: ("fault", 16)
    }
  }

  private func words(_ interval: Interval, _ index: Int) -> String {
    let length = decimal(interval.end - interval.start, unit: 3, places: 1)
    return "\(timeline.name(index)) \(timeline.text(interval)), \(length) µs"
  }

  /// Words in the lanes, where there is room for them.
  private var labels: String {
    var result = ""
    for (index, lane) in timeline.lanes.enumerated() {
      for interval in lane.intervals {
        let start = x(interval.start)
        let room = x(interval.end) - start
        switch interval.activity {
        case .faulted:
          guard let text = ["stopped by a fault", "stopped"].first(where: { fits($0, room) })
          else { continue }
          result += label(text, "small onfault", start + room / 2, y(index) + 4)
        case .sending, .awaitingReply:
          let verb = interval.activity == .sending ? "waits for" : "awaits"
          let text = "\(verb) \(interval.peer.map(timeline.name) ?? "?")"
          guard fits(text, room - 16) else { continue }
          result += label(text, "small soft halo", start + room / 2, y(index) + 15)
        default: break
        }
      }
    }
    return result
  }

  private func label(_ text: String, _ style: String, _ x: Double, _ y: Double) -> String {
    "<text class=\"\(style)\" text-anchor=\"middle\" x=\"\(number(x))\" y=\"\(number(y))\">"
      + "\(xml(text))</text>\n"
  }

  /// Whether small text has room, by the width of a wide font.
  private func fits(_ text: String, _ room: Double) -> Bool { Double(text.count) * 6 + 6 <= room }

  // MARK: The story

  /// The numbers above the lanes, pushed apart where they would meet.
  private var callouts: String {
    var free = left - 12
    var result = ""
    for (place, entry) in timeline.story.enumerated() {
      let at = max(x(entry.time), free)
      free = at + 19
      result +=
        "<circle class=\"dot\" cx=\"\(number(at))\" cy=\"103\" r=\"8\"/>"
        + "<text class=\"ndot\" x=\"\(number(at))\" y=\"107\">\(place + 1)</text>\n"
    }
    return result
  }

  /// A dotted line from each number down to the lowest lane that it is about.
  private var guides: String {
    timeline.story.map { entry in
      let lowest = entry.incidents.map(\.task).max() ?? 0
      let at = number(x(entry.time))
      return "<path class=\"guide\" d=\"M\(at) 111V\(number(y(lowest)))\"/>\n"
    }.joined()
  }

  private func story(from start: Double) -> (svg: String, end: Double) {
    var y = start
    var result = ""
    for (place, entry) in timeline.story.enumerated() {
      let text = entry.incidents.map(timeline.text).joined(separator: "; ")
      result +=
        "<circle class=\"dot\" cx=\"28\" cy=\"\(number(y + 4))\" r=\"8\"/>"
        + "<text class=\"ndot\" x=\"28\" y=\"\(number(y + 8))\">\(place + 1)</text>"
        + "<text class=\"soft\" x=\"44\" y=\"\(number(y + 8))\">"
        + "\(milliseconds(entry.time)) ms</text>\n"
      for line in wrapped(text, Int((right - 124) / 6.1)) {
        result += "<text x=\"124\" y=\"\(number(y + 8))\">\(xml(line))</text>\n"
        y += 18
      }
      y += 4
    }
    return (result, y)
  }

  private func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
