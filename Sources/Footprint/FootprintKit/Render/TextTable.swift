// FootprintKit/Render/TextTable.swift: columns for terminals and for Markdown.
// It measures characters, not bytes, and writes no colours: output can be committed and compared.

/// A table of text with aligned columns.
public struct TextTable: Sendable {
  public enum Alignment: Sendable { case left, right }

  private var columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]?] = []

  public init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

  /// Adds a row; missing cells are empty.
  public mutating func add(_ cells: [String]) { rows.append(cells) }

  /// Adds a line between rows.
  public mutating func addRule() { rows.append(nil) }

  private func cell(_ row: [String], _ index: Int) -> String {
    index < row.count ? row[index] : ""
  }

  /// The table for a terminal; `width` cuts the first left-aligned column where lines are too long.
  public func text(width: Int? = nil) -> String {
    var widths = columns.indices.map { index in
      max(
        columns[index].title.count, rows.compactMap { $0.map { cell($0, index).count } }.max() ?? 0)
    }
    let total = widths.reduce(0, +) + 2 * (widths.count - 1)
    if let width, total > width, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }) {
      widths[widest] = max(12, widths[widest] - (total - width))
    }
    func line(_ cells: [String]) -> String {
      let parts = columns.indices.map { index in
        pad(
          shorten(cell(cells, index), to: widths[index]), to: widths[index],
          columns[index].alignment)
      }
      return trimmedRight(parts.joined(separator: "  "))
    }
    var lines = [line(columns.map(\.title))]
    for row in rows {
      lines.append(
        row.map(line) ?? String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))
      )
    }
    return lines.joined(separator: "\n")
  }

  /// The table as GitHub Markdown; rules are left out.
  public func markdown() -> String {
    func line(_ cells: [String]) -> String {
      "| " + columns.indices.map { escape(cell(cells, $0)) }.joined(separator: " | ") + " |"
    }
    let rule = "|" + columns.map { $0.alignment == .left ? "---|" : "---:|" }.joined()
    return ([line(columns.map(\.title)), rule] + rows.compactMap { $0.map(line) })
      .joined(separator: "\n")
  }

  private func escape(_ text: String) -> String {
    // A leading space would be lost, and with it the tree's shape.
    let indent = text.prefix { $0 == " " }.count
    let body = text.dropFirst(indent)
    let marks: [Character: String] = ["|": "\\|", "<": "&lt;", ">": "&gt;", "*": "\\*", "_": "\\_"]
    return String(repeating: "&nbsp;", count: indent)
      + body.map { marks[$0] ?? String($0) }.joined()
  }

  private func shorten(_ text: String, to width: Int) -> String {
    guard text.count > width else { return text }
    let head = (width - 1) * 2 / 3
    return text.prefix(head) + "…" + text.suffix(width - 1 - head)
  }

  private func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
    let spaces = String(repeating: " ", count: max(0, width - text.count))
    return alignment == .left ? text + spaces : spaces + text
  }

  private func trimmedRight(_ text: String) -> String {
    var result = Substring(text)
    while result.last == " " { result.removeLast() }
    return String(result)
  }
}
