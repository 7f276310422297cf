// FootprintTool/CheckCommand.swift: `footprint check`: does it keep its budget?
// The findings are the answer; exit 1 says that one of them is a failure.

import ArgumentParser
import FootprintKit
import Foundation

/// Compares images with a budget file.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Fail if an image exceeds its committed budget.",
    discussion: """
      With 'ratchet: true' in the file, one byte more than a number fails, and one byte less is \
      reported, so that you lower the number: 'footprint check --update' writes the new numbers.
      """)

  @Argument(help: "ELF files, bundle folders or saved reports.", completion: .file())
  var paths: [String]

  @Option(help: "The budget file.", completion: .file(extensions: ["yaml", "yml"]))
  var budget: String

  @Option(help: "Also write the findings as JUnit XML.", completion: .file(extensions: ["xml"]))
  var junit: String?

  @Flag(help: "Print failures as annotations for GitHub Actions.")
  var github = false

  @Flag(help: "Write the measured numbers into the budget file.")
  var update = false

  @OptionGroup var memory: MemoryOptions

  func run() async throws {
    try await reportingFailure {
      let options = try memory.options()
      var file = try BudgetFile(path: budget)
      var findings: [Finding] = []
      for path in paths {
        let subject = try Subject(path: path)
        let report = try subject.report(options: options)
        let stacks =
          file.limitsStacks(of: report.image)
          ? try subject.stacks(options: file.stackOptions(for: report.image)).boundsByName : [:]
        if update { file = try file.updated(by: report, stacks: stacks) }
        findings += try file.check(report, stacks: stacks)
      }
      if update { try emit(file.text, to: budget) }
      print(Finding.text(findings))
      if github { print(Finding.annotations(findings, file: budget), terminator: "") }
      if let junit { try emit(Finding.junit(findings), to: junit) }
      if findings.contains(where: { $0.status == .failed }) { throw ExitCode(1) }
    }
  }
}
