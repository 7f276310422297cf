// TimelineKit/Write/EventLog.swift: the timeline as a log: one line an incident, a column a task.
// The position in the line says whose it is: messages are arrows from column to column.

/// A log of a timeline, for reading, searching and comparing.
public struct EventLog: Sendable {
  let timeline: Timeline
  /// Whether each line begins with its time; without it, logs of two sources can be compared.
  let hasTimes: Bool

  private static let columnWidth = 4

  /// Prepares a log.
  public init(_ timeline: Timeline, hasTimes: Bool = true) {
    self.timeline = timeline
    self.hasTimes = hasTimes
  }

  /// A heading and a line for each incident, the last line ended.
  public var text: String {
    let names = timeline.lanes.map { Self.padded(String($0.name.prefix(3))) }
    let heading = "\(hasTimes ? "       ms  " : "")\(names.joined())"
    return ([heading.trimmingSuffix()] + timeline.incidents.map(line)).joined(separator: "\n")
      + "\n"
  }

  /// One incident on one line.
  func line(_ incident: Incident) -> String {
    let time = milliseconds(incident.time)
    let padding = String(repeating: " ", count: max(0, 9 - time.count))
    return (hasTimes ? "\(padding)\(time)  " : "") + columns(incident) + timeline.text(incident)
  }

  private func columns(_ incident: Incident) -> String {
    switch incident.kind {
    case .sent(let id): return arrow(timeline.message(id)?.receiver, from: incident.task, "─", "s")
    case .ended(let id):
      return arrow(incident.task, from: timeline.message(id)?.receiver, "╌", "r")
    case .posted(_, let target): return arrow(target, from: incident.task, "┄", "p")
    case .copied(let lender, _, let isWrite):
      return isWrite
        ? arrow(lender, from: incident.task, "═", "c")
        : arrow(incident.task, from: lender, "═", "c")
    default: return marks([incident.task: Self.glyph(incident.kind)])
    }
  }

  /// An arrow between the columns of two tasks.
  private func arrow(_ target: Int?, from source: Int?, _ dash: Character, _ end: Character)
    -> String
  {
    guard let target, let source, target != source else {
      return marks((target ?? source).map { [$0: end] } ?? [:])
    }
    let isLeft = target < source
    var cells = Array(marks([source: end, target: isLeft ? "◀" : "▶"]))
    let (low, high) = (min(source, target), max(source, target))
    for place in low * Self.columnWidth + 1..<high * Self.columnWidth { cells[place] = dash }
    return String(cells)
  }

  private func marks(_ glyphs: [Int: Character]) -> String {
    timeline.lanes.indices.map { Self.padded(String(glyphs[$0] ?? "·")) }.joined()
  }

  private static func padded(_ text: String) -> String {
    text + String(repeating: " ", count: max(0, columnWidth - text.count))
  }

  private static func glyph(_ kind: Incident.Kind) -> Character {
    switch kind {
    case .boot: "#"
    case .tick: "t"
    case .interrupt: "!"
    case .delivered: "m"
    case .armed: "T"
    case .disarmed: "T"
    case .expired: "*"
    case .faulted: "✗"
    case .restarted: "↻"
    case .call, .sent, .ended, .posted, .copied: "o"
    }
  }
}

extension String {
  fileprivate func trimmingSuffix() -> String {
    var line = Substring(self)
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}
