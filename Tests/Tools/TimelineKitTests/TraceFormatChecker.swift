// TimelineKitTests/TraceFormatChecker.swift: the rules of the Trace Event Format, applied to the letter.
// Stricter than its readers: they drop what they cannot place, this one says what and where.

import Foundation

/// The rules, from Google's "Trace Event Format" and what Perfetto's importer asks of JSON.
///
/// Every event has a phase, a process and a thread, and a time that is not negative; slices of a
/// thread nest; a flow begins with `s`, goes on with `t`, ends with `f`, never back in time, each at
/// a time inside a slice of its thread; `b` and `e` pair by category and id; an instant has a scope;
/// a counter has numbers; metadata is of a known name.
struct TraceFormatChecker {
  private(set) var problems: [String] = []
  private(set) var counts: [String: Int] = [:]
  private var slices: [Int: [(start: Double, end: Double)]] = [:]

  private struct Event {
    var phase, name, category: String
    var thread, id: Int
    var time, duration: Double
    var all: [String: Any]
  }

  init(_ text: String) {
    guard let document = try? JSONSerialization.jsonObject(with: Data(text.utf8)),
      let object = document as? [String: Any], let rows = object["traceEvents"] as? [[String: Any]]
    else {
      problems = ["not an object with an array 'traceEvents'"]
      return
    }
    if let unit = object["displayTimeUnit"] as? String, !["ms", "ns"].contains(unit) {
      problems.append("displayTimeUnit '\(unit)'")
    }
    let events = rows.enumerated().compactMap { event($0.element, at: $0.offset) }
    for event in events where event.phase == "X" {
      slices[event.thread, default: []].append((event.time, event.time + event.duration))
    }
    nesting()
    flows(events)
    pairs(events)
    for event in events { single(event) }
  }

  private mutating func event(_ row: [String: Any], at place: Int) -> Event? {
    guard let phase = row["ph"] as? String, let process = row["pid"] as? Int,
      let thread = row["tid"] as? Int, let name = row["name"] as? String, !name.isEmpty
    else {
      problems.append("event \(place) lacks ph, pid, tid or name")
      return nil
    }
    counts[phase, default: 0] += 1
    let time = (row["ts"] as? NSNumber)?.doubleValue ?? -1
    if time < 0 { problems.append("event \(place), '\(name)', has no time") }
    if process < 1 || thread < 1 { problems.append("event \(place) of process or thread 0") }
    let duration = (row["dur"] as? NSNumber)?.doubleValue ?? -1
    if phase == "X" && duration < 0 { problems.append("slice '\(name)' at \(time) has no length") }
    return Event(
      phase: phase, name: name, category: row["cat"] as? String ?? "", thread: thread,
      id: row["id"] as? Int ?? -1, time: time, duration: duration, all: row)
  }

  private mutating func nesting() {
    for (thread, all) in slices {
      var open: [Double] = []
      for slice in all.sorted(by: { ($0.start, -$0.end) < ($1.start, -$1.end) }) {
        while let last = open.last, last <= slice.start + 1e-9 { open.removeLast() }
        if let last = open.last, slice.end > last + 1e-9 {
          problems.append("thread \(thread): a slice from \(slice.start) ends behind its outer one")
        }
        open.append(slice.end)
      }
    }
  }

  private mutating func flows(_ events: [Event]) {
    let steps = events.filter { ["s", "t", "f"].contains($0.phase) }
    for (id, flow) in Dictionary(grouping: steps, by: \.id) {
      let phases = flow.map(\.phase).joined()
      if phases.first != "s" || phases.last != "f" || phases.dropFirst().dropLast().contains("s")
        || phases.dropLast().contains("f")
      {
        problems.append("flow \(id) goes '\(phases)'")
      }
      if Set(flow.map { "\($0.category)/\($0.name)" }).count != 1 {
        problems.append("flow \(id) changes its name or category")
      }
      for (one, next) in zip(flow, flow.dropFirst()) where next.time < one.time {
        problems.append("flow \(id) goes back to \(next.time)")
      }
      for step in flow {
        let isInside = slices[step.thread, default: []].contains {
          $0.start <= step.time + 1e-9 && step.time < $0.end
        }
        if !isInside { problems.append("flow \(id) touches no slice at \(step.time)") }
        if step.phase != "s" && step.all["bp"] as? String != "e" {
          problems.append("flow \(id) binds to the next slice, not to the one around it")
        }
      }
    }
  }

  private mutating func pairs(_ events: [Event]) {
    let ends = events.filter { $0.phase == "b" || $0.phase == "e" }
    for (key, pair) in Dictionary(grouping: ends, by: { "\($0.category) \($0.id) \($0.name)" }) {
      if pair.map(\.phase) != ["b", "e"] || pair[1].time < pair[0].time {
        problems.append("'\(key)' does not begin and then end")
      }
    }
  }

  private mutating func single(_ event: Event) {
    switch event.phase {
    case "X", "s", "t", "f", "b", "e": break
    case "i":
      if !["g", "p", "t"].contains(event.all["s"] as? String) {
        problems.append("instant '\(event.name)' has no scope")
      }
    case "C":
      let values = (event.all["args"] as? [String: Any])?.values.map { $0 is NSNumber } ?? []
      if values.isEmpty || values.contains(false) {
        problems.append("counter '\(event.name)' has no numbers")
      }
    case "M":
      let names = ["process_name", "thread_name", "thread_sort_index"]
      if !names.contains(event.name) || event.all["args"] as? [String: Any] == nil {
        problems.append("metadata '\(event.name)'")
      }
    default: problems.append("phase '\(event.phase)'")
    }
  }
}
