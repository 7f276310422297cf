// FootprintTool/ReportCommand.swift: `footprint report`: where the bytes are.
// Standard output is the answer in the chosen format; nothing else is printed there.

import ArgumentParser
import FootprintKit
import Foundation

/// The memories of an ELF without a plan, as every verb takes them.
struct MemoryOptions: ParsableArguments {
  @Option(
    name: .customLong("ld"), help: "A linker script whose MEMORY command defines the regions.",
    completion: .file(extensions: ["ld"]))
  var linkerScript: String?

  @Option(help: "A region as NAME=ORIGIN,LENGTH; may be repeated.")
  var region: [String] = []

  func validate() throws {
    try asUsage { for argument in region { _ = try Memory(argument: argument) } }
  }

  func options() throws -> ReadingOptions {
    var memories = try region.map { try Memory(argument: $0) }
    if let linkerScript {
      guard let data = FileManager.default.contents(atPath: linkerScript) else {
        throw FootprintError(.unreadable, "cannot read '\(linkerScript)': no such file")
      }
      memories += try LinkerScript.memories(String(decoding: data, as: UTF8.self))
    }
    return ReadingOptions(memories: memories)
  }
}

/// Says where every byte goes.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Show flash and RAM by component, module, file or symbol.")

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, csv, markdown, html, svg
  }

  @Argument(help: "ELF files, one bundle folder, or one saved JSON report.", completion: .file())
  var paths: [String]

  @OptionGroup var memory: MemoryOptions

  @Option(help: "Levels: region, component, module, file, symbol, generic, kind, section.")
  var by = "component"

  @Option(help: "Show at most this many lines for each parent; 0 shows all.")
  var top = 0

  @Option(help: "The output format.")
  var format = Format.text

  @Option(name: .shortAndLong, help: "Write to this file.", completion: .file())
  var output: String?

  @Flag(help: "For a page of a bundle: boot it under QEMU and show the stacks' high-water marks.")
  var boot = false

  @Option(
    name: .customLong("except"),
    help: "For a page: a function that never runs or overflows on purpose; may be repeated.")
  var exceptions: [String] = []

  func validate() throws { try asUsage { _ = try Level.path(by) } }

  /// The stacks of the page: a bonus, as an image without code to follow still has a page.
  private func stacks() async throws -> StackReport? {
    guard paths.count == 1 else { return nil }
    let subject = try Subject(path: paths[0])
    let options = StackOptions(exceptions: exceptions)
    guard boot, case .bundle(let bundle) = subject else {
      return try? subject.stacks(options: options)
    }
    let tools = URL(fileURLWithPath: "build/tools")
    let measured = try await Boot(bundle, toolDirectory: tools, options: options).measure()
    return StackReport(image: measured.image, entries: measured.stacks)
  }

  func run() async throws {
    try await reportingFailure {
      let report = try Subject.report(paths: paths, options: try memory.options())
      let levels = try Level.path(by)
      let selection = Selection(levels: levels, top: top)
      switch format {
      case .text: try emit(report.text(selection), to: output)
      case .json: try emit(try report.json(), to: output)
      case .csv: try emit(report.csv(), to: output)
      case .markdown: try emit(report.markdown(selection), to: output)
      case .svg: try emit(report.svg(), to: output)
      case .html:
        try emit(try Page(report, stacks: try await stacks()).html(), to: output)
      }
      if let full = report.regions.first(where: { $0.excess > 0 }) {
        throw FootprintError(
          .no, "region '\(full.name)' is over-full by \(full.excess) bytes")
      }
    }
  }
}
