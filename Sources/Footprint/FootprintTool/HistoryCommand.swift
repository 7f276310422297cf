// FootprintTool/HistoryCommand.swift: `footprint history`: sizes over commits, without a server.
// `add` appends to the file and never rewrites it.

import ArgumentParser
import FootprintKit
import Foundation

/// Keeps and draws the sizes of commits.
struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Append an image's sizes to a file, and plot that file.",
    subcommands: [Add.self, Plot.self])

  static func read(_ path: String) throws -> History {
    guard let data = FileManager.default.contents(atPath: path) else { return History() }
    return try History(text: String(decoding: data, as: UTF8.self), path: path)
  }

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Append one line for a commit, unless nothing changed.")

    @Argument(help: "An ELF file, a bundle folder or a saved report.", completion: .file())
    var path: String

    @Option(help: "The commit, as it should be shown.")
    var commit: String

    @Option(help: "The history file.", completion: .file(extensions: ["jsonl"]))
    var file = "footprint.jsonl"

    @OptionGroup var memory: MemoryOptions

    func run() async throws {
      try await reportingFailure {
        let report = try Subject(path: path).report(options: try memory.options())
        var history = try HistoryCommand.read(file)
        guard let line = try history.add(HistoryEntry(report, commit: commit)) else { return }
        var data = FileManager.default.contents(atPath: file) ?? Data()
        if let last = data.last, last != 10 { data.append(10) }
        data.append(Data(line.utf8))
        try emit(String(decoding: data, as: UTF8.self), to: file)
      }
    }
  }

  struct Plot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the curve of each image.")

    enum Format: String, CaseIterable, ExpressibleByArgument { case text, svg }

    @Argument(help: "The history file.", completion: .file(extensions: ["jsonl"]))
    var file = "footprint.jsonl"

    @Option(help: "The output format.")
    var format = Format.text

    @Option(name: .shortAndLong, help: "Write to this file.", completion: .file())
    var output: String?

    func run() async throws {
      try await reportingFailure {
        guard FileManager.default.fileExists(atPath: file) else {
          throw FootprintError(.unreadable, "cannot read '\(file)': no such file")
        }
        let history = try HistoryCommand.read(file)
        try emit(format == .svg ? history.svg : history.text, to: output)
      }
    }
  }
}
