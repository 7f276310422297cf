// FootprintTool/OverviewCommand.swift: `footprint overview`: some images on one screen.
// Everything is measured now, by a boot; how other systems compare is what `make bench` shows.

import ArgumentParser
import FootprintKit
import Foundation
import QEMUKit

/// Boots bundles and prints the figures that a newcomer asks for.
struct OverviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overview",
    abstract: "Boot bundles and show flash, RAM, stacks and time on one screen.")

  @Argument(help: "Bundle folders, build/BOARD/APP.", completion: .directory)
  var paths: [String]

  @Option(help: "A budget file, for its list of excepted functions.")
  var budget: String?

  @Option(help: "The folder for the compiled plugin.", completion: .directory)
  var tools = "build/tools"

  func run() async throws {
    try await reportingFailure {
      for path in paths {
        guard case .bundle(let bundle) = try Subject(path: path) else {
          throw FootprintError(.unreadable, "only a bundle can be booted; '\(path)' is none")
        }
        let report = try Report(bundle)
        let options =
          try budget.map { try BudgetFile(path: $0).stackOptions(for: report.image) }
          ?? StackOptions()
        let boot: BootReport
        do {
          boot = try await Boot(
            bundle, toolDirectory: URL(fileURLWithPath: tools), options: options
          ).measure()
        } catch let error as QEMUError {
          throw FootprintError(error.exitCode == 2 ? .unreadable : .no, error.description)
        }
        print(BootOverview(report, boot).text)
      }
    }
  }
}
