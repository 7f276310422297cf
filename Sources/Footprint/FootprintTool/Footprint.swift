// FootprintTool/Footprint.swift: the command `footprint`: the list of its verbs.
// A verb parses and prints; every answer comes from FootprintKit.

import ArgumentParser
import FootprintKit
import Foundation
import PlainText

@main
struct Footprint: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "footprint",
    abstract: "Shows what uses every byte of flash, RAM and stack in an Arm image.",
    discussion: """
      Reads any 32-bit Arm ELF: C, C++, Rust or Swift, from GNU ld or lld, and shows more for an \
      Apus bundle (build/BOARD/APP). Sums are exact: the rows of a region add up to what the linker used.

      EXAMPLES
        footprint report firmware.elf --ld link.ld --by module,file
        footprint report build/mps2-an385/hello --format html --output hello.html
        footprint check build/mps2-an385/hello --budget Tests/footprint.yaml

      EXIT STATUS
        0 success, 1 over budget or too little stack, 2 unreadable input, 3 unsound, 64 wrong usage
      """,
    version: "footprint 1, report format \(Report.currentVersion)",
    subcommands: [
      ReportCommand.self, StackCommand.self, BootCommand.self, OverviewCommand.self,
      DiffCommand.self,
      CheckCommand.self, LayoutCommand.self, WhyCommand.self, TrapsCommand.self,
      SuggestCommand.self, HistoryCommand.self, SchemaCommand.self,
    ],
    defaultSubcommand: ReportCommand.self)
}

/// Prints a failure as one line on standard error and ends with its exit code.
func reportingFailure<Result>(_ body: () async throws -> Result) async throws -> Result {
  do {
    return try await body()
  } catch let error as FootprintError {
    warn("error: \(error)")
    throw ExitCode(error.exit.rawValue)
  }
}

/// Turns a failure in reading an argument into wrong usage, exit code 64.
func asUsage(_ check: () throws -> Void) throws {
  do {
    try check()
  } catch let error as FootprintError {
    throw ValidationError(error.description)
  }
}

/// Prints `text`; what others wrote in it, in an ELF or any other file, cannot act on the terminal.
///
/// It takes the place of Swift's for all verbs.
func print(_ text: String, terminator: String = "\n") {
  Swift.print(text.spelledOutByLine, terminator: terminator)
}

/// Writes a line to standard error.
func warn(_ text: String) {
  FileHandle.standardError.write(Data((text.spelledOutByLine + "\n").utf8))
}

/// Writes to standard output, as `print` does, or to a file as it is.
func emit(_ text: String, to path: String?) throws {
  guard let path else {
    print(text, terminator: "")
    return
  }
  do {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  } catch {
    throw FootprintError(.unreadable, "cannot write '\(path)': \(error.localizedDescription)")
  }
}

/// A value as JSON with sorted keys.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}

/// Prints the published JSON schema of a report.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON schema of 'report --format json'.")

  func run() { print(ReportSchema.text, terminator: "") }
}
