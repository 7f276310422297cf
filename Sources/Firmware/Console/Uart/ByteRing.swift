// ConsoleUart/ByteRing.swift: bytes in the order they came, at most `capacity` of them.
// Nothing is overwritten: who appends asks `isFull` first.

/// A queue of bytes in place.
struct ByteRing<let capacity: Int> {
  private var bytes: InlineArray<capacity, UInt8> = InlineArray(repeating: 0)
  private var first = 0
  private var count = 0

  var isEmpty: Bool { count == 0 }
  var isFull: Bool { count == capacity }

  /// Adds `byte` at the end; there must be room.
  mutating func append(_ byte: UInt8) {
    precondition(!isFull)
    bytes[wrapped(first &+ count)] = byte
    count &+= 1
  }

  /// Takes the oldest byte out, if there is one.
  mutating func removeFirst() -> UInt8? {
    guard count > 0 else { return nil }
    let byte = bytes[first]
    first = wrapped(first &+ 1)
    count &-= 1
    return byte
  }

  private func wrapped(_ index: Int) -> Int { index < capacity ? index : index &- capacity }
}
