// FootprintKit/History/History.swift: one line of JSON for each commit and image, and its curve.
// The file only grows; lines of a foreign format are an error with their number.

import Foundation

/// The sizes of an image at one commit.
public struct HistoryEntry: Codable, Sendable, Equatable {
  public var version = 1
  public var commit: String
  public var image: String
  /// Used bytes by region.
  public var regions: [String: Int]
  /// Bytes by component, then by region.
  public var components: [String: [String: Int]]

  public init(_ report: Report, commit: String) {
    self.commit = commit
    image = report.image
    regions = Dictionary(report.regions.map { ($0.name, $0.used) }) { a, _ in a }
    components = [:]
    for row in report.rows {
      components[row.component, default: [:]][row.region, default: 0] += row.size
    }
  }
}

/// The sizes of images over time.
public struct History: Sendable, Equatable {
  public private(set) var entries: [HistoryEntry] = []

  public init() {}

  /// Reads the lines of a history file.
  ///
  /// - Throws: `unreadable` with the number of the first line that is none of ours.
  public init(text: String, path: String) throws(FootprintError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      guard let entry = try? JSONDecoder().decode(HistoryEntry.self, from: Data(line.utf8)) else {
        throw FootprintError(
          .unreadable, "this line is no history entry\n  at \(path):\(index + 1)")
      }
      entries.append(entry)
    }
  }

  /// Appends an entry, unless the commit is already there for this image with the same sizes.
  ///
  /// - Returns: the line that was added, nil when nothing was.
  public mutating func add(_ entry: HistoryEntry) throws(FootprintError) -> String? {
    if entries.last(where: { $0.image == entry.image }) == entry { return nil }
    entries.append(entry)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(entry) else {
      throw FootprintError(.unsound, "cannot encode a history entry")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// The images, in the order of their first entry.
  public var images: [String] {
    entries.reduce(into: []) { if !$0.contains($1.image) { $0.append($1.image) } }
  }

  private func series(_ image: String) -> [(region: String, points: [(commit: String, size: Int)])]
  {
    let mine = entries.filter { $0.image == image }
    return Set(mine.flatMap(\.regions.keys)).sorted().map { region in
      (region, mine.compactMap { entry in entry.regions[region].map { (entry.commit, $0) } })
    }
  }

  /// A curve in one line for each image and region, with its first, last and change.
  public var text: String {
    var table = TextTable([
      ("image", .left), ("region", .left), ("curve", .left), ("first", .right), ("last", .right),
      ("change", .right),
    ])
    for image in images {
      for (region, points) in series(image) {
        let sizes = points.map(\.size)
        guard let first = sizes.first, let last = sizes.last else { continue }
        let change = last - first
        table.add([
          image, region, Self.sparkline(sizes), thousands(first), thousands(last),
          (change > 0 ? "+" : "") + thousands(change),
        ])
      }
    }
    return table.text() + "\n"
  }

  /// Eight heights between the smallest and the largest of at most 60 last values.
  static func sparkline(_ sizes: [Int]) -> String {
    let shown = sizes.suffix(60)
    guard let low = shown.min(), let high = shown.max() else { return "" }
    let bars = Array("▁▂▃▄▅▆▇█")
    return String(shown.map { high == low ? bars[3] : bars[($0 - low) * 7 / (high - low)] })
  }

  /// The curves as a drawing, one panel for each image and region.
  public var svg: String {
    var y = 10.0
    var body = ""
    for image in images {
      for (region, points) in series(image) {
        body += Self.panel("\(image): \(region)", points, top: y)
        y += 150
      }
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 \(number(y))" role="img">
      <title>footprint history</title>
      <style>\(Report.drawingStyle).line{fill:none;stroke:#2f7d5b;stroke-width:2}.dot{fill:#2f7d5b}</style>
      <rect class="back" width="100%" height="100%"/>
      \(body)</svg>

      """
  }

  private static func panel(_ title: String, _ points: [(commit: String, size: Int)], top: Double)
    -> String
  {
    let sizes = points.map(\.size)
    guard let low = sizes.min(), let high = sizes.max(), let last = sizes.last else { return "" }
    let step = 780 / Double(max(1, points.count - 1))
    let places = points.enumerated().map { index, point in
      let share = high == low ? 0.5 : Double(point.size - low) / Double(high - low)
      return (x: 20 + step * Double(index), y: top + 120 - 90 * share, point: point)
    }
    var body =
      "<text class=\"head\" x=\"20\" y=\"\(number(top + 14))\">\(xml(title)), now \(thousands(last)) B</text>\n"
    let line = places.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    body += "<polyline class=\"line\" points=\"\(line)\"/>\n"
    for place in places {
      body +=
        "<circle class=\"dot\" cx=\"\(number(place.x))\" cy=\"\(number(place.y))\" r=\"3\">"
        + "<title>\(xml(place.point.commit)): \(thousands(place.point.size)) B</title></circle>\n"
    }
    body += "<text x=\"810\" y=\"\(number(top + 34))\">\(thousands(high))</text>\n"
    body += "<text x=\"810\" y=\"\(number(top + 124))\">\(thousands(low))</text>\n"
    return body
  }
}
