// AccessMonitor/Oracle.swift: checks every store of a run from outside the guest, by our own TCG plugin.
// The image runs unchanged. The rules for each step are in Plugin/oracle.c.

import Foundation
import QEMUKit

/// The walls of an image, and a watch over them.
///
/// ```swift
/// let oracle = Oracle(walls)
/// let watch = try await oracle.watch(&machine, toolDirectory: tools)
/// try await Session(machine).run { … }
/// let sightings = try watch.end()  // throws if a wall was broken, or if nothing was seen
/// ```
public struct Oracle: Sendable {
  /// Who may touch what.
  public var walls: Walls

  /// An oracle that knows `walls`.
  public init(_ walls: Walls) {
    self.walls = walls
  }

  /// Adds the plugin to `machine`, for one run.
  ///
  /// - Parameter toolDirectory: Where the compiled plugin is kept from one run to the next.
  public func watch(_ machine: inout Machine, toolDirectory: URL) async throws -> Watch {
    let plugin = try await Plugin("oracle", source: PackageResources.oracle_c).library(
      in: toolDirectory)
    let name = "oracle-\(UUID().uuidString)"
    let record = toolDirectory.appending(path: "\(name).bin")
    let file = toolDirectory.appending(path: "\(name).txt")
    try Data(walls.text.utf8).write(to: file)
    machine.extraArguments += [
      "-plugin",
      "\(Plugin.argument(plugin)),walls=\(Plugin.argument(file)),out=\(Plugin.argument(record))",
    ]
    return Watch(walls: walls, record: record, file: file)
  }

  /// One run under watch.
  public struct Watch: Sendable {
    let walls: Walls
    let record: URL
    let file: URL

    /// What was seen, once the run is over; the watch's files are removed.
    ///
    /// - Throws: `QEMUError` with the first findings if a wall was broken, or if the plugin saw no
    ///   task run, which would make its silence worthless.
    @discardableResult
    public func end() throws -> Sightings {
      let sightings = try look()
      guard sightings.findingCount == 0 else {
        let lines = sightings.findings.prefix(8).map { "\n  " + walls.describe($0) }.joined()
        throw QEMUError("the oracle saw \(sightings.findingCount) broken walls:" + lines)
      }
      return sightings
    }

    /// What was seen, broken walls or not, once the run is over; the watch's files are removed.
    public func look() throws -> Sightings {
      defer {
        try? FileManager.default.removeItem(at: record)
        try? FileManager.default.removeItem(at: file)
      }
      guard let data = try? Data(contentsOf: record), let sightings = Sightings(data) else {
        throw QEMUError("the oracle left no record at \(record.path)")
      }
      let hasSeenAll =
        sightings.exits > 0 && sightings.kernelStores > 0 && sightings.taskStores > 0
      guard hasSeenAll || sightings.findingCount > 0 else {
        throw QEMUError("the oracle saw no task run, so it has nothing to say")
      }
      return sightings
    }
  }
}

extension Oracle {
  /// What a run showed.
  public struct Sightings: Sendable, Equatable {
    /// Stores by kernel code, and accesses by tasks that the machine let through.
    public var kernelStores = 0
    public var taskStores = 0
    public var taskLoads = 0
    /// Accesses by tasks to where the board swallows refusals.
    public var swallowed = 0
    /// How often each handler began, by its number.
    public var entries = [Int](repeating: 0, count: Entry.allCases.count)
    /// Returns from exceptions.
    public var exits = 0
    /// All broken walls; `findings` has the first of them.
    public var findingCount = 0
    public var findings: [Finding] = []

    /// How often the handler `entry` began.
    public func count(_ entry: Entry) -> Int { entries[Int(entry.rawValue)] }

    /// Adds what another run showed.
    public static func += (total: inout Sightings, part: Sightings) {
      total.kernelStores += part.kernelStores
      total.taskStores += part.taskStores
      total.taskLoads += part.taskLoads
      total.swallowed += part.swallowed
      for index in total.entries.indices { total.entries[index] += part.entries[index] }
      total.exits += part.exits
      total.findingCount += part.findingCount
      total.findings += part.findings
    }

    /// Nothing seen.
    public init() {}

    /// Reads the plugin's `struct record`; `nil` if it is none.
    init?(_ data: Data) {
      func number(_ index: Int) -> Int {
        Int(
          truncatingIfNeeded: (0..<8).reduce(UInt64(0)) {
            $0 | UInt64(data[data.startIndex + index * 8 + $1]) << UInt64(8 * $1)
          })
      }
      func word(_ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(data[data.startIndex + offset + $1]) << UInt32(8 * $1) }
      }
      let entryCount = Entry.allCases.count
      let head = (7 + entryCount) * 8
      guard data.count == head + 64 * 24, data.starts(with: Array("AORACLE1".utf8)) else {
        return nil
      }
      (kernelStores, taskStores, taskLoads, swallowed) = (
        number(1), number(2), number(3), number(4)
      )
      entries = (0..<entryCount).map { number(5 + $0) }
      exits = number(5 + entryCount)
      findingCount = number(6 + entryCount)
      findings = (0..<min(findingCount, 64)).map { index in
        let offset = head + index * 24
        return Finding(
          rule: Rule(rawValue: word(offset)), programCounter: word(offset + 4),
          address: word(offset + 8), byteCount: Int(word(offset + 12)),
          task: Int(Int32(bitPattern: word(offset + 16))), entry: Entry(rawValue: word(offset + 20))
        )
      }
    }
  }

  /// A broken wall.
  public struct Finding: Sendable, Equatable {
    /// Which rule; `nil` for one that this code does not know.
    public var rule: Rule?
    /// The instruction.
    public var programCounter: UInt32
    /// What it accessed, and how much; 0 where the rule is about control.
    public var address: UInt32
    public var byteCount: Int
    /// The index of the task that ran last, -1 for none since the reset.
    public var task: Int
    /// The handler that ran; `nil` outside of any.
    public var entry: Entry?
  }

  /// The rules, as the plugin numbers them.
  public enum Rule: UInt32, Sendable {
    case kernelStore = 1
    case taskStore, taskLoad, wayIn, foreignCode, phantomCall, wayOut
  }

  /// The kernel's handlers, as the plugin numbers them.
  public enum Entry: UInt32, CaseIterable, Sendable {
    case call = 0
    case fault, tick, interrupt, start, panic
  }
}
