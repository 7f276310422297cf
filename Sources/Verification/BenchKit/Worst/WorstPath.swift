// BenchKit/WorstPath.swift: counts how long the kernel keeps all others waiting, at the worst.
// The image is the release kernel with 31 tasks; counts come from QEMU's plugin, twice.

import ELFKit
import Foundation
import ImagePlan
import QEMUKit

/// The longest stay in the kernel for each way into it.
public struct WorstPath: Sendable, Equatable, Codable {
  /// One way into the kernel, at its worst.
  public struct Row: Sendable, Equatable, Codable {
    /// The call, or the exception.
    public var way: String
    /// From the handler's first instruction to the exception return, both counted.
    public var instructions: Int
    /// Loads and stores among them.
    public var accesses: Int
    /// The situation.
    public var situation: String
  }

  /// How large an image is.
  public struct Size: Sendable, Equatable {
    /// The tasks without idle, 4...31.
    public var taskCount: Int
    /// The interrupts that the first actor owns, 9...32: one of them is the timer's.
    public var lineCount: Int

    /// Names a size.
    public init(taskCount: Int, lineCount: Int) {
      self.taskCount = taskCount
      self.lineCount = lineCount
    }

    /// As many as there can be: the manual's.
    public static let largest = Size(taskCount: 31, lineCount: 32)
  }

  /// The board on which was counted.
  public var board: String
  /// The ways, longest first.
  public var rows: [Row]

  /// How many ticks of the run are looked at: the script begins with the worst.
  private static let tickCount = 40

  /// Builds the image, counts twice and compares.
  ///
  /// - Throws: What the builder throws, or `QEMUError` if a situation did not come about or if the
  ///   two runs differ.
  public init(
    root: URL, board: String = "mps2-an385", output: URL? = nil, size: Size = .largest
  ) async throws {
    let output = output ?? root.appending(path: "build")
    let bundle = try await WorstImage(
      root: root, board: board, output: output, size: size
    ).build()
    let counter = try Self.counter(for: bundle)
    let samples = try await counter.runTwice(
      bundle.image, board: bundle.plan.board.machine,
      toolDirectory: output.appending(path: "tools"), limit: .seconds(240))
    self.board = board
    rows = Self.rows(samples)
  }

  /// The longest of each way; ways with the same length in alphabetical order.
  private static func rows(_ samples: [String: [Counter.Sample]]) -> [Row] {
    var worst: [String: Row] = [:]
    for (situation, sample) in counted(samples) {
      // An interval ends before the exception return, or before the store that resets the machine.
      let isReset = [.death, .wish].contains(situation.entrant)
      let row = Row(
        way: situation.way,
        instructions: sample.instructions + (situation.entrant == .boot ? 0 : 1),
        accesses: sample.accesses + (isReset ? 1 : 0), situation: situation.text)
      if row.instructions > worst[row.way]?.instructions ?? 0 { worst[row.way] = row }
    }
    return worst.values.sorted { ($1.instructions, $0.way) < ($0.instructions, $1.way) }
  }

  /// Each situation with its count.
  static func counted(
    _ samples: [String: [Counter.Sample]]
  ) -> [(WorstSituation, Counter.Sample)] {
    WorstSituation.Entrant.allCases.flatMap { entrant in
      let situations = WorstSituation.all.filter { $0.entrant == entrant }
      var samples = samples[entrant.rawValue] ?? []
      if entrant == .tick { samples.sort { $0.instructions > $1.instructions } }
      return zip(situations, samples).map { ($0, $1) }
    }
  }

  /// The intervals from each entry to the way out, by the symbols of the bundle's ELFs.
  private static func counter(for bundle: ImageBundle) throws -> Counter {
    let kernel = try ELFFile(path: bundle.kernel.path)
    func find(_ code: UInt16, after name: String) throws -> UInt32 {
      try kernel.address(ofInstruction: code, from: kernel.address(of: name), within: 64)
    }
    let leave = try find(0x4770, after: "apus_resume")  // bx lr
    let dead = try find(0x6025, after: "apus_reset_machine")  // str r5, [r4]
    let call = try kernel.address(of: "apus_call_entry")
    let fault = try kernel.address(of: "apus_fault_entry")
    func interval(
      _ entrant: WorstSituation.Entrant, from start: UInt32, to stop: UInt32,
      by task: String? = nil, after gate: Range<UInt32>? = nil
    ) throws -> Counter.Interval {
      let count = WorstSituation.all.filter { $0.entrant == entrant }.count
      return Counter.Interval(
        entrant.rawValue, from: start, to: stop,
        sampleCount: entrant == .tick ? tickCount : count,
        after: try task.map { try site(in: bundle.task($0)) } ?? gate)
    }
    let supervisor = bundle.plan.tasks[0].flash
    return Counter([
      try interval(.supervisor, from: call, to: leave, by: "supervisor"),
      try interval(.first, from: call, to: leave, by: WorstImage.name(1)),
      try interval(.last, from: call, to: leave, by: bundle.plan.tasks.dropLast().last?.name),
      try interval(.fault, from: fault, to: leave),
      try interval(
        .interrupt, from: kernel.address(of: "apus_interrupt_entry"), to: leave),
      try interval(.tick, from: kernel.address(of: "apus_tick_entry"), to: leave),
      try interval(
        .death, from: fault, to: dead,
        after: supervisor.base..<(supervisor.base &+ supervisor.size)),
      try interval(.wish, from: call, to: dead, by: "supervisor"),
      try interval(.boot, from: kernel.entry & ~1, to: bundle.plan.tasks[0].entry),
    ])
  }

  /// The function of a task from which its counted calls are made.
  private static func site(in task: URL) throws -> Range<UInt32> {
    let file = try ELFFile(path: task.path)
    let found = file.symbols.filter { $0.kind == .function && $0.name.contains("countedCall") }
    guard found.count == 1, found[0].byteCount > 0 else {
      throw QEMUError(
        "'\(task.path)' has \(found.count) functions 'countedCall', not 1", exitCode: 2)
    }
    let start = found[0].address & ~1
    return start..<start + UInt32(truncatingIfNeeded: found[0].byteCount)
  }
}
