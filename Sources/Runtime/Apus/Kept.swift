// Apus/Kept.swift: the bytes of a task that outlive its life, and how they are validated.
// Nothing here trusts what it finds: after power-on the memory may contain anything.
//
// Two words precede the bytes: their count, and the CRC-32 of that count and of the bytes, padded
// with zeros to whole words. A CRC, because a sum does not notice that memory is cut off:
// Fletcher's takes words of 0 for words of ~0, and zeros beyond the end for bytes. Bit by bit,
// because a table costs more flash than the time that it would save the tasks is worth.

import CApus

/// Memory above the task's stack that no restart and no reset of the machine touches.
///
/// `keeps: 16 B` in the manifest provides it, as `Image.kept`; without that there is none. It is
/// lost when power is lost. A read returns all the bytes of one earlier `write`, or nothing:
///
/// - A life that ends, or a machine that resets, during a `write` leaves nothing: the count is made
///   invalid before the first byte changes, and set by the last store. Both the previous bytes and
///   the new ones are lost then. On a core that may reorder stores on their way to memory, the
///   checksum detects a reset during a `write` instead.
/// - Memory with arbitrary contents, as after power-on, is taken for a `write` at most once in 2^32
///   times. Within the bytes, up to three changed bits (up to 11,000 bytes) or a burst of up to 32
///   are always detected; other changes are missed once in 2^32.
/// - Another image may find what this one wrote, even with another `keeps`; or it has the memory
///   elsewhere, and finds nothing. Data whose meaning changes from one version to the next should
///   begin with a version number.
///
/// ```swift
/// var lives: UInt32 = Image.kept.read() ?? 0
/// lives &+= 1
/// Image.kept.write(lives)
/// ```
public struct Kept: Sendable {
  /// How many bytes it can hold.
  public let capacity: Int

  /// Names the kept memory of the calling task, for which the manifest reserves `capacity` bytes.
  ///
  /// The generated `Image.kept` calls it; no task calls it itself.
  @inline(__always)
  public init(capacity: Int) {
    self.capacity = capacity
  }

  /// The two words before the bytes.
  public static var headerBytes: Int { 8 }

  /// Its address for a task on the host: no board has a device there, and no task its memory.
  public static var hostAddress: UInt32 { 0x3FFF_0000 }

  private static var noCount: UInt32 { ~0 }

  /// The word of the memory at `offset`; each load and each store happens once, in order.
  @inline(__always)
  private func word(_ offset: Int) -> DeviceRegister {
    DeviceRegister(apus_kept(), UInt32(truncatingIfNeeded: offset))
  }

  /// The number of bytes kept; `nil` if nothing valid is kept.
  ///
  /// O(bytes).
  @inline(never)
  public var count: Int? {
    let count = word(0).value
    guard count <= UInt32(truncatingIfNeeded: capacity) else { return nil }
    let byteCount = Int(truncatingIfNeeded: count)
    var sum = Checksum(count)
    var offset = 0
    while offset < byteCount {
      sum.add(word(offset &+ 8).value)
      offset &+= 4
    }
    return sum.value == word(4).value ? byteCount : nil
  }

  /// Copies what is kept to the beginning of `bytes`, and returns the number of bytes.
  ///
  /// `nil` if nothing valid is kept, or more than `bytes` has room for; `bytes` is then unchanged.
  /// O(bytes).
  @inline(never)
  public func read(into bytes: inout MutableRawSpan) -> Int? {
    guard let count, count <= bytes.byteCount else { return nil }
    var offset = 0
    var word: UInt32 = 0
    while offset < count {
      word = offset & 3 == 0 ? self.word(offset &+ 8).value : word &>> 8
      bytes.storeBytes(
        of: UInt8(truncatingIfNeeded: word), toByteOffset: offset, as: UInt8.self)
      offset &+= 1
    }
    return count
  }

  /// Keeps `bytes` in place of what was kept; traps if there are more than `capacity`.
  ///
  /// O(bytes).
  @inline(never)
  public func write(_ bytes: RawSpan) {
    let byteCount = bytes.byteCount
    precondition(byteCount <= capacity)
    let count = UInt32(truncatingIfNeeded: byteCount)
    word(0).value = Self.noCount
    var sum = Checksum(count)
    var offset = 0
    while offset < byteCount {
      var word: UInt32 = 0
      var place = 0
      while place < 4, offset &+ place < byteCount {
        // In range: the byte's offset is below the count.
        let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset &+ place, as: UInt8.self)
        word |= UInt32(byte) &<< UInt32(truncatingIfNeeded: place &* 8)
        place &+= 1
      }
      sum.add(word)
      self.word(offset &+ 8).value = word
      offset &+= 4
    }
    word(4).value = sum.value
    word(0).value = count
  }

  /// Erases what is kept.
  @inline(__always)
  public func erase() {
    word(0).value = Self.noCount
  }
}

extension Kept {
  /// The number that is kept; `nil` if nothing is kept, or something of another size.
  public func read<Number: FixedWidthInteger & BitwiseCopyable>(
    as type: Number.Type = Number.self
  ) -> Number? {
    var cell: InlineArray<1, Number> = [0]
    var span = cell.mutableSpan
    var bytes = span.mutableBytes
    guard count == MemoryLayout<Number>.size, read(into: &bytes) != nil else { return nil }
    return cell[0]
  }

  /// Keeps a number.
  public func write<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
    let cell: InlineArray<1, Number> = [number]
    write(cell.span.bytes)
  }
}

/// CRC-32 (IEEE 802.3) of words, the lowest byte of each first.
private struct Checksum {
  private var rest: UInt32 = ~0

  /// The checksum of `word` alone.
  @inline(__always)
  init(_ word: UInt32) {
    add(word)
  }

  var value: UInt32 { ~rest }

  @inline(never)
  mutating func add(_ word: UInt32) {
    rest ^= word
    var bit = 0
    while bit < 32 {
      rest = rest &>> 1 ^ (rest & 1 == 0 ? 0 : 0xEDB8_8320)
      bit &+= 1
    }
  }
}
