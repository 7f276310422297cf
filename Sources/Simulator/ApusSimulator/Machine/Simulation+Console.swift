// ApusSimulator/Machine/Simulation+Console.swift: an app from its files, and a talk with its UART.
// Nothing here runs by itself: whoever asks lets virtual time pass until the answer is there.

import Foundation
import ImagePlan
import PlainText

extension App {
  /// The app in `Sources/Firmware/<folder>` of the repository at `root`, on its first board: the
  /// one that the host build of its tasks is made for.
  ///
  /// - Throws: `PlanError` for a file that is missing or wrong.
  public init(simulating folder: String, root: URL) throws(PlanError) {
    let file = "Sources/Firmware/\(folder)/app.yaml"
    let manifest = try Manifest(parsing: Self.text(file, root), file: file)
    let boardFile = "boards/\(manifest.boards[0].value)/board.yaml"
    let board = try Board(parsing: Self.text(boardFile, root), file: boardFile)
    try self.init(manifest, on: board)
  }

  private static func text(_ file: String, _ root: URL) throws(PlanError) -> String {
    guard let data = try? Data(contentsOf: root.appending(path: file)) else {
      throw PlanError(
        "'\(file)' is missing", try: "the repository as it was cloned", kind: .unreadable)
    }
    return String(decoding: data, as: UTF8.self)
  }
}

/// An answer that did not come.
public struct SilenceError: Error, CustomStringConvertible {
  public var description: String
}

extension Simulation {
  /// Attaches a UART for the task that owns the peripheral `name`; nil if no task does.
  ///
  /// Its lines are those of the board's interrupts `<name>-rx` and `<name>-tx`.
  public func attachUART(named name: String = "uart") -> SimulatedUART? {
    guard
      let owner = app.tasks.firstIndex(where: { $0.peripherals.contains { $0.name == name } }),
      let device = app.tasks[owner].peripherals.first(where: { $0.name == name })
    else { return nil }
    func line(_ suffix: String) -> Int? {
      app.board.interrupts.first { $0.name == "\(name)-\(suffix)" }?.number
    }
    let uart = SimulatedUART(receiveLine: line("rx"), transmitLine: line("tx"))
    devices.attach(
      uart, at: device.window.base, size: device.window.size, owner: owner)
    return uart
  }

  /// Runs until `uart` has sent `text`, and returns all up to its end.
  ///
  /// - Throws: `SilenceError` after `limit` milliseconds of virtual time, with what came instead.
  @discardableResult
  public func expect(
    _ text: String, from uart: SimulatedUART, limit: UInt64 = 10_000
  ) throws(SilenceError) -> String {
    let end = milliseconds + limit
    var seen = 0
    while milliseconds < end {
      if uart.output.count > seen {
        seen = uart.output.count
        let output = String(decoding: uart.output, as: UTF8.self)
        if let range = output.range(of: text) {
          let answer = String(output[..<range.upperBound])
          uart.removeOutput(answer.utf8.count)
          return answer
        }
      }
      step(until: .max)
      if let name = stuckTask {
        throw SilenceError(
          description: "task '\(name)' made no call for a second of host time: an endless loop?")
      }
    }
    let lines = uart.text.split(whereSeparator: \.isNewline).map { "  | \($0.spelledOut)" }
    throw SilenceError(
      description: (["no '\(text.spelledOut)' within \(limit) ms of virtual time, but:"] + lines)
        .joined(separator: "\n"))
  }

  /// Types `line` and a return, and runs until `uart` has sent `text`.
  @discardableResult
  public func ask(
    _ line: String, until text: String, on uart: SimulatedUART
  ) throws(SilenceError) -> String {
    uart.type("\(line)\r".utf8)
    return try expect(text, from: uart)
  }
}
