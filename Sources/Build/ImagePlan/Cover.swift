// ImagePlan/Cover.swift: exact covers of a window by MPU regions, and the search for a good place.
// A cover never opens a byte outside its window: rounding is the window's business, done before.

/// A region as the MPU knows it: a power of two at a multiple of itself, less some eighths.
public struct Region: Equatable, Sendable {
  /// The first byte of the power of two, which may lie before the first byte that is open.
  public var base: UInt32
  /// The exponent of the size, 5 (32 bytes) to 31.
  public var logSize: Int
  /// The eighths that are closed, a bit each, lowest address first; 0 below 256 bytes.
  public var disabled: UInt8
}

/// Covers windows by as few regions as possible.
public enum Cover {
  /// The finest step at which memory can be given to a task.
  public static let granularity: UInt32 = 32

  /// The fewest regions that open exactly `window`, or `nil` if more than `limit` are needed.
  ///
  /// Regions may overlap inside the window. Left to right, the region that reaches farthest is
  /// taken, which is optimal as every region opens one run of bytes. O(limit x 27).
  public static func regions(for window: Window, limit: Int) -> [Region]? {
    guard window.size > 0, window.base.isMultiple(of: granularity),
      window.end.isMultiple(of: UInt64(granularity))
    else { return nil }
    var found: [Region] = []
    var position = UInt64(window.base)
    while position < window.end {
      guard found.count < limit else { return nil }
      var best: (region: Region, end: UInt64)?
      for logSize in 5...31 {
        guard let piece = piece(logSize: logSize, at: position, in: window) else { continue }
        if piece.end > best?.end ?? 0 { best = piece }
      }
      guard let best else { return nil }
      found.append(best.region)
      position = best.end
    }
    return found
  }

  /// The region of 2^logSize bytes around `position` that opens the most of `window`.
  private static func piece(
    logSize: Int, at position: UInt64, in window: Window
  ) -> (region: Region, end: UInt64)? {
    let size = UInt64(1) << logSize
    let step = logSize >= 8 ? size >> 3 : size  // Below 256 bytes there are no sub-regions.
    let base = position & ~(size - 1)
    let start = max(base, (UInt64(window.base) + step - 1) & ~(step - 1))
    let end = min(base + size, window.end & ~(step - 1))
    guard start <= position, position < end else { return nil }
    let open = UInt32(1) << UInt32((end - start) / step) - 1
    let disabled = ~(open << UInt32((start - base) / step))
    return (
      Region(
        base: UInt32(truncatingIfNeeded: base), logSize: logSize,
        disabled: logSize >= 8 ? UInt8(truncatingIfNeeded: disabled) : 0),
      end
    )
  }

  /// The distance between the addresses that the search tries.
  ///
  /// One region can only begin and end at eighths of its own power of two, so finer steps find
  /// nothing. Several regions can, but for large sizes a 256th of that bounds the search.
  static func step(for size: UInt32, limit: Int) -> UInt64 {
    let logSize = UInt32.bitWidth - max(size, 1).leadingZeroBitCount
    let eighth =
      UInt64(1) << UInt64(max(0, (size.nonzeroBitCount == 1 ? logSize - 1 : logSize) - 3))
    return max(UInt64(granularity), limit == 1 ? eighth : eighth >> 8)
  }

  /// A place for `size` bytes at or after `start` that ends as early as possible.
  ///
  /// The window is padded to the granularity, and moved or padded further only if `limit` regions
  /// cannot cover it otherwise. Among equal ends the longest gap before it is left, so that padding
  /// stays out of reach.
  /// - Returns: the padded window and its regions; `nil` past `memoryEnd`.
  static func place(
    size: UInt32, from start: UInt64, to memoryEnd: UInt64, limit: Int
  ) -> (window: Window, regions: [Region])? {
    let step = step(for: size, limit: limit)
    let earliest = (start + step - 1) / step * step
    let needed = max(step, (UInt64(size) + step - 1) / step * step)
    var end = earliest + needed
    while end <= memoryEnd {
      var base = end - needed
      while true {
        let window = Window(base: UInt32(truncatingIfNeeded: base), end: end)
        if let regions = regions(for: window, limit: limit) { return (window, regions) }
        guard base > earliest else { break }
        base -= step
      }
      end += step
    }
    return nil
  }
}
