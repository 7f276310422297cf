// MirrorKit/Disagreement.swift: host and target side by side, field by field, and what led to it.
// It compares and renders; it never decides which of the two is right.

import ApusABI
import PlainText

/// The verdict "no": the first event after which host and target differ.
public struct Disagreement: Error, CustomStringConvertible, Sendable {
  /// One difference.
  public struct Row: Equatable, Sendable {
    /// What differs, in the words of the kernel's source.
    public var field: String
    public var host: String
    public var target: String
  }

  /// The app and the board.
  public var subject: String
  /// When it was seen: `before` the event, `after` it, or otherwise.
  public var moment: String
  /// The event that led to it.
  public var event: Event
  public var rows: [Row]
  /// The event and those before it, one line each, the latest last.
  public var history: [String]
  /// The command that shows it again; `nil` where the run depends on the host's time.
  public var replay: String?
  /// What a tool should exit with: 1, the answer is no.
  public var exitCode: Int32 { 1 }

  /// The most rows that are shown.
  private static let shownRowCount = 24

  /// The whole text, several lines.
  public var description: String {
    var lines = ["host and target disagree \(moment): \(subject)"]
    lines.append("  event \(history.last ?? "")")
    lines += event.registerLines.map { "    " + $0 }
    let shown = rows.prefix(Self.shownRowCount)
    let width = shown.map(\.field.count).max() ?? 0
    let hostWidth = max(4, shown.map(\.host.count).max() ?? 0)
    func line(_ field: String, _ host: String, _ target: String) -> String {
      let first = field + String(repeating: " ", count: max(0, width - field.count))
      let second = host + String(repeating: " ", count: max(0, hostWidth - host.count))
      return "  \(first)  \(second)  \(target)"
    }
    lines.append(line("", "host", "target"))
    lines += shown.map { line($0.field, $0.host, $0.target) }
    if rows.count > shown.count { lines.append("  and \(rows.count - shown.count) more") }
    if history.count > 1 {
      lines.append("  the events before it:")
      lines += history.dropLast().map { "    " + $0 }
    }
    if let replay { lines.append("  replay: \(replay)") }
    return lines.joined(separator: "\n")
  }
}

/// Which bytes of the kernel's RAM are which field.
enum KernelFields {
  private static let taskFields = [
    "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "stack pointer", "pending",
    "deadline low or fault address", "deadline high or fault pc", "timer bits or fault detail",
    "state", "life", "senders",
  ]
  private static let kernelFields = ["now, low", "now, high", "runnable", "armed", "current"]

  /// The rows for all words that differ; both begin with the first task's control block.
  static func differences(host: [UInt8], target: [UInt8], _ layout: Layout) -> [Disagreement.Row] {
    stride(from: 0, to: min(host.count, target.count) & ~3, by: 4).compactMap { offset in
      let (ours, theirs) = (host.word(offset), target.word(offset))
      guard ours != theirs else { return nil }
      let field = name(offset, layout)
      let isState = field.hasSuffix(" state")
      return Disagreement.Row(
        field: field, host: isState ? state(ours) : hex(ours),
        target: isState ? state(theirs) : hex(theirs))
    }
  }

  /// The name of the word at `offset`.
  static func name(_ offset: Int, _ layout: Layout) -> String {
    let task = offset / 64
    if task < layout.taskCount { return "\(layout.name(task)) \(taskFields[offset % 64 / 4])" }
    let index = (offset - layout.taskCount * 64) / 4
    return index < kernelFields.count ? "kernel \(kernelFields[index])" : "byte \(offset)"
  }

  private static func state(_ word: UInt32) -> String {
    let state = TaskState(rawValue: word)
    let activity = state.activity.map { "\($0)" } ?? "?"
    let fault = state.isFaulted ? ", \(state.fault.map { "\($0)" } ?? "?") fault" : ""
    let peer = word >> 16 == 0 ? "" : " peer \(state.peer.index)"
    return "\(hex(word)) (\(activity)\(peer)\(fault))"
  }

  /// The rows for memory that the host's kernel wrote; the first differing byte of each write.
  static func difference(_ write: World.Write, target: [UInt8]) -> Disagreement.Row? {
    guard let index = write.bytes.indices.first(where: { write.bytes[$0] != target[$0] }) else {
      return nil
    }
    let first = index & ~3
    let last = min(first + 4, write.bytes.count)
    func text(_ bytes: ArraySlice<UInt8>) -> String {
      bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
    }
    return Disagreement.Row(
      field: "\(write.meaning), at \(hex(write.address &+ UInt32(first)))",
      host: text(write.bytes[first..<last]), target: text(target[first..<last]))
  }
}
