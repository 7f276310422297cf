// ApusTool/Run.swift: `apus run`: builds an image and hands you its console.

import ArgumentParser
import CommandSupport
import Foundation
import ImagePlan
import QEMUKit

/// Runs an image under QEMU until it says good-bye.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Builds an app and runs it under QEMU, with its console.",
    discussion: """
      On a terminal, your keys go to the board's first UART; `exit` or Ctrl-C ends the session.
      Piped input is sent line by line, each line when the prompt appears. After the end of the
      input, the session ends at the closing line, after three seconds without output, or after ten
      seconds.

      Examples:
        apus run
        apus run hello --board mps2-an500
        printf 'ps\\ncrash sensor memory\\nps\\nexit\\n' | apus run

      Exit status: 0 after the closing line or the end of the input, 1 after a lock-up, an
      unexpected end or the time limit, 2 if QEMU or a readable app is missing, 130 after Ctrl-C.
      """)

  @OptionGroup var image: ImageOptions
  @Option(help: "Time limit of a piped session, in seconds.")
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
