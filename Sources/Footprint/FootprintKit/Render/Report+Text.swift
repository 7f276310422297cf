// FootprintKit/Render/Report+Text.swift: the report for a terminal, as CSV and as Markdown.
// The last line of every table is the sum, and says that it was checked.

import PlainText

/// What to show of a report.
public struct Selection: Sendable {
  public var levels: [Level]
  /// At most so many lines for each parent, the rest summed in one line; 0 means all.
  public var top: Int
  public var width: Int?

  public init(levels: [Level] = [.component], top: Int = 0, width: Int? = nil) {
    self.levels = levels
    self.top = top
    self.width = width
  }
}

extension Report {
  /// The report as text: regions as bars, then the tree, then notes.
  public func text(_ selection: Selection = Selection()) -> String {
    var parts = [title, regionBars(), table(selection).text(width: selection.width)]
    if !notes.isEmpty { parts.append(notes.map { "note: \($0)" }.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// The report as Markdown, for a comment on a pull request.
  public func markdown(_ selection: Selection = Selection()) -> String {
    var parts = ["### \(title)", regionTable().markdown(), table(selection).markdown()]
    if !notes.isEmpty { parts.append(notes.map { "- \($0)" }.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// One line for each row: region, component, module, file, line, symbol, name, kind, address, size.
  public func csv() -> String {
    let header = "region,component,module,file,line,symbol,name,kind,address,size,section"
    let lines = rows.map { row in
      [
        row.region, row.component, row.module, row.file, "\(row.line)", row.symbol, row.name,
        row.kind.rawValue, hex(row.address), "\(row.size)", row.section,
      ].map(Self.csvField).joined(separator: ",")
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
  }

  private static func csvField(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  var title: String { processor.map { "\(image) (\($0))" } ?? image }

  private func regionTable() -> TextTable {
    var table = TextTable([
      ("region", .left), ("kind", .left), ("used", .right), ("of", .right), ("share", .right),
      ("free", .right),
    ])
    for region in regions {
      let free = region.length.map { thousands($0 - region.used) } ?? "?"
      table.add([
        region.name, region.kind.rawValue, thousands(region.used),
        region.length.map(thousands) ?? "?",
        region.length.map { percent(region.used, of: $0) } ?? "?",
        free,
      ])
    }
    return table
  }

  private func regionBars() -> String {
    let name = regions.map(\.name.count).max() ?? 0
    let used = regions.map { thousands($0.used).count }.max() ?? 0
    return regions.map { region in
      let label = region.name + String(repeating: " ", count: name - region.name.count)
      let number = thousands(region.used)
      let start = "\(label)  " + String(repeating: " ", count: used - number.count) + "\(number) B"
      guard let length = region.length, length > 0 else { return start }
      let cells = min(24, (region.used * 24 + length - 1) / length)
      let bar = String(repeating: "█", count: cells) + String(repeating: "░", count: 24 - cells)
      let over = region.excess > 0 ? "  over by \(thousands(region.excess)) B" : ""
      return
        "\(start)  \(bar)  \(percent(region.used, of: length)) of \(thousands(length)) B\(over)"
    }.joined(separator: "\n")
  }

  private func table(_ selection: Selection) -> TextTable {
    let head = selection.levels.map(\.rawValue).joined(separator: " / ")
    var table = TextTable([(head, .left)] + regions.map { ($0.name, .right) })
    func cells(_ sizes: [Int]) -> [String] { sizes.map { $0 == 0 ? "" : thousands($0) } }
    func add(_ groups: [Group], depth: Int) {
      let shown = selection.top > 0 ? groups.prefix(selection.top) : groups[...]
      let indent = String(repeating: "  ", count: depth)
      for group in shown {
        table.add([indent + group.name] + cells(group.sizes))
        add(group.children, depth: depth + 1)
      }
      let hidden = groups.dropFirst(shown.count)
      guard !hidden.isEmpty else { return }
      let rest = regions.indices.map { index in hidden.reduce(0) { $0 + $1.sizes[index] } }
      table.add([indent + "(\(hidden.count) smaller)"] + cells(rest))
    }
    add(grouped(by: selection.levels), depth: 0)
    table.addRule()
    table.add(["total, equal to what the linker used"] + regions.map { thousands($0.used) })
    return table
  }
}
