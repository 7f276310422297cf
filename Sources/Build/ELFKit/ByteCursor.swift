// ELFKit/ByteCursor.swift: the one place that reads bytes of an input file, always checked.
// No caller indexes the file's bytes with a number that the file supplied.

import PlainText

/// A position in a range of a file's bytes; every read moves it and is checked against the range.
public struct ByteCursor: Sendable {
  private let bytes: [UInt8]
  /// What is being read, for the error's text.
  public let what: String
  /// The next byte to read, counted from the start of the file.
  public private(set) var offset: Int
  /// One past the last byte that may be read.
  public let end: Int

  /// Starts at the lower bound of `range`, which the caller has taken from a checked section.
  init(_ bytes: [UInt8], _ range: Range<Int>, what: String) {
    self.bytes = bytes
    self.what = what
    end = min(range.upperBound, bytes.count)
    offset = min(range.lowerBound, end)
  }

  /// Reads an array of its own.
  public init(_ bytes: [UInt8], what: String) {
    self.init(bytes, 0..<bytes.count, what: what)
  }

  /// How many bytes are left.
  public var remaining: Int { end - offset }
  /// True when every byte has been read.
  public var isAtEnd: Bool { offset >= end }

  private func failure(_ byteCount: Int) -> ELFError {
    .outOfBounds(what: what, offset: offset, byteCount: byteCount, limit: end)
  }

  /// Moves to an absolute file offset inside the range.
  public mutating func move(to newOffset: Int) throws(ELFError) {
    guard newOffset >= 0, newOffset <= end else {
      throw .outOfBounds(what: what, offset: newOffset, byteCount: 0, limit: end)
    }
    offset = newOffset
  }

  /// Skips bytes without looking at them.
  public mutating func skip(_ byteCount: Int) throws(ELFError) {
    guard byteCount >= 0, byteCount <= remaining else { throw failure(byteCount) }
    offset += byteCount
  }

  public mutating func u8() throws(ELFError) -> UInt8 {
    guard offset < end else { throw failure(1) }
    defer { offset += 1 }
    return bytes[offset]
  }

  public mutating func u16() throws(ELFError) -> UInt16 {
    guard remaining >= 2 else { throw failure(2) }
    defer { offset += 2 }
    return UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
  }

  public mutating func u32() throws(ELFError) -> UInt32 {
    guard remaining >= 4 else { throw failure(4) }
    defer { offset += 4 }
    let low = UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
    return low | UInt32(bytes[offset + 2]) << 16 | UInt32(bytes[offset + 3]) << 24
  }

  public mutating func u64() throws(ELFError) -> UInt64 {
    let low = try u32()
    let high = try u32()
    return UInt64(low) | UInt64(high) << 32
  }

  /// Reads a number of 1, 2, 4 or 8 bytes; other sizes are refused.
  public mutating func unsigned(byteCount: Int) throws(ELFError) -> UInt64 {
    switch byteCount {
    case 1: return UInt64(try u8())
    case 2: return UInt64(try u16())
    case 4: return UInt64(try u32())
    case 8: return try u64()
    default: throw .malformed(what: "\(what): number of \(byteCount) bytes", offset: offset)
    }
  }

  /// Reads an unsigned LEB128 number; bits beyond 64 are dropped, as readelf does.
  public mutating func uleb() throws(ELFError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try u8()
      if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
      if byte & 0x80 == 0 { return value }
      shift = min(shift + 7, 64)
    }
  }

  /// Reads a signed LEB128 number; bits beyond 64 are dropped.
  public mutating func sleb() throws(ELFError) -> Int64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try u8()
      if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
      shift = min(shift + 7, 64)
      guard byte & 0x80 == 0 else { continue }
      if byte & 0x40 != 0, shift < 64 { value |= ~0 << shift }
      return Int64(bitPattern: value)
    }
  }

  /// Reads bytes up to a zero, which it consumes; bytes that are no UTF-8 are replaced.
  ///
  /// Every name of a file passes here, and what is not seen of it is spelled out: so no file's names
  /// act on a terminal, or make lines of their own, whoever shows them.
  public mutating func string() throws(ELFError) -> String {
    var index = offset
    while index < end, bytes[index] != 0 { index += 1 }
    guard index < end else {
      throw .malformed(what: "\(what): unterminated string", offset: offset)
    }
    defer { offset = index + 1 }
    return String(decoding: bytes[offset..<index], as: UTF8.self).spelledOut
  }

  /// Moves past the next zero byte without building a string.
  public mutating func skipString() throws(ELFError) {
    var index = offset
    while index < end, bytes[index] != 0 { index += 1 }
    guard index < end else {
      throw .malformed(what: "\(what): unterminated string", offset: offset)
    }
    offset = index + 1
  }

  /// A cursor over the next bytes alone; this one moves past them.
  public mutating func sub(_ byteCount: Int, what: String) throws(ELFError) -> ByteCursor {
    guard byteCount >= 0, byteCount <= remaining else { throw failure(byteCount) }
    defer { offset += byteCount }
    return ByteCursor(bytes, offset..<(offset + byteCount), what: what)
  }
}
