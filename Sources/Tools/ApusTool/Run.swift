// ApusTool/Run.swift: `apus run`: builds an image and hands you its console.

import ArgumentParser
import CommandSupport
import Foundation
import ImagePlan
import QEMUKit

/// Runs an image under QEMU until it says good-bye.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Builds an app and talks to it under QEMU.",
    discussion: """
      On a terminal your keys go to the board's first UART; `exit` or Ctrl-C ends the session.
      A piped input is sent line by line, each when the prompt is there; after its end the session
      lasts until the closing line, until the board is silent for three seconds, or for ten.

      Examples:
        apus run
        apus run hello --board mps2-an500
        printf 'ps\\ncrash sensor memory\\nps\\nexit\\n' | apus run

      Exit status: 0 after the closing line or the end of the input, 1 after a lock-up, an
      unexpected end or the limit, 2 without QEMU or a readable app, 130 after Ctrl-C.
      """)

  @OptionGroup var image: ImageOptions
  @Option(help: "Seconds after which a piped session is over.")
  var limit = 300

  /// What an app prints, as a line of its own, when it wants to be switched off.
  static let closingLine = "apus: end of session"

  func run() async throws {
    let bundle = try await image.build()
    let machine = Machine(
      board: bundle.plan.board.machine, image: bundle.image, pace: .interactive)
    let console = Console(machine, closingLine: Self.closingLine, limit: .seconds(limit))
    switch try await console.run() {
    case .interrupted: throw ExitCode(130)
    case .timedOut: throw QEMUError("the session was not over after \(limit) s\n  try: --limit")
    case .complete, .lockedUp, .exited: break
    }
  }
}
