// ApusTool/Apus.swift: the command `apus`: the list of its verbs, and how an error is shown.
// No verb does work of its own: the libraries do, and their tests call them.

import ApusBuild
import ArgumentParser
import ELFKit
import Foundation
import ImagePlan
import PlainText
import QEMUKit

/// The root of the command line.
@main
struct Apus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apus",
    abstract: "Builds, runs and measures images of Apus, a protected OS for Cortex-M.",
    discussion: """
      Examples:
        apus run                               the console on mps2-an385, at your keyboard
        printf 'ps\\nexit\\n' | apus run         the same, from a pipe
        apus run hello --board mps2-an386      the smallest app, on a Cortex-M4F
        apus bench                             every figure, beside other kernels
      """,
    subcommands: [
      Build.self, Run.self, Mirror.self, Simulate.self, Explore.self, Bench.self, Test.self,
      Soak.self, Mutants.self, Trace.self,
      SimulateCosts.self, SweepVerb.self,
      Fuzz.self,
    ])

  /// Parses, runs, and turns an error into one text on standard error and a status.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as any ToolError {
      printToStandardError("error: \(error)")
      Foundation.exit(error.exitCode)
    } catch {
      exit(withError: error)
    }
  }
}

/// An error whose text is complete and which knows the status to exit with.
protocol ToolError: Error, CustomStringConvertible {
  /// 1: the answer is no; 2: something that cannot be read or is not to be had.
  var exitCode: Int32 { get }
}

extension ToolError {
  var exitCode: Int32 { 2 }
}

extension BuildError: ToolError {}
extension ELFError: ToolError {}
extension PlanError: ToolError {}
extension QEMUError: ToolError {}

/// Prints `text`; what others wrote in it, a guest or a file, cannot act on the terminal.
///
/// It takes the place of Swift's for all verbs. Only the guest's console itself comes as it is.
func print(_ text: String, terminator: String = "\n") {
  Swift.print(text.spelledOutByLine, terminator: terminator)
}

/// Prints a line that can be read at once behind a pipe, too: for runs of minutes and hours.
func printAtOnce(_ text: String) {
  print(text)
  fflush(nil)
}

/// Prints a line where it does not mix with the answer.
func printToStandardError(_ text: String) {
  FileHandle.standardError.write(Data((text.spelledOutByLine + "\n").utf8))
}

/// The repository: the folder with `boards` and `Package.swift` in or above the present one.
func repositoryRoot() throws -> URL {
  let start = URL(filePath: FileManager.default.currentDirectoryPath)
  var folder = start
  while true {
    let hasAll = ["boards", "Package.swift"].allSatisfy {
      FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
    }
    if hasAll { return folder }
    let parent = folder.deletingLastPathComponent()
    guard parent.path != folder.path else {
      throw QEMUError(
        "'\(start.path)' is not in a clone of Apus: no 'boards' and 'Package.swift' in it or above",
        exitCode: 2)
    }
    folder = parent
  }
}

/// The app and the board, as several verbs take them.
struct ImageOptions: ParsableArguments {
  @Argument(help: "The app, a folder under Sources/Firmware.")
  var app = "console"
  @Option(help: "A folder under boards; the app's first board if not given.")
  var board: String?

  /// Builds the image, with its progress on standard error.
  func build() async throws -> ImageBundle {
    let builder = ImageBuilder(
      root: try repositoryRoot(), app: app, board: board, progress: printToStandardError)
    return try await builder.build()
  }
}
