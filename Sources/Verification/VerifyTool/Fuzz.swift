// VerifyTool/Fuzz.swift: `apus-verify fuzz`: inputs that nobody thought of, for kernel, planner and ELF reader.

import ArgumentParser
import CommandSupport
import Foundation
import FuzzKit

/// Builds the fuzzers with the toolchain's libFuzzer, and runs them.
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Searches for inputs that break the kernel, the planner or the ELF reader.",
    discussion: """
      The search starts from the inputs in Sources/Verification/FuzzTargets/Corpus and keeps new ones in
      build/fuzz; a crash is written to build/fuzz/crashes. The kernel is compared with the model of
      the tests after each step.

      Examples:
        apus-verify fuzz                              each target for a minute
        apus-verify fuzz kernel --seconds 3600
        apus-verify fuzz manifest --runs 100000 --seed 7
        apus-verify fuzz elf --replay build/fuzz/crashes/elf-crash-0123
        apus-verify fuzz kernel --random 100000000    calls with random registers, without a fuzzer
      """)

  @Argument(help: "kernel, manifest or elf; all of them by default.")
  var target: FuzzTarget?

  @Option(help: "How long each target is fuzzed, in seconds.")
  var seconds: Int?

  @Option(help: "How many inputs to try instead.")
  var runs: Int?

  @Option(help: "The seed of all random choices.")
  var seed = 1

  @Option(help: "An input, or a folder of inputs, to run once.")
  var replay: String?

  @Option(help: "How many calls with random registers to make; for the kernel.")
  var random: Int?

  func validate() throws {
    if seconds != nil && runs != nil { throw ValidationError("--seconds or --runs, not both") }
    if replay != nil && target == nil { throw ValidationError("--replay needs a target") }
    if random != nil && target != .kernel {
      throw ValidationError("--random is for kernel")
    }
    for (name, value) in [("seconds", seconds), ("runs", runs), ("random", random)] {
      if let value, value < 1 { throw ValidationError("--\(name) \(value) is less than 1") }
    }
  }

  func run() throws {
    let root = try repositoryRoot()
    let builder = FuzzBuilder(root: root)
    if let random {
      printToStandardError("building the random caller")
      print(try FuzzRun.random(builder.buildRandom(), count: random, seed: seed))
      return
    }
    for target in target.map({ [$0] }) ?? FuzzTarget.allCases {
      printToStandardError("building the fuzzer of \(target.rawValue)")
      let run = FuzzRun(
        target, program: try builder.build(target), root: root, output: builder.output)
      if let replay {
        print(try run.replay(URL(filePath: replay), isLoud: true))
      } else {
        let length = runs.map(FuzzRun.Length.runs) ?? .seconds(seconds ?? 60)
        print("\(target.rawValue): \(try run.search(length, seed: seed, isLoud: true))")
      }
    }
  }
}

extension FuzzTarget: ExpressibleByArgument {}
extension FuzzError: ToolError {}
