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
    abstract: "Counts every passage through the kernel of release images, for the simulator.",
    discussion: """
      The images of console and bench run under QEMU as they are; a plugin counts the instructions
      of each passage through the kernel, and the kernel's state before and after tells what the
      passage did. The table keeps the longest of each class.

      Examples:
        apus-verify costs                    prints the table
        apus-verify costs --write            makes Sources/Simulator/ApusSimulator/Timing/MeasuredCosts.swift
        apus-verify costs --passages 20000   looks longer

      Exit status: 0 with a table, 2 if an image or QEMU is missing.
      """)

  @Option(help: "How many passages of the console to follow; of the bench, a quarter.")
  var passages = 6_000
  @Option(help: "Where the images are built.", completion: .directory)
  var output: String?
  @Flag(help: "Replaces the table in the simulator's sources.")
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
