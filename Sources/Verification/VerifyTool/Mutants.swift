// VerifyTool/Mutants.swift: `apus-verify mutants`: small changes of kernel and port, and who notices them.

import ArgumentParser
import CommandSupport
import Foundation
import MutationKit

/// Judges the tests by what they let through.
struct Mutants: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Breaks kernel and port in every small way, and lists the changes no test notices.",
    discussion: """
      A mutant is one small change: a negated condition, a deleted statement, a constant off by one,
      two registers exchanged. Each is tested, the cheapest test first, until one fails: the walk
      with the reference model, the kernel's unit tests, the conformance suite and the lock-step
      with the host, the last two on a board without and one with a floating-point unit. Mutants
      that do not build, or give the same images, are counted separately and not scored.

      Examples:
        apus-verify mutants --sample 12 --seed 7        a dozen, a minute or two
        apus-verify mutants --json mutants.jsonl        all of them, more than an hour
        apus-verify mutants --resume mutants.jsonl      resumes where that run was interrupted
        apus-verify mutants --only Time.swift:40:compare:0
        apus-verify mutants --list --part assembly
        apus-verify mutants --fine --sample 300 --seed 1   details: widths, limits, forgotten cases
        apus-verify mutants --fine --part planner

      Exit status: 0 if at least 95 of 100 are killed and every survivor is explained in
      Sources/Verification/MutationKit/Survivors.md, 1 if not, 2 if the unchanged tree fails.
      """)

  @Option(help: "Test this many, chosen by the seed; all of them by default.")
  var sample: Int?
  @Option(help: "The seed of the sample; random if not given.")
  var seed: UInt64?
  @Option(help: "Only this part: kernel, port, assembly, or planner, which is not in the default.")
  var part: Part?
  @Flag(help: "Make changes that are easily overlooked; they have no score yet.")
  var fine = false
  @Option(help: "Only mutants whose names begin with this text.")
  var only: String?
  @Flag(help: "Print the mutants and test none.")
  var list = false
  @Option(help: "Append each verdict to this file, as one line of JSON.")
  var json: String?
  @Option(help: "How many to test at a time.")
  var jobs = max(1, ProcessInfo.processInfo.activeProcessorCount)
  @Option(help: "Reuse the verdicts in this file, and append the rest to it.")
  var resume: String?

  func validate() throws {
    if let sample, sample < 1 {
      throw ValidationError("'--sample' must be at least 1, not \(sample)")
    }
    guard jobs > 0 else { throw ValidationError("'--jobs' must be at least 1, not \(jobs)") }
  }

  func run() async throws {
    let root = try repositoryRoot()
    var catalogue = try Catalogue(
      root: root, parts: part.map { [$0] } ?? [.kernel, .port, .assembly],
      operators: fine ? Operator.fine : Operator.coarse)
    if let only { catalogue.mutants.removeAll { !$0.id.hasPrefix(only) } }
    guard !catalogue.mutants.isEmpty else {
      throw ValidationError(
        "no mutant begins with '\(only ?? "")'\n  try: apus-verify mutants --list")
    }
    let number = seed ?? UInt64.random(in: 0...9_999)
    let chosen = sample.map { catalogue.sample($0, seed: number) } ?? catalogue.mutants
    if list { return chosen.forEach { print("\($0.id)\n\($0.change)") } }
    if let sample { print("\(sample) of \(catalogue.mutants.count) mutants, seed \(number)") }

    var runner = Runner(root: root, mutants: chosen)
    runner.jobs = jobs
    runner.keepsObjects = true
    runner.log = (resume ?? json).map { URL(filePath: $0) }
    if let resume, FileManager.default.fileExists(atPath: resume) {
      runner.known = try Verdict.read(URL(filePath: resume))
    }
    printToStandardError("compiling the tests and the right images, once")
    let verdicts = try await runner.run { verdict in
      printAtOnce(verdict.text)
      if verdict.fate == .survived { printAtOnce(verdict.change) }
    }
    let score = Score(
      verdicts, explained: Survivors(root: root),
      isWhole: sample == nil && only == nil && part == nil && !fine)
    print(score.report)
    if !score.isGood { throw ExitCode(1) }
  }
}

extension Part: ExpressibleByArgument {}
extension MutationError: ToolError {}
