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
    abstract: "Measures the size and speed of Apus exactly, compared with other kernels.",
    discussion: """
      Sizes come from the plan of the image, instruction counts from a QEMU plugin that the host's
      C compiler builds when needed. Everything is counted twice, and the counts must agree.

      Examples:
        apus-verify bench
        apus-verify bench --board mps2-an386
        apus-verify bench --readme                    after a change that affects a figure
        apus-verify bench --host                      also speeds on this machine, as `make bench`
        apus-verify bench --worst                     also the longest kernel path of each call
        apus-verify bench --worst --readme            and its table in the safety manual

      --host and --readme run the command `footprint` from the same folder as this one.
      """)

  @Option(help: "The board to measure; bench.json describes the last one measured.")
  var board = "mps2-an385"

  @Flag(help: "Also write the figures to README.md and the page of figures; a test compares them.")
  var readme = false

  @Flag(help: "Also measure speeds on this machine; they are meaningful only in a release build.")
  var host = false

  @Flag(help: "Also count the longest path of each call and exception, with 31 tasks.")
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
    let footprint = try ReadmeFootprint(overview)
    let updated = footprint.update(ReadmeSession.update(figures.update(text), with: session))
    try Data(updated.utf8).write(to: page, options: .atomic)
    let comparison = root.appending(path: Figures.page)
    let other = try String(contentsOf: comparison, encoding: .utf8)
    try Data(footprint.update(figures.update(other)).utf8).write(to: comparison, options: .atomic)
    print("and to README.md and \(Figures.page)")
  }
}
