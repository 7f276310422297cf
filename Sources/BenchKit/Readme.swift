// BenchKit/Readme.swift: puts the figures where the README shows them.
// Everything else in the text stays as it is.

extension Figures {
  /// The README with these figures in place of its own; the same text if they are there already.
  ///
  /// The figures stand in two places: the line that is like `summary`, and the block that begins
  /// like `table`. A text without them comes back unchanged.
  public func update(_ readme: String) -> String {
    let line = /\d+ bytes of flash, \d+ bytes of RAM with 8 tasks, \d+ instructions [a-z ]*back/
    let block = /```text\nApus on [^`]*```/
    return
      readme
      .replacing(line) { _ in summary }
      .replacing(block) { _ in "```text\n\(table)\n```" }
  }
}
