// TraceKit/TraceWindow.swift: which stretch of a run is to be seen.
// It only computes; who runs something asks it when to stop.

import TimelineKit

/// A stretch of a run: from a time on, or around the first fault.
public struct TraceWindow: Equatable, Sendable {
  /// The begin, in nanoseconds since power-on; nil for the quarter of the length before the first fault.
  public var start: UInt64?
  /// The length in nanoseconds.
  public var length: UInt64

  /// How long a run is watched for its first fault: ten seconds.
  public static let patience: UInt64 = 10_000_000_000

  /// Describes a stretch.
  public init(from start: UInt64?, length: UInt64) {
    self.start = start
    self.length = length
  }

  /// The stretch, once it is known when the first task was stopped.
  public func span(firstFault: UInt64?) -> Range<UInt64>? {
    if let start { return start..<start + length }
    guard let firstFault else { return nil }
    let begin = firstFault - min(firstFault, length / 4)
    return begin..<begin + length
  }

  /// Until when a run must go on, as far as is known.
  public func end(firstFault: UInt64?) -> UInt64 {
    span(firstFault: firstFault)?.upperBound ?? Self.patience
  }

  /// The part of `timeline` to be seen.
  ///
  /// - Throws: `TraceError` if the run does not reach it.
  public func cut(_ timeline: Timeline) throws(TraceError) -> Timeline {
    guard let span = span(firstFault: timeline.firstFault) else {
      throw TraceError(
        "no task was stopped within \(timeline.span.upperBound / 1_000_000) ms",
        try: "an input that stops one, such as --input 'crash sensor memory'")
    }
    guard timeline.span.upperBound > span.lowerBound else {
      throw TraceError(
        "the run ended after \(timeline.span.upperBound / 1_000) µs, "
          + "before \(span.lowerBound / 1_000) µs, where the trace is to begin",
        try: "a lower '--from'")
    }
    return timeline.clipped(to: span)
  }
}

/// A trace that there is nothing to make of.
public struct TraceError: Error, Equatable, CustomStringConvertible {
  public let description: String

  init(_ what: String, try cure: String) {
    description = "\(what)\n  try: \(cure)"
  }
}

/// What is typed at an app's UART.
public struct Dialogue: Equatable, Sendable {
  /// What the app prints when it is ready for a line; nil for one that takes them at any time.
  public var prompt: String?
  /// The lines, without their ends.
  public var lines: [String]

  /// Composes a dialogue.
  public init(prompt: String?, lines: [String]) {
    self.prompt = prompt
    self.lines = lines
  }

  /// The lines in `text`, separated by semicolons or ends of lines, without the spaces around.
  public init(prompt: String?, text: String) {
    let parts = text.split(whereSeparator: { $0 == ";" || $0.isNewline })
    self.init(
      prompt: prompt,
      lines: parts.compactMap { part in
        var part = part
        while part.first?.isWhitespace == true { part.removeFirst() }
        while part.last?.isWhitespace == true { part.removeLast() }
        return part.isEmpty ? nil : String(part)
      })
  }
}
