// VerifyTool/Test.swift: `apus-verify test`: every case on every board, with a line and a verdict each.

import ArgumentParser
import CommandSupport
import ConformanceKit
import Foundation
import KernelSabotage

/// Runs the conformance suite under QEMU.
struct Test: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tests that no task can break another: every case on every board.",
    discussion: """
      Examples:
        apus-verify test
        apus-verify test --board mps2-an386 --case test_fault
        apus-verify test --list
        apus-verify test --json cases.json --junit cases.xml
        apus-verify test --table cases.md
        apus-verify test --oracle --board mps2-an385
        apus-verify test --sabotage --case E1

      With --sabotage, the cases themselves are tested: for each one, the kernel or the port is
      broken in a way that the case must notice. The output has one line for each:
        caught  E15_only_the_frame  by word below the frame
        MISSED  E15_only_the_frame  by word below the frame: it passes on the broken image
        excused  P04_status: why no edit of kernel or port can fail it

      Exit status: 0 if nothing failed, 1 if a case failed or, with --sabotage, did not fail as it
      must, 2 if an image or QEMU is unavailable.
      """)

  @Option(help: "One board; all of them by default.")
  var board: String?
  @Option(name: .customLong("case"), help: "Only the cases whose names begin with this text.")
  var name: String?
  @Flag(help: "Print the cases with the rule that each one tests, and run none.")
  var list = false
  @Option(help: "Write the verdicts to this file as JSON.")
  var json: String?
  @Option(help: "Write the verdicts to this file as JUnit XML.")
  var junit: String?

  @Option(help: "Write a page of all cases and boards to this file as Markdown.")
  var table: String?

  @Flag(help: "Check every store and load from outside with our QEMU plugin, at half the speed.")
  var oracle = false
  @Flag(help: "Check that every case fails on a kernel or port broken for it; half an hour.")
  var sabotage = false

  func validate() throws {
    guard !sabotage || !oracle && junit == nil && table == nil else {
      throw ValidationError(
        "--sabotage goes with --board, --case and --json only\n  try: apus-verify test --sabotage")
    }
  }

  func run() async throws {
    var suite = try Suite(root: try repositoryRoot(), boards: board.map { [$0] })
    if let name { suite.cases = suite.cases.filter { $0.name.hasPrefix(name) } }
    guard !suite.cases.isEmpty else {
      throw ValidationError("no case begins with '\(name ?? "")'\n  try: apus-verify test --list")
    }
    if list { return print(suite.list) }
    if sabotage { return try await runSabotage(suite) }
    suite.isWatched = oracle
    let results = try await suite.run { printAtOnce($0.line) }
    if let json { try results.json().write(to: URL(filePath: json), options: .atomic) }
    if let junit { try Data(results.junit().utf8).write(to: URL(filePath: junit)) }
    if let table { try Data(results.markdown().utf8).write(to: URL(filePath: table)) }
    print(results.table)
    if !results.isGood { throw ExitCode(1) }
  }

  private func runSabotage(_ suite: Suite) async throws {
    let control = SabotageControl(suite, board: board)
    let findings = try await control.run(progress: printToStandardError) { printAtOnce($0.line) }
    if let json { try findings.json().write(to: URL(filePath: json), options: .atomic) }
    print(findings.total)
    if !findings.isGood { throw ExitCode(1) }
  }
}

extension SabotageError: ToolError {}
