// FootprintKit/Render/StackReport+Text.swift: the stack report as text, Markdown and JSON.
// A bound that is not proven is marked at the number itself, not in a footnote.

extension StackReport {
  private var table: TextTable {
    var table = TextTable([
      ("stack", .left), ("kind", .left), ("static worst", .right), ("measured", .right),
      ("reserved", .right), ("margin", .right),
    ])
    for entry in entries {
      table.add([
        entry.name, entry.kind.rawValue, (entry.isProven ? "" : ">= ") + thousands(entry.bound),
        entry.measured.map(thousands) ?? "", entry.reserved.map(thousands) ?? "",
        entry.margin.map(thousands) ?? "",
      ])
    }
    return table
  }

  /// Table, then the path to each worst case, then every doubt.
  public func text(paths: Bool = true) -> String {
    var parts = ["\(image): worst-case stack in bytes, one exception frame included", table.text()]
    if paths {
      parts += entries.map { entry in
        "\(entry.name):\n" + entry.path.map { "  \($0)" }.joined(separator: "\n")
      }
    }
    let doubts = entries.flatMap { entry in entry.doubts.map { "warning: \(entry.name): \($0)" } }
    if !doubts.isEmpty { parts.append(doubts.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// The table for a comment on a pull request.
  public func markdown() -> String { table.markdown() + "\n" }

  /// The report as JSON, with sorted keys.
  public func json() throws(FootprintError) -> String { try encoded(self) }

  /// What speaks against the stacks: the worst case does not fit (`no`), or a measurement is above
  /// a proven bound (`unsound`, the worse of the two).
  public func verdict() -> FootprintError? {
    for entry in entries {
      if let measured = entry.measured, entry.isProven, measured > entry.bound {
        return FootprintError(
          .unsound,
          "stack of '\(entry.name)': measured \(measured) bytes, but the static worst case says "
            + "\(entry.bound); the analysis misses something")
      }
    }
    for entry in entries {
      if let margin = entry.margin, margin < 0, let reserved = entry.reserved {
        return FootprintError(
          .no,
          "stack of '\(entry.name)': the worst case needs \(entry.bound) bytes, reserved are "
            + "\(reserved); try: 'stack: \((entry.bound + 31) / 32 * 32)'")
      }
    }
    return nil
  }
}
