// FootprintKit/Render/Page.swift: fills the page's template with a report and its stacks.
// Every text of the image is escaped: a symbol's name is input, and may be hostile.

import Foundation
import Mustache
import PlainText

/// A report as one HTML page that opens from disk.
public struct Page {
  public var report: Report
  /// The stacks, if they are known.
  public var stacks: StackReport?

  public init(_ report: Report, stacks: StackReport? = nil) {
    self.report = report
    self.stacks = stacks
  }

  /// The page, the same bytes for the same report.
  public func html() throws(FootprintError) -> String {
    let context: [String: Any]
    do {
      context = try self.context()
      return try MustacheTemplate(string: PageTemplate.html).render(context)
    } catch {
      throw FootprintError(.unsound, "cannot fill the page: \(error)")
    }
  }

  private func context() throws -> [String: Any] {
    let sum = report.regions.map { "\($0.name) \(thousands($0.used)) B" }.joined(separator: ", ")
    let processor = report.processor.map { " for \($0)" } ?? ""
    return [
      "image": report.image,
      "subtitle": "Where every byte goes\(processor): \(sum). Rows add up to what the linker used.",
      "style": PageTemplate.style + Report.drawingStyle, "script": PageTemplate.script,
      "regions": report.regions.map(region), "regionNames": report.regions.map(\.name),
      "components": components(), "totals": report.regions.map { thousands($0.used) },
      "maps": report.regions.filter { $0.used > 0 }.map(map), "top": topRows(),
      "hasNotes": !report.notes.isEmpty, "notes": report.notes,
      "hasStacks": stacks != nil, "stacks": (stacks?.entries ?? []).map(stack),
      "hasDoubts": !doubts().isEmpty, "doubts": doubts(), "doubtCount": "\(doubts().count)",
      "data": try data(),
    ]
  }

  /// Each doubt once, with the stacks that it concerns.
  private func doubts() -> [String] {
    var owners: [String: [String]] = [:]
    var order: [String] = []
    for entry in stacks?.entries ?? [] {
      for doubt in entry.doubts {
        if owners[doubt] == nil { order.append(doubt) }
        owners[doubt, default: []].append(entry.name)
      }
    }
    return order.map { "\((owners[$0] ?? []).joined(separator: ", ")): \($0)" }
  }

  private func region(_ region: Region) -> [String: Any] {
    guard let length = region.length, length > 0 else {
      return [
        "name": region.name, "used": thousands(region.used), "share": "0", "state": "",
        "note": "size unknown",
      ]
    }
    let share = min(100, Double(region.used) * 100 / Double(length))
    let free = length - region.used
    return [
      "name": region.name, "used": thousands(region.used), "share": number(share),
      "state": free < 0 ? "bad" : share > 90 ? "warn" : "",
      "note": "\(percent(region.used, of: length)) of \(thousands(length)) B, "
        + (free < 0 ? "over by \(thousands(-free)) B" : "\(thousands(free)) B free"),
    ]
  }

  private func components() -> [[String: Any]] {
    let classes = report.componentClasses()
    return report.grouped(by: [.component]).map { group in
      [
        "name": group.name, "color": classes[group.name] ?? "pad",
        "sizes": group.sizes.map { $0 == 0 ? "" : thousands($0) },
      ]
    }
  }

  private func map(_ region: Region) -> [String: Any] {
    let height = report.regionHeight(region)
    return [
      "title": report.regionTitle(region), "height": number(height),
      "boxes": report.treemap(region, in: Box(x: 0, y: 0, width: 1200, height: height)),
    ]
  }

  private func stack(_ entry: StackEntry) -> [String: Any] {
    let whole = max(1, entry.reserved ?? entry.bound, entry.bound)
    let share = Double(entry.bound) * 100 / Double(whole)
    let mark = entry.measured.map { measured in
      "<u style=\"left:\(number(min(99.5, Double(measured) * 100 / Double(whole))))%\"></u>"
    }
    return [
      "name": entry.name, "bound": (entry.isProven ? "" : "≥ ") + thousands(entry.bound),
      "measured": entry.measured.map(thousands) ?? "",
      "reserved": entry.reserved.map(thousands) ?? "",
      "share": number(share), "mark": mark ?? "",
      "state": (entry.margin ?? 0) < 0 ? "bad" : entry.isProven ? "" : "warn",
    ]
  }

  /// What shows where scripts are off: the largest rows.
  private func topRows() -> [[String: Any]] {
    report.rows.sorted { ($1.size, $0.address) < ($0.size, $1.address) }.prefix(100).map { row in
      [
        "size": thousands(row.size), "name": row.name, "component": row.component,
        "region": row.region, "kind": row.kind.rawValue, "address": hex(row.address),
        "source": row.file.isEmpty ? "" : "\(row.file):\(row.line)",
      ]
    }
  }

  /// The rows for the script, as JSON that cannot end the element it stands in.
  private func data() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(report.rows), as: UTF8.self)
    return text.replacing("<", with: "\\u003c")
  }
}
