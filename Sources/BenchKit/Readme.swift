// BenchKit/Readme.swift: puts what was counted and what was said where the README shows it.
// Everything else in the text stays as it is.

import ImagePlan
import QEMUKit

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

/// The README's example of a session with the console.
public enum ReadmeSession {
  /// What is typed.
  static let lines = ["ps", "crash sensor memory", "ps", "exit"]

  /// Holds the session with `console`, and returns what a terminal shows of it.
  public static func hold(with console: ImageBundle) async throws -> String {
    let machine = Machine(board: console.plan.board.machine, image: console.image)
    let report = try await Session(machine).run { guest in
      for line in lines {
        try await guest.expect("apus> ")
        try await guest.send(line)
      }
      try await guest.expect("end of session\r\n")
    }
    return report.output.split(whereSeparator: \.isNewline).joined(separator: "\n")
  }

  /// The README with `output` as the session's output.
  public static func update(_ readme: String, with output: String) -> String {
    let block = /(```console\n\$ printf [^\n]*\n)[^`]*(```)/
    return readme.replacing(block) { "\($0.output.1)\(output)\n\($0.output.2)" }
  }
}
