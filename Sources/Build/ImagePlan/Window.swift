// ImagePlan/Window.swift: a run of bytes in the target's address space.
// It never wraps: a window may end at 2^32, which is why `end` is wider than an address.

import PlainText

/// The bytes `base` to `base + size`.
public struct Window: Codable, Equatable, Hashable, Sendable {
  /// The first byte.
  public var base: UInt32
  /// The number of bytes.
  public var size: UInt32

  /// The `size` bytes from `base`.
  public init(base: UInt32, size: UInt32) {
    self.base = base
    self.size = size
  }

  /// The bytes from `base` to `end`; none if `end` is not above `base`.
  public init(base: UInt32, end: UInt64) {
    self.init(base: base, size: end > base ? UInt32(truncatingIfNeeded: end - UInt64(base)) : 0)
  }

  /// The first byte after the window, up to 2^32.
  public var end: UInt64 { UInt64(base) + UInt64(size) }

  /// Whether the two share a byte.
  public func overlaps(_ other: Window) -> Bool {
    size > 0 && other.size > 0 && UInt64(base) < other.end && UInt64(other.base) < end
  }

  /// Whether every byte of `other` lies in this window.
  public func contains(_ other: Window) -> Bool {
    UInt64(base) <= UInt64(other.base) && other.end <= end
  }
}

extension Window: CustomStringConvertible {
  /// First and last byte, as "0x20000000...0x200000ff".
  public var description: String {
    "\(hex(base))...\(hex(UInt32(truncatingIfNeeded: max(end, UInt64(base) + 1) - 1)))"
  }
}

extension UInt32 {
  /// The next multiple of `alignment`, a power of two; the value itself if it is one.
  func roundedUp(to alignment: UInt32) -> UInt32 { (self &+ (alignment - 1)) & ~(alignment - 1) }
}
