// SoakKit/Account.swift: the result of a soak as a table and as JSON.
// Nothing is judged here.

import ApusABI
import Foundation

/// What came of a soak, board by board.
public struct Account: Sendable {
  public var seed: UInt32
  public var boards: [Entry]

  /// One board.
  public struct Entry: Sendable {
    public var board: String
    /// Why it failed; `nil` if it did not.
    public var failure: String?
    /// The last that the guest said.
    public var last: Statement?
    /// What its memory said; `nil` if it did not come so far.
    public var autopsy: Autopsy?
    /// The host's time.
    public var seconds: Double
  }

  /// Whether every board came to the end without a failure.
  public var isGood: Bool {
    !boards.isEmpty && boards.allSatisfy { $0.failure == nil && $0.autopsy != nil }
  }

  /// A line a board, a line of kinds, and a line for each failure.
  public var table: String {
    let head = [
      "board", "faults survived", "restarts", "messages", "sent again", "lost", "duplicated",
      "interrupts", "ticks", "kernel stack", "seconds",
    ]
    var rows = [head]
    for entry in boards {
      guard let last = entry.last else { continue }
      let stack = entry.autopsy.map { "\($0.stackUsed) of \($0.stackReserved) B" } ?? "-"
      rows.append([
        entry.board, "\(last.faults)", "\(last.restarts)", "\(last.messages)", "\(last.again)",
        "\(last.lost)", "\(last.duplicated)", "\(last.interrupts)", "\(last.ticks)", stack,
        String(format: "%.0f", entry.seconds),
      ])
    }
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      row.enumerated().map { column, text in
        let gap = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + gap : gap + text
      }.joined(separator: "  ")
    }
    if let kinds { lines.append("faults by kind: \(kinds)") }
    for entry in boards {
      if let failure = entry.failure { lines.append("FAILED \(entry.board): \(failure)") }
    }
    return lines.joined(separator: "\n")
  }

  /// The faults of all boards by kind, the most frequent first.
  private var kinds: String? {
    let sums = (1...13).map { kind in
      (kind, boards.reduce(0) { $0 + Int($1.last?.kinds[kind] ?? 0) })
    }
    let named = sums.filter { $0.1 > 0 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map { kind, count in
      "\(FaultKind(rawValue: UInt8(kind)).map { "\($0)" } ?? "?") \(count)"
    }
    return named.isEmpty ? nil : named.joined(separator: ", ")
  }

  /// An object with `seed` and an array `boards`.
  public func json() throws -> Data {
    let list = boards.map { entry in
      Line(
        board: entry.board, status: entry.failure == nil ? "passed" : "failed",
        reason: entry.failure ?? "", faults: Int(entry.last?.faults ?? 0),
        restarts: Int(entry.last?.restarts ?? 0), messages: entry.last?.messages ?? 0,
        again: Int(entry.last?.again ?? 0), lost: Int(entry.last?.lost ?? 0),
        duplicated: Int(entry.last?.duplicated ?? 0), damaged: Int(entry.last?.damaged ?? 0),
        interrupts: Int(entry.last?.interrupts ?? 0), ticks: Int(entry.last?.ticks ?? 0),
        kernelStackBytes: entry.autopsy?.stackUsed,
        kernelStackReserved: entry.autopsy?.stackReserved, seconds: entry.seconds)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(File(seed: seed, boards: list)) + Data("\n".utf8)
  }

  private struct File: Encodable {
    var seed: UInt32
    var boards: [Line]
  }

  private struct Line: Encodable {
    var board: String
    var status: String
    var reason: String
    var faults: Int
    var restarts: Int
    var messages: Int
    var again: Int
    var lost: Int
    var duplicated: Int
    var damaged: Int
    var interrupts: Int
    var ticks: Int
    var kernelStackBytes: Int?
    var kernelStackReserved: Int?
    var seconds: Double
  }
}
