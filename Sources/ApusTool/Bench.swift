// ApusTool/Bench.swift: `apus bench`: every figure of the README, counted and compared.

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

  @Flag(help: "Put the figures into README.md, too, which a test compares with them.")
  var readme = false

  func run() async throws {
    let root = try repositoryRoot()
    let figures = try await BenchKit.Bench(root: root, board: board).measure()
    let file = root.appending(path: "build/bench.json")
    try figures.json().write(to: file, options: .atomic)
    print(figures.table)
    print("\nwritten to build/bench.json")
    if readme {
      let page = root.appending(path: "README.md")
      let text = try String(contentsOf: page, encoding: .utf8)
      try Data(figures.update(text).utf8).write(to: page, options: .atomic)
      print("and to README.md")
    }
  }
}
