// VerifyTool/Bench.swift: `apus-verify bench`: every figure of the README, counted and compared.

import ApusBuild
import ApusSimulator
import ArgumentParser
import BenchKit
import CommandSupport
import Foundation

/// Measures the release images, prints the table and writes build/bench.json.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counts what Apus takes, exactly, beside other kernels.",
    discussion: """
      Sizes come from the plan of the image, instructions from a QEMU plugin that the host's C
      compiler builds when it is needed. Everything is counted twice and must agree.

      Examples:
        apus-verify bench
        apus-verify bench --board mps2-an386
        apus-verify bench --readme                    after a change that moves a figure
        apus-verify bench --host                      the speeds of this machine, too, as `make bench`
        apus-verify bench --worst                     the longest stay in the kernel, for each call
        apus-verify bench --worst --readme            and its table into the safety manual

      --host and --readme run the command `footprint` that lies beside this one.
      """)

  @Option(help: "The board to measure; bench.json is of the last one measured.")
  var board = "mps2-an385"

  @Flag(help: "Put figures and session into README.md, too; a test compares them.")
  var readme = false

  @Flag(help: "Measure speeds on this machine, too; they mean something in a release build only.")
  var host = false

  @Flag(help: "Count the longest path of each call and exception, too, with 31 tasks.")
  var worst = false

  func validate() throws {
    if readme && board != "mps2-an385" {
      throw ValidationError("README.md shows mps2-an385; --readme is not for \(board)")
    }
  }

  func run() async throws {
    let root = try repositoryRoot()
    let figures = try await BenchKit.Bench(root: root, board: board).measure()
    print(figures.table + "\n")
    let speeds = host ? try measureHost(root) : nil
    if let speeds { print(speeds.table + "\n") }
    let path = worst ? try await WorstPath(root: root, board: board) : nil
    if let path { print(path.table + "\n") }
    let file = root.appending(path: "build/bench.json")
    try BenchFile(figures, host: speeds, worst: path).json().write(to: file, options: .atomic)
    print("written to build/bench.json")
    if readme { try await updateReadme(root, figures) }
    if readme, let path { try updateManual(root, path) }
  }

  private func updateManual(_ root: URL, _ path: WorstPath) throws {
    let page = root.appending(path: WorstPath.manual)
    let text = try String(contentsOf: page, encoding: .utf8)
    try Data(path.update(text).utf8).write(to: page, options: .atomic)
    print("and to \(WorstPath.manual)")
  }

  private func measureHost(_ root: URL) throws -> HostFigures {
    let output = root.appending(path: "build")
    // The processes first, while this one is still small.
    let footprint = try FootprintSpeed(
      hello: output.appending(path: "\(board)/hello"), output: output)
    return HostFigures(
      footprint, kernelStepsPerSecond: Gauge.kernelStepsPerSecond(),
      explorerEdgesPerSecond: Gauge.explorerEdgesPerSecond())
  }

  private func updateReadme(_ root: URL, _ figures: Figures) async throws {
    let page = root.appending(path: "README.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let console = try await ImageBuilder(root: root, app: "console", board: board).build()
    let session = try await ReadmeSession.hold(with: console)
    let output = root.appending(path: "build")
    let overview = try FootprintSpeed.overview(
      of: output.appending(path: "\(board)/hello"), root: root, output: output)
    let updated = try ReadmeFootprint(overview).update(
      ReadmeSession.update(figures.update(text), with: session))
    try Data(updated.utf8).write(to: page, options: .atomic)
    print("and to README.md")
  }
}
