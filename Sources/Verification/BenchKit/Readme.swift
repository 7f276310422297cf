// BenchKit/Readme.swift: puts what was counted and what was said where the README shows it.
// Everything else in the text stays as it is.

import ImagePlan
import QEMUKit

extension Figures {
  /// A page with these figures in place of its own; the same text if they are there already.
  ///
  /// The README has the line that is like `summary` and the block that begins like `table`; the page
  /// of figures has the block that begins like `comparison`. A text without them comes back unchanged.
  public func update(_ page: String) -> String {
    let line = /\d+ bytes of flash and \d+ bytes of RAM with 8 tasks; [a-z ]*\d+ instructions/
    return
      page
      .replacing(line) { _ in summary }
      .replacing(/```text\nApus on [^`]*```/) { _ in "```text\n\(table)\n```" }
      .replacing(/```text\nsystem [^`]*```/) { _ in "```text\n\(comparison)\n```" }
  }

  /// The page with the comparison and an image's block, from the repository's root.
  public static let page = "Sources/Kernel/ApusKernel/ApusKernel.docc/Figures.md"
}

/// The README's example of a session with the console.
public enum ReadmeSession {
  /// What is typed.
  static let lines = ["crash sensor memory", "exit"]

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

/// What `make footprint` says of `hello`, as README and the page of figures show it.
public struct ReadmeFootprint: Sendable {
  /// The first block of the overview.
  public var block: String
  /// The smallest image in one phrase, as the README begins.
  public var summary: String

  /// Takes the first image of `overview`, what `footprint overview` prints.
  ///
  /// - Throws: `QEMUError` if the text has no total or no way to the first task.
  public init(_ overview: String) throws {
    let end = overview.firstRange(of: "\n\n")?.lowerBound ?? overview.endIndex
    block = overview[..<end].split(separator: "\n").joined(separator: "\n")
    guard let total = block.firstMatch(of: /total, [a-z ]* +([\d,]+) +([\d,]+)/),
      let start = block.firstMatch(of: /to the first task ([\d,]+),/)
    else { throw QEMUError("`footprint overview` says nothing of flash, RAM and the first task") }
    func plain(_ number: Substring) -> String { number.filter { $0 != "," } }
    summary = """
      \(plain(total.output.1)) bytes of flash, \(plain(total.output.2)) bytes of RAM, \
      \(plain(start.output.1)) instructions to its first task
      """
  }

  /// A page with the phrase and the block in place of its own.
  public func update(_ text: String) -> String {
    let line = /\d+ bytes of flash, \d+ bytes of RAM, \d+ instructions to its first task/
    let page = /(```console\n\$ make footprint [^\n]*\n)[^`]*(```)/
    return
      text
      .replacing(line) { _ in summary }
      .replacing(page) { "\($0.output.1)\(block)\n\($0.output.2)" }
  }
}
