// TimelineKit/Write/Gantt.swift: the timeline as text: a row a task, time from left to right.
// It fits the given width, and has colour only where the caller says that somebody sees it.

/// A drawing of a timeline for a terminal.
///
///     print(Gantt(timeline, width: 100).text)
public struct Gantt: Sendable {
  let timeline: Timeline
  let width: Int
  let isColored: Bool
  private let labelWidth: Int
  private let columns: Int

  /// Prepares a drawing of `width` columns; of 40 at least.
  public init(_ timeline: Timeline, width: Int = 100, isColored: Bool = false) {
    self.timeline = timeline
    self.width = max(40, width)
    self.isColored = isColored
    labelWidth = (timeline.lanes.map(\.name.count).max() ?? 0) + 1
    columns = max(10, self.width - labelWidth)
  }

  /// What a column shows of a lane, from what covers it.
  enum Glyph: Character, CaseIterable, Sendable {
    case faulted = "✗"
    case restarted = "↻"
    case running = "█"
    case partlyRunning = "▌"
    case ready = "▒"
    case blocked = "░"
    case waiting = "·"
    case nothing = " "

    var words: String {
      switch self {
      case .faulted: "stopped by a fault"
      case .restarted: "new life"
      case .running: "runs"
      case .partlyRunning: "runs for a part"
      case .ready: "ready"
      case .blocked: "waits for a peer"
      case .waiting: "waits for a message"
      case .nothing: ""
      }
    }

    var color: Int {
      switch self {
      case .faulted: 31
      case .restarted: 32
      case .running, .partlyRunning: 36
      case .ready: 33
      case .blocked: 35
      case .waiting, .nothing: 90
      }
    }
  }

  /// The whole drawing, its last line ended.
  public var text: String {
    var lines = [heading, ruler]
    lines += timeline.lanes.indices.map { row($0) }
    lines.append("")
    lines.append(
      Glyph.allCases.filter { $0 != .nothing }
        .map { painted(String($0.rawValue), $0) + " " + $0.words }.joined(separator: "   "))
    if let chain = timeline.longestWaitChain, chain.tasks.count > 2 {
      let names = chain.tasks.map(timeline.name).joined(separator: " → ")
      lines.append("longest chain of waiting tasks: \(names), at \(milliseconds(chain.time)) ms")
    }
    for (time, incidents) in timeline.story {
      let words = incidents.map(timeline.text).joined(separator: "; ")
      lines.append("\(milliseconds(time)) ms  \(words)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var heading: String {
    let span = timeline.span
    return "\(timeline.subject.app) on \(timeline.subject.place), "
      + "\(milliseconds(span.lowerBound)) to \(milliseconds(span.upperBound)) ms"
  }

  /// The times above the columns at which they are; one that does not fit is left out.
  private var ruler: String {
    var line = Array(repeating: Character(" "), count: labelWidth + columns)
    var free = 0
    let markers = Ruler(timeline.span, count: max(2, columns / 14))
    for time in markers.times {
      let label = Array("|" + markers.label(time))
      let start = labelWidth + column(of: time)
      guard start >= free, start + label.count <= line.count else { continue }
      line.replaceSubrange(start..<start + label.count, with: label)
      free = start + label.count + 1
    }
    return trimmed(String(line))
  }

  private func row(_ index: Int) -> String {
    let lane = timeline.lanes[index]
    var glyphs = cells(lane)
    for incident in timeline.incidents where incident.task == index {
      let column = min(columns - 1, column(of: incident.time))
      switch incident.kind {
      case .faulted: glyphs[column] = .faulted
      case .restarted where glyphs[column] != .faulted: glyphs[column] = .restarted
      default: break
      }
    }
    let label = lane.name + String(repeating: " ", count: labelWidth - lane.name.count)
    var line = label
    var start = 0
    while start < glyphs.count {
      let end = glyphs[start...].firstIndex { $0 != glyphs[start] } ?? glyphs.count
      line += painted(
        String(repeating: glyphs[start].rawValue, count: end - start), glyphs[start])
      start = end
    }
    return isColored ? line : trimmed(line)
  }

  /// A glyph for each column: what lasts longest in it, but running shows even where it is short.
  private func cells(_ lane: Lane) -> [Glyph] {
    var shares = Array(
      repeating: Array(repeating: 0.0, count: Activity.allCases.count), count: columns)
    let length = Double(timeline.span.upperBound - timeline.span.lowerBound)
    guard length > 0 else { return Array(repeating: .nothing, count: columns) }
    let scale = Double(columns) / length
    for interval in lane.intervals {
      let kind = Activity.allCases.firstIndex(of: interval.activity) ?? 0
      let from = Double(interval.start - timeline.span.lowerBound) * scale
      let to = Double(interval.end - timeline.span.lowerBound) * scale
      var column = Int(from)
      while column < columns && Double(column) < to {
        shares[column][kind] += min(to, Double(column + 1)) - max(from, Double(column))
        column += 1
      }
    }
    return shares.map(Self.glyph)
  }

  private static func glyph(_ shares: [Double]) -> Glyph {
    guard let most = shares.indices.max(by: { shares[$0] < shares[$1] }), shares[most] > 0 else {
      return .nothing
    }
    let running = shares[0]
    if running >= 0.5 { return .running }
    if running > 0 { return .partlyRunning }
    return switch Activity.allCases[most] {
    case .running: .running
    case .ready: .ready
    case .sending, .awaitingReply: .blocked
    case .receiving, .waiting: .waiting
    case .faulted: .faulted
    }
  }

  private func column(of time: UInt64) -> Int {
    let length = Double(max(1, timeline.span.upperBound - timeline.span.lowerBound))
    return Int(Double(time - timeline.span.lowerBound) / length * Double(columns))
  }

  private func painted(_ text: String, _ glyph: Glyph) -> String {
    isColored ? "\u{1B}[\(glyph.color)m\(text)\u{1B}[0m" : text
  }

  private func trimmed(_ line: String) -> String {
    var line = Substring(line)
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}
