// FootprintTool/ReasonCommands.swift: `why`, `traps` and `suggest`: the reasons behind the bytes.
// All three read code, so a saved report is no input for them.

import ArgumentParser
import FootprintKit

/// Explains what keeps a symbol in the image.
struct WhyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Show the chain of references that keeps a symbol in the image.")

  @Argument(help: "A symbol: mangled, demangled, or a unique part of its name.")
  var symbol: String

  @Argument(help: "An ELF file or a bundle folder.", completion: .file())
  var path: String

  func run() async throws {
    try await reportingFailure {
      print(try Subject(path: path).why(symbol), terminator: "")
    }
  }
}

/// Lists the checks that can trap.
struct TrapsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "traps", abstract: "List the checks that can trap, by source line.")

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Argument(help: "An ELF file or a bundle folder.", completion: .file())
  var path: String

  @Option(help: "The output format.")
  var format = Format.text

  func run() async throws {
    try await reportingFailure {
      let traps = try Subject(path: path).traps()
      try emit(
        format == .json ? try json(traps) : traps.map(\.text).joined(separator: "\n"), to: nil)
    }
  }
}

/// Names waste and its cure.
struct SuggestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suggest", abstract: "Suggest what could be made smaller, by how much, and how.")

  @Argument(help: "An ELF file or a bundle folder.", completion: .file())
  var path: String

  @Option(
    name: .customLong("except"),
    help: "A function, as a pattern, that never runs or overflows on purpose; may be repeated.")
  var exceptions: [String] = []

  @OptionGroup var memory: MemoryOptions

  func run() async throws {
    try await reportingFailure {
      let subject = try Subject(path: path)
      let report = try subject.report(options: try memory.options())
      let stacks = try? subject.stacks(options: StackOptions(exceptions: exceptions))
      print(Suggestions(report, stacks: stacks).text, terminator: "")
    }
  }
}
