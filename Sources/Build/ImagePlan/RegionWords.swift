// ImagePlan/RegionWords.swift: how an Armv7-M MPU spells a region (DDI 0403E, B3.5.8 and B3.5.9).
// It computes in both directions; the kernel's port is the one that writes them to the hardware.

/// What one region of the MPU is told: the words for RBAR and RASR.
public struct RegionWords: Codable, Equatable, Sendable {
  /// RBAR: the region's base, VALID (bit 4) and its slot (bits 0...3).
  public var base: UInt32
  /// RASR: XN, AP, TEX/S/C/B, disabled sub-regions, size and enable; 0 for an unused slot.
  public var attributes: UInt32

  /// Wraps two words.
  public init(base: UInt32, attributes: UInt32) {
    self.base = base
    self.attributes = attributes
  }

  /// The words that turn slot `slot` off.
  public static func unused(slot: Int) -> RegionWords {
    RegionWords(base: valid | UInt32(slot), attributes: 0)
  }

  /// The words of `region` with `access` in slot `slot` (0...7).
  public init(_ region: Region, access: Access, slot: Int) {
    base = region.base | Self.valid | UInt32(slot)
    let sizeField = UInt32(region.logSize - 1)
    attributes = access.bits | UInt32(region.disabled) << 8 | sizeField << 1 | Self.enable
  }

  /// What unprivileged code may do at `address` by this region; `nil` where it does not apply.
  ///
  /// It reads the words as the hardware does, so that a test can compare them with an intention.
  public func access(at address: UInt32) -> Access? {
    guard attributes & Self.enable != 0 else { return nil }
    let logSize = UInt64(attributes >> 1 & 31) + 1
    let start = UInt64(base & ~31) & ~((UInt64(1) << logSize) - 1)
    guard UInt64(address) >= start, UInt64(address) < start + (1 << logSize) else { return nil }
    let disabled = attributes >> 8 & 0xFF
    if logSize >= 8 {
      let subregion = (UInt64(address) - start) >> (logSize - 3)
      guard disabled >> UInt32(subregion) & 1 == 0 else { return nil }
    }
    return Access.allCases.first { $0.bits == attributes & 0xFFFF_0000 }
  }

  private static let valid: UInt32 = 0x10
  private static let enable: UInt32 = 1

  /// What a region allows to unprivileged code.
  public enum Access: CaseIterable, Sendable {
    /// Code and constants: read and execute, write-through.
    case execute
    /// A stack: read and write, never execute, write-back.
    case readWrite
    /// Registers: read and write, never execute, in order and unbuffered by caches.
    case device

    /// XN (28), AP (26...24), TEX (21...19), S (18), C (17), B (16) in their places.
    var bits: UInt32 {
      switch self {
      case .execute: 0b110 << 24 | 1 << 17
      case .readWrite: 1 << 28 | 0b011 << 24 | 1 << 18 | 1 << 17 | 1 << 16
      case .device: 1 << 28 | 0b011 << 24 | 1 << 18 | 1 << 16
      }
    }
  }
}
