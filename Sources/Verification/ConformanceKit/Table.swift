// ConformanceKit/Table.swift: a run as a page: a row a case, a column a board, and what no case shows.
// Written from verdicts alone: a case that did not run is not in it.

extension Results {
  /// The run as Markdown: totals, each case on each board, and the catalogue's other numbers.
  public func markdown() -> String {
    let boards = cases.reduce(into: [String]()) { names, verdict in
      if !names.contains(verdict.board) { names.append(verdict.board) }
    }
    var limits: [String] = []
    let rows = rows(boards, &limits)
    var lines = [
      "# Conformance", "", "Written by `apus-verify test --table`.", "", "```", table, "```", "",
    ]
    lines += ["## Cases", "", "| family | case | " + boards.joined(separator: " | ") + " |"]
    lines.append("| --- | --- |" + String(repeating: " --- |", count: boards.count))
    lines += rows + [""]
    lines += limits.enumerated().map { "\($0 + 1). not applicable: \($1)" }
    lines += ["", "## The catalogue's numbers without a case of their own", ""]
    lines += ["| number | what is tried | shown by |", "| --- | --- | --- |"]
    return (lines + CatalogueEntry.all.compactMap(\.row) + [""]).joined(separator: "\n")
  }

  /// A row a case in the order of the list; reasons go to `limits`, and their numbers to the cells.
  private func rows(_ boards: [String], _ limits: inout [String]) -> [String] {
    var rows: [String] = []
    for (_, own) in Dictionary(grouping: cases, by: \.order).sorted(by: { $0.key < $1.key }) {
      let cells = boards.map { board in
        guard let verdict = own.first(where: { $0.board == board }) else { return "" }
        switch verdict.status {
        case .passed: return "passed"
        case .failed: return "**failed**: \(Self.cell(verdict.reason))"
        case .notApplicable:
          if !limits.contains(verdict.reason) { limits.append(verdict.reason) }
          return "not applicable (\((limits.firstIndex(of: verdict.reason) ?? 0) + 1))"
        }
      }
      guard let first = own.first else { continue }
      let head = "| \(first.family.rawValue) | `\(first.name)` | "
      rows.append(head + cells.joined(separator: " | ") + " |")
    }
    return rows
  }

  /// Text that cannot end its cell or its row.
  private static func cell(_ text: String) -> String {
    // By lines: a carriage return and a line feed are one character.
    text.replacing("|", with: "\\|").split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}

extension CatalogueEntry {
  /// The entry's row, `nil` if it has cases of its own.
  fileprivate var row: String? {
    let text: String
    switch shown {
    case .ownCases: return nil
    case .cases(let names):
      text = "cases " + names.map { "`\($0)`" }.joined(separator: ", ")
    case .tests(let titles):
      text = "tests " + titles.map { "\"\($0)\"" }.joined(separator: ", ")
    case .reason(let reason): text = "not applicable: \(reason)"
    }
    return "| \(number) | \(subject) | \(text) |"
  }
}
