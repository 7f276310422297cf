// ApusTool/Test.swift: `apus test`: every case on every board, with a line and a verdict each.

import ArgumentParser
import ConformanceKit
import Foundation

/// Runs the conformance suite under QEMU.
struct Test: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows that no task can break another: every case on every board.",
    discussion: """
      Examples:
        apus test
        apus test --board mps2-an386 --case test_fault
        apus test --list
        apus test --json cases.json --junit cases.xml
        apus test --table cases.md

      Exit status: 0 if nothing failed, 1 if a case did, 2 if an image or QEMU is not to be had.
      """)

  @Option(help: "One board; all of them if not given.")
  var board: String?
  @Option(name: .customLong("case"), help: "Only the cases whose names begin like this.")
  var name: String?
  @Flag(help: "Print the cases with the rule that each one tests, and run nothing.")
  var list = false
  @Option(help: "Write the verdicts to this file as JSON.")
  var json: String?
  @Option(help: "Write the verdicts to this file as JUnit's XML.")
  var junit: String?

  @Option(help: "Write a page of all cases and boards to this file, as Markdown.")
  var table: String?

  func run() async throws {
    var suite = try Suite(root: try repositoryRoot(), boards: board.map { [$0] })
    if let name { suite.cases = suite.cases.filter { $0.name.hasPrefix(name) } }
    guard !suite.cases.isEmpty else {
      throw ValidationError("no case begins with '\(name ?? "")'\n  try: apus test --list")
    }
    if list { return print(suite.list) }
    let results = try await suite.run { print($0.line) }
    if let json { try results.json().write(to: URL(filePath: json), options: .atomic) }
    if let junit { try Data(results.junit().utf8).write(to: URL(filePath: junit)) }
    if let table { try Data(results.markdown().utf8).write(to: URL(filePath: table)) }
    print(results.table)
    if !results.isGood { throw ExitCode(1) }
  }
}
