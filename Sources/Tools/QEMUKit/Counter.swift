// QEMUKit/Counter.swift: exact instruction counts between addresses, by our own TCG plugin.
// The image runs unchanged: nothing is patched, inserted or stopped.

import Foundation

/// What to count in one run, and how often.
public struct Counter: Sendable {
  /// The distance from one address to another, sampled a fixed number of times.
  public struct Interval: Sendable {
    /// The key of the result: letters, digits and underscores, at most 63.
    public var name: String
    /// The first instruction that is counted; each time it is reached the sample begins anew.
    public var start: UInt32
    /// The instruction before which the sample ends; it may equal `start`.
    public var stop: UInt32
    /// The number of samples: 1...1,000,000.
    public var sampleCount: Int
    /// If given, `start` counts only directly after an instruction in this range.
    public var gate: Range<UInt32>?

    /// Describes an interval; bit 0 of an address must be clear.
    public init(
      _ name: String, from start: UInt32, to stop: UInt32, sampleCount: Int = 1,
      after gate: Range<UInt32>? = nil
    ) {
      self.name = name
      self.start = start
      self.stop = stop
      self.sampleCount = sampleCount
      self.gate = gate
    }

    var argument: String {
      let numbers =
        [start, stop, UInt32(sampleCount)] + (gate.map { [$0.lowerBound, $0.upperBound] } ?? [])
      return "interval=\(name):" + numbers.map(String.init).joined(separator: ":")
    }
  }

  /// One passage from `start` to `stop`.
  public struct Sample: Sendable, Hashable {
    /// Instructions executed; one that an IT block skips counts as one.
    public var instructions: Int
    /// Loads and stores that instructions made; exception stacking is the hardware's and not here.
    public var accesses: Int
    /// Executions of the watched addresses.
    public var watched: Int
  }

  /// All of them must reach their number of samples in one run.
  public var intervals: [Interval]
  /// Addresses whose executions each sample counts, the entries of exception handlers for example.
  public var watched: [UInt32]

  /// Describes a counting run.
  public init(_ intervals: [Interval], watching watched: [UInt32] = []) {
    self.intervals = intervals
    self.watched = watched
  }

  /// Runs `image` on `board` until every interval has its samples.
  ///
  /// - Parameter toolDirectory: Where the compiled plugin is kept from one run to the next.
  /// - Throws: `QEMUError` if the samples are not complete within `limit`.
  public func run(
    _ image: URL, board: String, toolDirectory: URL, limit: Duration = .seconds(60)
  ) async throws -> [String: [Sample]] {
    let plugin = try await Plugin.counter.library(in: toolDirectory)
    let results = toolDirectory.appending(path: "counts-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: results) }
    var machine = Machine(board: board, image: image, pace: .counting)
    machine.extraArguments = ["-plugin", pluginArgument(plugin, results)]
    let report = try await Session(machine, limit: limit).run { try await $0.untilEnd() }
    guard let text = try? String(contentsOf: results, encoding: .utf8),
      text.hasSuffix("complete\n")
    else {
      let names = intervals.map { "\($0.name) (\($0.sampleCount))" }.joined(separator: ", ")
      throw QEMUError(
        """
        not every interval was counted within \(limit): \(names)
          \(image.lastPathComponent) on \(board): QEMU \(report.ending)
        \(report.messages.split(separator: "\n").prefix(4).map { "  qemu: \($0)" }.joined(separator: "\n"))
          try: check that the image reaches both addresses of each interval
        """, ending: report.ending)
    }
    return try Self.parse(text)
  }

  /// Runs `image` twice, as `run` does, and compares: what is printed as exact must be.
  ///
  /// - Throws: also if the two runs differ in any sample.
  public func runTwice(
    _ image: URL, board: String, toolDirectory: URL, limit: Duration = .seconds(60)
  ) async throws -> [String: [Sample]] {
    let first = try await run(image, board: board, toolDirectory: toolDirectory, limit: limit)
    let second = try await run(image, board: board, toolDirectory: toolDirectory, limit: limit)
    guard first == second else {
      let names = first.keys.filter { first[$0] != second[$0] }.sorted().joined(separator: ", ")
      throw QEMUError("two runs of \(image.lastPathComponent) on \(board) differ in: \(names)")
    }
    return first
  }

  /// Reads the plugin's lines, `name instructions accesses watched`.
  static func parse(_ text: String) throws -> [String: [Sample]] {
    var samples: [String: [Sample]] = [:]
    for line in text.split(separator: "\n") where line != "complete" {
      let fields = line.split(separator: " ")
      let numbers = fields.dropFirst().compactMap { Int($0) }
      guard fields.count == 4, numbers.count == 3 else {
        throw QEMUError("the counting plugin wrote a line that is no sample: '\(line)'")
      }
      samples[String(fields[0]), default: []].append(
        Sample(instructions: numbers[0], accesses: numbers[1], watched: numbers[2]))
    }
    return samples
  }

  private func pluginArgument(_ plugin: URL, _ results: URL) -> String {
    ([Plugin.argument(plugin), "out=\(Plugin.argument(results))"] + intervals.map(\.argument)
      + watched.map { "watch=\($0)" }).joined(separator: ",")
  }
}
