// ELFKit/ArmAttributes.swift: what `.ARM.attributes` says about the processor an image is built for.
// Unknown tags are skipped, as the ABI asks (IHI 0045, section 2).

/// The build attributes that a footprint tool cares about.
public struct ArmAttributes: Sendable, Equatable {
  /// Tag_CPU_name, for example `cortex-m3`; nil when absent.
  public var cpuName: String?
  /// Tag_CPU_arch: 10 is v7, 13 is v7E-M, 17 is v8-M main.
  public var architecture: UInt64?
  /// Tag_CPU_arch_profile as a letter's code: 77 is M, 65 A, 82 R.
  public var profile: UInt64?
  /// Tag_FP_arch: 0 or nil means no floating-point hardware is used.
  public var floatingPoint: UInt64?

  public init(cpuName: String? = nil, architecture: UInt64? = nil, floatingPoint: UInt64? = nil) {
    self.cpuName = cpuName
    self.architecture = architecture
    self.floatingPoint = floatingPoint
  }

  /// The architecture's usual name; nil when unknown.
  public var architectureName: String? {
    switch architecture {
    case 10: profile == 77 ? "armv7-m" : "armv7"
    case 11: "armv6-m"
    case 12: "armv6s-m"
    case 13: "armv7e-m"
    case 16: "armv8-m.base"
    case 17: "armv8-m.main"
    case 21: "armv8.1-m.main"
    default: nil
    }
  }
}

extension ELFFile {
  /// Reads `.ARM.attributes`; nil when the file has none.
  public func armAttributes() throws(ELFError) -> ArmAttributes? {
    guard let section = sections.first(where: { $0.kind == .armAttributes }) else { return nil }
    var cursor = cursor(over: section)
    var result = ArmAttributes()
    guard try cursor.u8() == UInt8(ascii: "A") else {
      throw .malformed(what: "format of .ARM.attributes", offset: section.fileRange.lowerBound)
    }
    while !cursor.isAtEnd {
      let byteCount = Int(try cursor.u32())
      var vendor = try cursor.sub(byteCount - 4, what: ".ARM.attributes")
      let isStandard = try vendor.string() == "aeabi"
      while isStandard, !vendor.isAtEnd {
        let scope = try vendor.u8()
        let byteCount = Int(try vendor.u32())
        var tags = try vendor.sub(byteCount - 5, what: ".ARM.attributes")
        // Scope 1 is the whole file; sections and symbols (2, 3) do not concern an image.
        if scope == 1 { try Self.read(&tags, into: &result) }
      }
    }
    return result
  }

  private static func read(
    _ tags: inout ByteCursor, into result: inout ArmAttributes
  ) throws(ELFError) {
    while !tags.isAtEnd {
      let tag = try tags.uleb()
      switch tag {
      case 4: try tags.skipString()
      case 5: result.cpuName = try tags.string()
      case 6: result.architecture = try tags.uleb()
      case 7: result.profile = try tags.uleb()
      case 10: result.floatingPoint = try tags.uleb()
      case 32:
        _ = try tags.uleb()
        try tags.skipString()
      // From 32 on, odd tags hold a string; below, all but 4 and 5 a number.
      case 33... where tag % 2 == 1: try tags.skipString()
      default: _ = try tags.uleb()
      }
    }
  }
}
