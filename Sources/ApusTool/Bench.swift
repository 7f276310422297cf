// ApusTool/Bench.swift: `apus bench`: every figure of the README, counted and compared.

import ApusBuild
import ArgumentParser
import BenchKit
import Foundation

/// Measures the release images, prints the table and writes build/bench.json.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counts what Apus takes, exactly, beside other kernels.",
    discussion: """
      Sizes come from the plan of the image, instructions from a QEMU plugin that the host's C
      compiler builds when it is needed. Everything is counted twice and must agree.

      Examples:
        apus bench
        apus bench --board mps2-an386
        apus bench --readme                    after a change that moves a figure
      """)

  @Option(help: "The board to measure; bench.json is of the last one measured.")
  var board = "mps2-an385"

  @Flag(help: "Put figures and session into README.md, too; a test compares them.")
  var readme = false

  func run() async throws {
    let root = try repositoryRoot()
    let figures = try await BenchKit.Bench(root: root, board: board).measure()
    let file = root.appending(path: "build/bench.json")
    try figures.json().write(to: file, options: .atomic)
    print(figures.table)
    print("\nwritten to build/bench.json")
    if readme { try await updateReadme(root, figures) }
  }

  private func updateReadme(_ root: URL, _ figures: Figures) async throws {
    let page = root.appending(path: "README.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let console = try await ImageBuilder(root: root, app: "console", board: board).build()
    let session = try await ReadmeSession.hold(with: console)
    let updated = ReadmeSession.update(figures.update(text), with: session)
    try Data(updated.utf8).write(to: page, options: .atomic)
    print("and to README.md")
  }
}
