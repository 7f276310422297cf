// VerifyTool/SweepCommand.swift: `apus-verify sweep`: every opcode, every stack pointer, every instant.

import ArgumentParser
import CommandSupport
import Foundation
import SweepKit

extension SweepKind: ExpressibleByArgument {}

/// Runs the sweeps under QEMU.
struct SweepVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Tries every opcode, stack pointer and instant, each in a new life of a task.",
    discussion: """
      narrow  every 16-bit opcode, with random registers and stack pointer from the seed
      wide    100,000 random 32-bit opcodes, in the same way
      stack   the stack pointer from 128 bytes below the task's memory to 128 above, word by word,
              for a call, a tick, an undefined instruction, a refused load, a load of system space
      calls   every call with random registers
      alarm   a device's interrupt at every instant of a call, a refusal, a wait, a fault, a post

      After each trial a witness task checks that all other tasks are alive, no message is lost, no
      word of the neighbours' memory has changed, there is at most one fault record, and the
      generation has grown by one.

      Examples:
        apus-verify sweep narrow --board mps2-an385
        apus-verify sweep calls --count 10000000 --seed 7
        apus-verify sweep --json sweeps.json

      Exit status: 0 if everything held, 1 if not, 2 if an image or QEMU is unavailable.
      """)

  @Argument(help: "What to sweep: narrow, wide, stack, calls, alarm; all of them by default.")
  var kinds: [SweepKind] = SweepKind.allCases
  @Option(help: "One board; all of them by default.")
  var board: String?
  @Option(help: "How many trials of each kind; a whole sweep by default.")
  var count: Int?
  @Option(help: "The number of the first trial, for narrow, wide and calls.")
  var first = 0
  @Option(help: "The seed of all random choices.")
  var seed: UInt32 = 1
  @Flag(help: "Check every store from outside with our QEMU plugin, at a lower speed.")
  var oracle = false
  @Option(help: "Write the counts to this file as JSON.")
  var json: String?

  func validate() throws {
    guard count ?? 1 > 0, first >= 0 else {
      throw ValidationError("a sweep has at least one trial, and the first is 0 or more")
    }
  }

  func run() async throws {
    var sweep = try Sweep(root: try repositoryRoot(), boards: board.map { [$0] }, seed: seed)
    (sweep.kinds, sweep.count, sweep.first, sweep.isWatched) = (kinds, count, first, oracle)
    let report = try await sweep.run(progress: printToStandardError) { tally in
      print(([tally.line] + tally.failures).joined(separator: "\n"))
    }
    if let json { try report.json().write(to: URL(filePath: json), options: .atomic) }
    if !report.isGood { throw ExitCode(1) }
  }
}

extension SweepError: ToolError {}
