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
      RAM is first filled with a pattern; bytes that differ when the system first idles were used. \
      Instructions are counted exactly, from reset to the kernel, to the first task and to idle.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Argument(help: "A bundle folder, build/BOARD/APP.", completion: .directory)
  var path: String

  @Option(help: "The board; it must be the one that the bundle was built for.")
  var board: String?

  @Option(
    name: .customLong("except"),
    help: "A function, as a pattern, that never runs or overflows on purpose; may be repeated.")
  var exceptions: [String] = []

  @Option(help: "The output format.")
  var format = Format.text

  @Option(help: "The folder for the compiled plugin.", completion: .directory)
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
