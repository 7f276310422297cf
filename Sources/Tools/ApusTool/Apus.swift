// ApusTool/Apus.swift: the command `apus`: an author's verbs.
// No verb does work of its own: the libraries do, and their tests call them.

import ArgumentParser
import CommandSupport

/// The root of the command line.
@main
struct Apus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apus",
    abstract: "Builds, runs, simulates and traces images of Apus, a protected OS for Cortex-M.",
    discussion: """
      Examples:
        apus run                               the console on mps2-an385, from your keyboard
        printf 'ps\\nexit\\n' | apus run         the same, from a pipe
        apus run hello --board mps2-an386      the smallest app, on a Cortex-M4F
        apus simulate                          the console on this machine, in virtual time

      The command 'apus-verify' tests and measures Apus itself.
      """,
    subcommands: [Build.self, Run.self, Simulate.self, Trace.self])

  static func main() async { await runAsTool() }
}
