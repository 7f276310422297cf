// FootprintTool/DiffCommand.swift: `footprint diff`: what changed between two images?
// Any mix of ELFs, bundles and saved reports; the answer is always exit 0.

import ArgumentParser
import FootprintKit

/// Compares two images symbol by symbol.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what grew and what shrank between two images.",
    discussion: """
      EXAMPLES
        footprint report build/mps2-an385/hello --format json --output before.json
        footprint diff before.json build/mps2-an385/hello --format markdown
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json, markdown }

  @Argument(help: "The old ELF, bundle or saved report.", completion: .file())
  var old: String

  @Argument(help: "The new ELF, bundle or saved report.", completion: .file())
  var new: String

  @Option(help: "Leave out changes of fewer bytes than this.")
  var threshold = 1

  @Option(help: "The output format.")
  var format = Format.text

  @OptionGroup var memory: MemoryOptions

  func run() async throws {
    try await reportingFailure {
      let options = try memory.options()
      let before = try Subject(path: old).report(options: options)
      let after = try Subject(path: new).report(options: options)
      let difference = Difference(from: before, to: after, threshold: threshold)
      switch format {
      case .text: try emit(difference.text(), to: nil)
      case .json: try emit(try difference.json(), to: nil)
      case .markdown: try emit(difference.markdown(), to: nil)
      }
    }
  }
}
