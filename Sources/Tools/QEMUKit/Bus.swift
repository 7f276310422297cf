// QEMUKit/Bus.swift: a client of QEMU's test protocol: words as the core's own bus has them.
// It reaches the core's private peripherals, which the gdb stub reads but never writes.

import Foundation

/// A connection to the bus, for one thread; the guest has to stand still meanwhile.
public final class Bus {
  private let socket: LocalSocket

  /// Connects to the socket that `Machine.busSocket` named.
  ///
  /// - Throws: `QEMUError` if it is not there within `patience`, the time for an answer, too.
  public init(_ url: URL, patience: Duration = .seconds(10)) throws {
    socket = try LocalSocket(url, patience: patience)
  }

  /// Reads the word at `address`, with privilege.
  public func word(at address: UInt32) throws -> UInt32 {
    let answer = try ask("readl \(address)")
    // Sixteen digits after 0x, of which a word has the last eight.
    guard let word = UInt64(answer.dropFirst(2), radix: 16) else {
      throw QEMUError("QEMU's bus reads '\(answer)' at \(address)")
    }
    return UInt32(truncatingIfNeeded: word)
  }

  /// Writes the word at `address`, with privilege.
  public func setWord(at address: UInt32, to value: UInt32) throws {
    _ = try ask("writel \(address) \(value)")
  }

  /// What follows `OK`.
  private func ask(_ command: String) throws -> String {
    try socket.send(Array("\(command)\n".utf8))
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n") { line.append(try socket.receive()) }
    let words = String(decoding: line, as: UTF8.self).split { $0.isWhitespace }
    guard words.first == "OK" else {
      throw QEMUError("QEMU's bus answers '\(words.joined(separator: " "))' to '\(command)'")
    }
    return words.count > 1 ? String(words[1]) : ""
  }
}
