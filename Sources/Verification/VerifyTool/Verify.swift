// VerifyTool/Verify.swift: the command `apus-verify`: what tests Apus, attacks it and counts it.
// No verb does work of its own: the libraries do, and their tests call them.

import ArgumentParser
import CommandSupport

/// The root of the command line.
@main
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apus-verify",
    abstract:
      "Tests Apus, attacks it and measures it: the evidence for its claims.",
    discussion: """
      Examples:
        apus-verify test                       every conformance case on every board
        apus-verify explore                    every state of a small system
        apus-verify mirror --events 20000      the kernel on the host against the one on the target
        apus-verify bench                      all figures, compared with other kernels
      """,
    subcommands: [
      Bench.self, Test.self, Explore.self, Mirror.self, SweepVerb.self, Soak.self, Mutants.self,
      Fuzz.self, SimulateCosts.self,
    ])

  static func main() async { await runAsTool() }
}
