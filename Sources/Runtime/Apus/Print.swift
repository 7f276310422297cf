// Apus/Print.swift: writes text and numbers to any byte sink, without a heap or a `String`.
// Nothing here buffers; a sink that collects bytes into messages does so itself.

/// Something that accepts bytes, one by one: a UART, or a buffer that is sent to one.
public protocol ByteSink {
  /// Accepts one byte; how long that may take depends on the sink.
  mutating func write(_ byte: UInt8)
}

extension ByteSink {
  /// Writes `text` unchanged; for a terminal, a line ends with "\r\n".
  @inline(__always)
  public mutating func print(_ text: StaticString) {
    // Address and length are two words; a `StaticString` is three, and would be passed as such.
    write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Writes `bytes` in order.
  @inline(never)
  public mutating func write(_ bytes: UnsafeRawBufferPointer) {
    guard var next = bytes.baseAddress else { return }
    let end = next + bytes.count
    while next != end {
      write(next.load(as: UInt8.self))
      next += 1
    }
  }

  /// Writes `value` in decimal, in at least `width` characters, padded with `fill` on the left.
  @inline(never)
  public mutating func print(decimal value: UInt32, width: Int = 1, fill: UInt8 = 0x20) {
    // The divisor walks down, so that no digits need to be stored.
    var divisor: UInt32 = 1_000_000_000
    var place = 10
    var rest = value
    var hasBegun = false
    while place > 0 {
      let digit = rest / divisor
      rest &-= digit &* divisor
      hasBegun = hasBegun || digit != 0 || place == 1
      if hasBegun {
        write(0x30 | UInt8(truncatingIfNeeded: digit))
      } else if place <= width {
        write(fill)
      }
      divisor /= 10
      place &-= 1
    }
  }

  /// Writes `value` as eight hexadecimal digits.
  @inline(never)
  public mutating func print(hex value: UInt32) {
    var rest = value
    var place = 0
    while place < 8 {
      writeDigit(UInt8(truncatingIfNeeded: rest &>> 28))
      rest &<<= 4
      place &+= 1
    }
  }

  /// Writes an untrusted byte: a printable one unchanged, any other as `\xNN`.
  ///
  /// So no text of a task can start a line of its own, move a terminal's cursor, or end the quotes
  /// around it: the quote and the backslash are also escaped.
  @inline(never)
  public mutating func print(untrusted byte: UInt8) {
    if byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C { return write(byte) }
    print("\\x")
    writeDigit(byte &>> 4)
    writeDigit(byte & 15)
  }

  /// Writes untrusted `bytes`, each as `print(untrusted: UInt8)` does.
  @inline(__always)
  public mutating func print(untrusted bytes: RawSpan) {
    var index = 0
    while index < bytes.byteCount {
      // In range: the loop ends at the count.
      print(untrusted: unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
      index &+= 1
    }
  }

  @inline(__always)
  private mutating func writeDigit(_ digit: UInt8) {
    write(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
  }

  /// Ends a line as terminals require.
  @inline(__always)
  public mutating func endLine() {
    print("\r\n")
  }
}

extension UART: ByteSink {
  /// Writes `byte`, after waiting for room.
  @inline(__always)
  public func write(_ byte: UInt8) { writeWaiting(byte) }
}
