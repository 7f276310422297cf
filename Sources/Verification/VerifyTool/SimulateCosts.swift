// VerifyTool/SimulateCosts.swift: `apus-verify costs`: counts what the kernel's work costs, for the simulator.

import ApusBuild
import ArgumentParser
import CommandSupport
import CostKit
import Foundation
import ImagePlan

/// Measures the simulator's table of costs.
struct SimulateCosts: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "costs",
    abstract: "Counts the instructions of each kernel path in release images, for the simulator.",
    discussion: """
      The unchanged images of console and bench run under QEMU. A plugin counts the instructions
      of each passage through the kernel, and the kernel's state before and after it shows what the
      passage did. The table contains the longest passage of each class.

      Examples:
        apus-verify costs                    prints the table
        apus-verify costs --write            writes Sources/Simulator/ApusSimulator/Timing/MeasuredCosts.swift
        apus-verify costs --passages 20000   observes more passages

      Exit status: 0 with a table, 2 if an image or QEMU is missing.
      """)

  @Option(help: "How many passages to observe in the console; in the bench, a quarter of them.")
  var passages = 6_000
  @Option(help: "The folder to build the images in.", completion: .directory)
  var output: String?
  @Flag(help: "Replace the table in the simulator's sources.")
  var write = false

  func run() async throws {
    let root = try repositoryRoot()
    let folder = output.map { URL(filePath: $0) } ?? root.appending(path: "build/costs")
    var table = CostTable()
    for (app, count) in [("console", passages), ("bench", passages / 4)] {
      printToStandardError("\(app): \(count) passages")
      let bundle = try await ImageBuilder(
        root: root, app: app, board: "mps2-an385", output: folder.appending(path: app)
      ).build()
      let isConsole = app == "console"
      let meter = Meter(
        bundle, toolDirectory: folder, prompt: isConsole ? "apus> " : nil,
        lines: isConsole ? Meter.consoleLines : [])
      table.add(try await meter.run(passages: count), of: bundle.plan)
    }
    guard write else { return print(table.source, terminator: "") }
    let file = root.appending(path: "Sources/Simulator/ApusSimulator/Timing/MeasuredCosts.swift")
    try Data(table.source.utf8).write(to: file)
    printToStandardError("wrote \(file.path): \(table.passages.count) classes of passages")
  }
}
