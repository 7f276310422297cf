// TimelineKit/Write/Page.swift: the timeline as one HTML file that works from a disk.
// Nothing is loaded: the data, the style and the script stand in the file.

import ApusABI

/// A page to look into a timeline: zoom, pan, ask what something is, follow a message.
///
/// Without script it shows the picture alone. The same timeline makes the same bytes.
public struct Page: Sendable {
  let timeline: Timeline
  let title: String

  /// Prepares a page.
  public init(_ timeline: Timeline, title: String? = nil) {
    self.timeline = timeline
    self.title = title ?? "\(timeline.subject.app) on \(timeline.subject.place)"
  }

  /// The document.
  public var html: String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(xml(title))</title>
    <style>
    \(Palette.variables(at: ":root"))
    \(Palette.rules)
    \(PageParts.style)
    </style></head><body>
    <header><h1>\(xml(title))</h1><p>\(xml(summary))</p></header>
    <main>
    <div class="bar" hidden>
    <button id="in" title="zoom in (+)">+</button><button id="out" title="zoom out (-)">&minus;</button>
    <button id="all" title="the whole trace (0)">all</button>
    <span id="where"></span>
    <span class="hint">wheel: zoom &middot; drag: move &middot; click a message: its chain</span>
    </div>
    <div id="plot">\(Drawing(timeline, title: title).svg)</div>
    <div id="over"></div>
    <div class="side"><section id="story"></section><section id="detail"></section></div>
    <div id="tip" role="tooltip"></div>
    </main>
    <script type="application/json" id="data">\(data)</script>
    <script>
    \(PageParts.script)
    </script></body></html>

    """
  }

  private var summary: String {
    let span = timeline.span
    let faults = timeline.incidents.count { if case .faulted = $0.kind { true } else { false } }
    let length = milliseconds(span.upperBound - span.lowerBound)
    return "\(timeline.subject.app) on \(timeline.subject.place) · \(length) ms from "
      + "\(milliseconds(span.lowerBound)) ms after power-on · \(timeline.messages.count) messages · "
      + "\(faults) fault\(faults == 1 ? "" : "s")"
  }

  // MARK: The data, times in nanoseconds since the begin

  private func offset(_ time: UInt64) -> Int64 {
    Int64(time) - Int64(timeline.span.lowerBound)
  }

  private func offset(_ time: UInt64?) -> String { time.map { "\(offset($0))" } ?? "null" }

  private var data: String {
    let kinds = Activity.allCases
    let lanes = timeline.lanes.enumerated().map { index, lane in
      let intervals = lane.intervals.map { interval in
        let kind = kinds.firstIndex(of: interval.activity) ?? 0
        let chain = timeline.waitChain(of: index, at: interval.start).map(timeline.name)
        let waits = interval.peer == nil ? "" : "," + json(chain.joined(separator: " → "))
        let start = offset(interval.start)
        return "[\(start),\(offset(interval.end)),\(kind),\(interval.generation)\(waits)]"
      }
      return "{\"name\":\(json(lane.name)),\"all\":[\(intervals.joined(separator: ","))]}"
    }
    let messages = timeline.messages.map { message in
      let parent = message.parent.map { "\($0)" } ?? "null"
      return """
        [\(message.id),\(message.sender),\(message.receiver),\(offset(message.sent)),\
        \(offset(message.delivered)),\(offset(message.ended)),\(json(Self.style(message))),\
        \(json(message.words)),\(json(timeline.ending(message))),\(parent)]
        """
    }
    let incidents = timeline.incidents.compactMap { incident in
      Self.code(incident).map { code, target in
        """
        [\(offset(incident.time)),\(incident.task),\(json(code)),\(target),\
        \(json(timeline.text(incident)))]
        """
      }
    }
    let story = timeline.story.map { entry in
      let words = entry.incidents.map(timeline.text).joined(separator: "; ")
      return "[\(offset(entry.time)),\(json(words))]"
    }
    return """
      {"begin":\(timeline.span.lowerBound),"end":\(offset(timeline.span.upperBound)),
      "lanes":[\(lanes.joined(separator: ",\n"))],
      "messages":[\(messages.joined(separator: ",\n"))],
      "incidents":[\(incidents.joined(separator: ",\n"))],
      "story":[\(story.joined(separator: ",\n"))]}
      """
  }

  /// How the end of a message is drawn.
  private static func style(_ message: Message) -> String {
    switch message.outcome {
    case .replied: "reply"
    case .peerDied, .refused: "dead"
    case .open, .withdrawn: ""
    }
  }

  /// What an incident is drawn as, and the lane at its other end or -1; nil for one that is no mark.
  private static func code(_ incident: Incident) -> (String, Int)? {
    switch incident.kind {
    case .tick, .call, .sent, .delivered, .ended, .disarmed: nil
    case .boot: ("boot", -1)
    case .interrupt: ("line", -1)
    case .posted(_, let target): ("post", target)
    case .armed: ("armed", -1)
    case .expired: ("due", -1)
    case .copied(let lender, _, _): ("loan", lender)
    case .faulted: ("fault", incident.task == 0 ? -1 : 0)
    case .restarted: ("life", -1)
    }
  }
}
