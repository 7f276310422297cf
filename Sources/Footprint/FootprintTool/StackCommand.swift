// FootprintTool/StackCommand.swift: `footprint stack`: how deep can each stack get?
// Exit 1 when a worst case does not fit, 3 when a measurement contradicts it.

import ArgumentParser
import FootprintKit

/// Bounds every stack without running anything.
struct StackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stack", abstract: "Bound each stack statically, with the deepest path.",
    discussion: """
      Follows every path of the code, tail calls included, using call frame information and the \
      instructions themselves. Recursion, indirect calls and stack frames of variable size are \
      reported; the bound is then a lower limit (>=) until --edge declares the targets.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json, markdown }

  @Argument(help: "An ELF file or a bundle folder.", completion: .file())
  var path: String

  @Option(help: "A target of an indirect call, as CALLER=TARGET; may be repeated.")
  var edge: [String] = []

  @Option(help: "Another function to bound, by symbol; may be repeated.")
  var root: [String] = []

  @Option(
    name: .customLong("except"),
    help: "A function, as a pattern, that never runs or overflows on purpose; may be repeated.")
  var exceptions: [String] = []

  @Option(help: "The output format.")
  var format = Format.text

  @Flag(help: "Leave out the paths.")
  var brief = false

  func validate() throws { try asUsage { _ = try StackOptions(edgeArguments: edge) } }

  func run() async throws {
    try await reportingFailure {
      let options = try StackOptions(edgeArguments: edge, roots: root, exceptions: exceptions)
      let report = try Subject(path: path).stacks(options: options)
      switch format {
      case .text: try emit(report.text(paths: !brief), to: nil)
      case .json: try emit(try report.json(), to: nil)
      case .markdown: try emit(report.markdown(), to: nil)
      }
      if let verdict = report.verdict() { throw verdict }
    }
  }
}
