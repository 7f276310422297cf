// Apus/TextBuffer.swift: up to `capacity` bytes of text in the task's own memory.
// Nothing here fails: text that does not fit is cut, and `isFull` says that there may be more.

/// Bytes collected in place, for a message, a loan or a panic.
public struct TextBuffer<let capacity: Int>: ByteSink {
  private var bytes: InlineArray<capacity, UInt8>
  /// How many bytes it holds.
  public private(set) var count = 0

  /// Creates an empty buffer.
  @inline(__always)
  public init() {
    bytes = InlineArray(repeating: 0)
  }

  /// Whether the next byte will be cut.
  @inline(__always)
  public var isFull: Bool { count == capacity }

  /// Appends `byte` if there is room.
  @inline(__always)
  public mutating func write(_ byte: UInt8) {
    guard count < capacity else { return }
    bytes[count] = byte
    count &+= 1
  }

  /// Removes all bytes.
  @inline(__always)
  public mutating func removeAll() {
    count = 0
  }

  /// Removes the last byte; an empty buffer stays empty.
  @inline(__always)
  public mutating func removeLast() {
    if count > 0 { count &-= 1 }
  }

  /// The byte at `index`, which must be less than `count`.
  @inline(__always)
  public subscript(index: Int) -> UInt8 {
    precondition(index < count)
    return bytes[index]
  }

  /// Gives `body` the bytes, which do not move during the call.
  @inline(__always)
  public mutating func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let count = count
    return Swift.withUnsafeBytes(of: &bytes) {
      body(UnsafeRawBufferPointer(start: $0.baseAddress, count: count))
    }
  }
}
