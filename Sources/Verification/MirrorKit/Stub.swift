// MirrorKit/Stub.swift: QEMU's gdb stub, asked many things in one round trip.
// It reads the guest, sets breakpoints and resumes; it writes nothing but the noise of a cold start.

import Foundation
import PlainText
import QEMUKit

/// A connection to the stub, for one thread; every exchange blocks until QEMU has answered it all.
final class Stub {
  /// One thing to ask.
  enum Request {
    /// r0...r15 and the program status, 17 words.
    case registers
    /// `count` bytes at the address.
    case memory(UInt32, Int)
    /// Words put into RAM before the first instruction, where power-on leaves noise.
    case noise(UInt32, [UInt32])
    /// A breakpoint, set or taken away.
    case insert(UInt32)
    case remove(UInt32)
    /// Run to the next breakpoint: the last of an exchange, as QEMU stops a guest that runs when it
    /// hears anything.
    case resume
  }

  private let socket: LocalSocket
  private var input: [UInt8] = []
  private var position = 0
  /// The most bytes in one answer: the stub's packets hold 4,096 digits.
  private static let pieceBytes = 2048

  /// Connects as soon as QEMU has made the socket.
  ///
  /// - Throws: `MirrorError` if there is none within twenty seconds, the time for an answer, too.
  init(_ url: URL) throws(MirrorError) {
    socket = try Self.withoutVerdict { try LocalSocket(url, patience: .seconds(20)) }
  }

  /// Does what talks to QEMU; if that fails, there is no verdict.
  private static func withoutVerdict<Answer>(
    _ talk: () throws -> Answer
  ) throws(MirrorError) -> Answer {
    do { return try talk() } catch { throw MirrorError("\(error)") }
  }

  /// Asks everything at once, and returns the bytes of each `registers` and `memory`, in order.
  func exchange(_ requests: [Request]) throws -> [[UInt8]] {
    var packets = ""
    for request in requests {
      for command in Self.commands(request) { packets += Self.packet(command) }
    }
    try send(packets)
    var answers: [[UInt8]] = []
    for request in requests {
      switch request {
      case .registers:
        // Between them the stub has room for registers of the first Arm cores: 26 words or more.
        let all = try bytes(of: request, count: nil)
        guard all.count >= 68 else {
          throw MirrorError("the gdb stub gave \(all.count) bytes of registers, not 68 or more")
        }
        answers.append(all.prefix(64) + all.suffix(4))
      case .memory(_, let count):
        var answer: [UInt8] = []
        while answer.count < count {
          answer += try bytes(of: request, count: min(Self.pieceBytes, count - answer.count))
        }
        answers.append(answer)
      case .insert, .remove, .noise: try expect("OK", to: request)
      case .resume: try expect("T", to: request)
      }
    }
    return answers
  }

  /// Ends QEMU, which gives no answer to this.
  func kill() {
    // A guest that runs is stopped by the first character, which is lost.
    try? send("+" + Self.packet("k"))
  }

  private static func commands(_ request: Request) -> [String] {
    switch request {
    case .registers: ["g"]
    case .memory(let address, let count):
      stride(from: 0, to: count, by: pieceBytes).map {
        "m\(hex(address &+ UInt32($0))),\(hex(UInt32(min(pieceBytes, count - $0))))"
      }
    case .noise(let address, let words):
      // Each byte is two digits, the lowest byte first.
      [
        "M\(hex(address)),\(hex(UInt32(words.count * 4))):"
          + words.map { eightDigits($0.byteSwapped) }.joined()
      ]
    case .insert(let address): ["Z0,\(hex(address)),2"]
    case .remove(let address): ["z0,\(hex(address)),2"]
    case .resume: ["c"]
    }
  }

  // QEMU takes the next packet for the acknowledgement of its last answer: none is sent apart.
  private static func packet(_ command: String) -> String {
    let sum = command.utf8.reduce(UInt8(0), &+)
    return "$\(command)#\(sum < 16 ? "0" : "")\(hex(UInt32(sum)))"
  }

  private static func hex(_ value: UInt32) -> String { String(value, radix: 16) }

  /// Eight digits.
  private static func eightDigits(_ value: UInt32) -> String {
    let digits = hex(value)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private func send(_ text: String) throws(MirrorError) {
    try Self.withoutVerdict { try socket.send(Array(text.utf8)) }
  }

  private func bytes(of request: Request, count wanted: Int?) throws -> [UInt8] {
    let range = try answer()
    let count = range.count / 2
    guard count == wanted ?? count, !range.isEmpty, range.count.isMultiple(of: 2) else {
      throw MirrorError("the gdb stub answers '\(text(range))' to \(request)")
    }
    return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
      input.withUnsafeBufferPointer { digits in
        var from = range.lowerBound
        for index in 0..<count {
          output[index] = Self.value(digits[from]) << 4 | Self.value(digits[from + 1])
          from += 2
        }
      }
      initialized = count
    }
  }

  private func expect(_ prefix: String, to request: Request) throws {
    let answer = text(try answer())
    guard answer.hasPrefix(prefix) else {
      throw MirrorError("the gdb stub answers '\(answer)' to \(request)")
    }
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: input[range], as: UTF8.self)
  }

  @inline(__always)
  private static func value(_ digit: UInt8) -> UInt8 { digit <= 0x39 ? digit &- 0x30 : digit &- 87 }

  /// The place in `input` of the next answer's contents, between `$` and `#`, without the sum.
  private func answer() throws -> Range<Int> {
    while true {
      if let start = find(UInt8(ascii: "$"), from: position),
        let end = find(UInt8(ascii: "#"), from: start), end + 2 < input.count
      {
        position = end + 3
        return start + 1..<end
      }
      try receive()
    }
  }

  private func find(_ byte: UInt8, from start: Int) -> Int? {
    guard start < input.count else { return nil }
    return input.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress,
        let place = memchr(base + start, Int32(byte), bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(place) - base
    }
  }

  private func receive() throws {
    if position > 0 {
      input.removeFirst(position)
      position = 0
    }
    input += try Self.withoutVerdict { try socket.receiveSome() }
  }
}

/// Why no verdict was reached.
public struct MirrorError: Error, CustomStringConvertible, Sendable {
  /// The whole text, without the leading `error: `.
  public var description: String
  /// What a tool should exit with: 2, as the run cannot be judged.
  public var exitCode: Int32 { 2 }

  /// Composes an error.
  public init(_ description: String) { self.description = description }
}

extension [UInt8] {
  /// The little-endian word at `offset`.
  func word(_ offset: Int) -> UInt32 {
    withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
  }

  /// All words.
  var words: [UInt32] { stride(from: 0, to: count & ~3, by: 4).map(word) }
}
