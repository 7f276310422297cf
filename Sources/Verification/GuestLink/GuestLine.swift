// GuestLink/GuestLine.swift: what the supervisor writes, and why nobody else can have written it.
// Nothing is repaired: a line that does not continue the last one ends the session.

/// A line of the supervisor: a letter and words.
public struct GuestLine: Equatable, Sendable {
  public var letter: Character
  public var words: [UInt32]
}

/// Why a line cannot be believed.
public struct ForgedLine: Error, Equatable, CustomStringConvertible {
  public var description: String
}

/// What a line of the UART turned out to be.
public enum Reading: Equatable, Sendable {
  /// The supervisor has something to say.
  case line(GuestLine)
  /// The image has started: the board's name and the reset record.
  case banner(board: String, record: [UInt32])
  /// Nothing that we know: from before the session, or nobody's.
  case noise
}

/// Follows the supervisor's lines through one life of the machine.
public struct LineReader: Sendable {
  /// The number that the host has typed, and that each line must begin with.
  public let session: UInt32
  /// The app that must be running.
  let app: String
  private var expected: UInt32?

  public init(session: UInt32, app: String = "conformance") {
    self.session = session
    self.app = app
  }

  /// Reads `text`, a line without its end.
  ///
  /// - Throws: `ForgedLine` for our session's number with a count that does not follow the last.
  public mutating func read(_ text: Substring) throws(ForgedLine) -> Reading {
    let parts = text.split(separator: " ")
    if parts.starts(with: ["apus", app[...]]), parts.count == 7 {
      expected = nil
      return .banner(
        board: String(parts[2]), record: parts[3...].map { UInt32($0, radix: 16) ?? 0 })
    }
    guard parts.count >= 3, parts[0].count == 8, UInt32(parts[0], radix: 16) == session else {
      return .noise
    }
    guard parts[1].count == 8, let count = UInt32(parts[1], radix: 16),
      expected == nil || expected == count
    else {
      throw ForgedLine(
        description:
          "line \(parts[1]) follows line \(expected.map { "\($0 &- 1)" } ?? "none"): \(text)")
    }
    expected = count &+ 1
    let words = parts[3...].map { UInt32($0, radix: 16) }
    guard parts[2].count == 1, let letter = parts[2].first, !words.contains(nil) else {
      throw ForgedLine(description: "no line of the supervisor: \(text)")
    }
    return .line(GuestLine(letter: letter, words: words.compactMap { $0 }))
  }
}
