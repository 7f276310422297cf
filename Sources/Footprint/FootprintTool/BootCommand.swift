// FootprintTool/BootCommand.swift: `footprint boot`: what does a boot really use?
// The release image runs unchanged; exit 3 if a measurement contradicts the static bound.

import ArgumentParser
import FootprintKit
import Foundation
import QEMUKit

/// Boots a bundle under QEMU and measures it.
struct BootCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "boot", abstract: "Boot a bundle under QEMU and measure flash, RAM, stacks, time.",
    discussion: """
      RAM is filled with a pattern first; what was overwritten when the system first idles was touched. \
      Instructions are counted exactly, from reset to the kernel, to the first task and to idle.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Argument(help: "A bundle folder, build/BOARD/APP.", completion: .directory)
  var path: String

  @Option(help: "The board; must be the bundle's own.")
  var board: String?

  @Option(
    name: .customLong("except"),
    help: "A function, as a pattern, that never runs or overflows on purpose; may be repeated.")
  var exceptions: [String] = []

  @Option(help: "How to print it.")
  var format = Format.text

  @Option(help: "Where the compiled plugin is kept.", completion: .directory)
  var tools = "build/tools"

  func run() async throws {
    try await reportingFailure {
      guard case .bundle(let bundle) = try Subject(path: path) else {
        throw FootprintError(.unreadable, "only a bundle can be booted; '\(path)' is none")
      }
      if let board, board != bundle.plan.board.name {
        throw FootprintError(
          .unreadable, "'\(path)' was built for \(bundle.plan.board.name), not for \(board)")
      }
      do {
        let boot = Boot(
          bundle, toolDirectory: URL(fileURLWithPath: tools),
          options: StackOptions(exceptions: exceptions))
        let report = try await boot.measure()
        try emit(format == .json ? try report.json() : report.text, to: nil)
        if let verdict = report.verdict() { throw verdict }
      } catch let error as QEMUError {
        warn("error: \(error)")
        throw ExitCode(error.exitCode)
      }
    }
  }
}
