// QEMUKit/Conversation.swift: talking to a guest: say a line, wait for an answer.
// No clock here: the session's time limit ends a wait that would never end.

import Foundation
import PlainText
import Subprocess

/// The two ends of a guest's UART, for one speaker at a time.
public actor Conversation {
  private let writer: StandardInputWriter
  private var iterator: SubprocessOutputSequence.Iterator
  /// All bytes received so far.
  private(set) var received: [UInt8] = []
  /// Where the part begins that no `expect` has returned yet.
  private var unread = 0
  /// Whether QEMU has closed its output.
  private(set) var isAtEnd = false

  init(writer: StandardInputWriter, output: SubprocessOutputSequence) {
    self.writer = writer
    iterator = output.makeAsyncIterator()
  }

  /// Everything the guest has sent so far.
  public var transcript: String { String(decoding: received, as: UTF8.self) }

  /// Waits until the guest has sent `text`, and returns what came since the last `expect`, with it.
  ///
  /// - Throws: `QEMUError` with the last lines if QEMU ends first, at the time limit for example.
  @discardableResult
  public func expect(_ text: String) async throws -> String {
    let wanted = Array(text.utf8)
    var searchedTo = unread
    while true {
      if let end = received.firstEnd(of: wanted, from: searchedTo) {
        defer { unread = end }
        return String(decoding: received[unread..<end], as: UTF8.self)
      }
      searchedTo = max(unread, received.count - wanted.count + 1)
      guard try await receive() else {
        throw QEMUError("no '\(text.spelledOut)' came; the guest's last words:\n\(lastWords)")
      }
    }
  }

  /// Sends `line` and a carriage return, as a terminal's Enter key does.
  public func send(_ line: String) async throws {
    try await sendBytes(Array((line + "\r").utf8))
  }

  /// Sends bytes as they are.
  ///
  /// - Throws: `QEMUError` if QEMU has ended, now or long before.
  public func sendBytes(_ bytes: [UInt8]) async throws {
    BrokenPipe.isAnError
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = try await writer.write(Array(rest))
      // That is how a pipe without a reader looks once the process is known to be dead.
      guard count > 0 else {
        throw QEMUError(
          "QEMU has ended, '\(String(decoding: rest, as: UTF8.self).spelledOut)' is unsaid")
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends `line`, and returns what the guest sent up to and with the next `prompt`.
  @discardableResult
  public func ask(_ line: String, until prompt: String) async throws -> String {
    try await send(line)
    return try await expect(prompt)
  }

  /// Waits until QEMU closes its output, which it does only by ending.
  public func untilEnd() async throws {
    while try await receive() {}
  }

  /// Reads one more piece; `false` at the end.
  private func receive() async throws -> Bool {
    guard !isAtEnd else { return false }
    // The iterator leaves the actor for the time of the read: one speaker at a time.
    var taken = iterator
    let piece = try await taken.next(isolation: self)
    iterator = taken
    guard let piece else {
      isAtEnd = true
      return false
    }
    piece.withUnsafeBytes { received.append(contentsOf: $0) }
    return true
  }

  /// The last lines, indented, for an error.
  private var lastWords: String {
    let lines = transcript.split(whereSeparator: \.isNewline).suffix(8)
    return lines.isEmpty ? "  (none)" : lines.map { "  | \($0.spelledOut)" }.joined(separator: "\n")
  }
}

extension [UInt8] {
  /// The index just behind the first occurrence of `pattern` at or behind `start`.
  func firstEnd(of pattern: [UInt8], from start: Int) -> Int? {
    guard count - start >= pattern.count else { return nil }
    for index in start...(count - pattern.count)
    where self[index..<(index + pattern.count)].elementsEqual(pattern) {
      return index + pattern.count
    }
    return nil
  }
}

/// A write to a QEMU that has just ended must be an error of that write, not the end of ours.
enum BrokenPipe {
  /// Ignores SIGPIPE, once for the whole process.
  static let isAnError: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
