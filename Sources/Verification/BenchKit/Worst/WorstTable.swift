// BenchKit/WorstTable.swift: the worst paths as text for a terminal, and for the safety manual.
// It only formats.

extension WorstPath {
  /// The rows for a terminal.
  public var table: String {
    let width = rows.map(\.way.count).max() ?? 0
    let lines = rows.map { row in
      "\(row.way.padded(width))  \(row.instructions.right(12))  \(row.accesses.right(8))  "
        + row.situation
    }
    let head = "\("way in".padded(width))  instructions  accesses  at its worst"
    return
      ([
        "the longest stays in the kernel on \(board): 31 tasks and idle, 32 interrupts, counted",
        "exactly from the handler's first instruction to the exception return", "", head,
      ] + lines).joined(separator: "\n")
  }

  /// The rows as a table of a DocC page.
  public var page: String {
    let lines = rows.map {
      "| \($0.way) | \($0.instructions) | \($0.accesses) | \($0.situation) |"
    }
    return (["| way in | instructions | accesses | at its worst |", "|---|---:|---:|---|"] + lines)
      .joined(separator: "\n")
  }

  /// The page of the safety manual that has the table.
  public static let manual = "Sources/Kernel/ApusKernel/ApusKernel.docc/WorstPath.md"

  /// The manual with these rows in place of its own; the same text if they are there already.
  public func update(_ manual: String) -> String {
    manual.replacing(/\| way in \| instructions[^\n]*\n(\|[^\n]*(\n|$))+/) { _ in page + "\n" }
  }
}
