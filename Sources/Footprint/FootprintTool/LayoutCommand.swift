// FootprintTool/LayoutCommand.swift: `footprint layout`: what lies where, and who may touch it?
// Access is what the MPU words of the plan allow to unprivileged code.

import ArgumentParser
import FootprintKit

/// Draws the address map.
struct LayoutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layout", abstract: "Draw the address map with owners, access and rounding waste.")

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, svg }

  @Argument(help: "An ELF file or a bundle folder.", completion: .file())
  var path: String

  @Option(help: "The output format.")
  var format = Format.text

  @Option(name: .shortAndLong, help: "Write to this file.", completion: .file())
  var output: String?

  @OptionGroup var memory: MemoryOptions

  func run() async throws {
    try await reportingFailure {
      let subject = try Subject(path: path)
      let layout: Layout
      if case .bundle(let bundle) = subject {
        layout = try Layout(bundle)
      } else {
        layout = Layout(try subject.report(options: try memory.options()))
      }
      try emit(format == .svg ? layout.svg : layout.text, to: output)
    }
  }
}
