// ELFKit/DWARF/Abbreviations.swift: `.debug_abbrev`, the shapes of debugging entries.
// A table is read once for each offset that a unit names.

/// One attribute of a shape.
struct AttributeShape {
  var attribute: UInt64
  var form: UInt64
  /// The value of `DW_FORM_implicit_const`.
  var constant: Int64
}

/// The shape of a debugging entry.
struct EntryShape {
  var tag: UInt64
  var hasChildren: Bool
  var attributes: [AttributeShape]
}

/// Shapes by their code; codes are dense in practice, so that an array serves.
struct AbbreviationTable {
  private var dense: [EntryShape?] = []
  private var sparse: [UInt64: EntryShape] = [:]

  init(_ cursor: inout ByteCursor) throws(ELFError) {
    while true {
      let code = try cursor.uleb()
      guard code != 0 else { return }
      let tag = try cursor.uleb()
      let hasChildren = try cursor.u8() != 0
      var attributes: [AttributeShape] = []
      while true {
        let attribute = try cursor.uleb()
        let form = try cursor.uleb()
        let constant = form == Form.implicitConstant ? try cursor.sleb() : 0
        if attribute == 0, form == 0 { break }
        attributes.append(AttributeShape(attribute: attribute, form: form, constant: constant))
      }
      let shape = EntryShape(tag: tag, hasChildren: hasChildren, attributes: attributes)
      if code == UInt64(dense.count) + 1 { dense.append(shape) } else { sparse[code] = shape }
    }
  }

  subscript(code: UInt64) -> EntryShape? {
    code <= UInt64(dense.count) ? dense[Int(code) - 1] : sparse[code]
  }
}

/// The encodings of attribute values that need a name.
enum Form {
  static let implicitConstant: UInt64 = 0x21
}

/// The value of an attribute, as far as this reader interprets it.
enum AttributeValue {
  case none
  case address(UInt32)
  case addressIndex(UInt64)
  case number(UInt64)
  case string(Int, ofLineStrings: Bool)
  case inlineString(String)
  case stringIndex(UInt64)
  /// A reference to another entry, as an offset in `.debug_info`.
  case reference(Int)
  case sectionOffset(Int)
  case expression(ByteCursor)
}

/// What a unit's header says that changes how forms are read.
struct UnitEncoding {
  var version: UInt16
  var addressByteCount: Int
  /// The unit's start, counted from the start of `.debug_info`.
  var start: Int
}

extension ByteCursor {
  /// Reads, or at least passes over, a value of this form.
  mutating func value(
    _ shape: AttributeShape, _ unit: UnitEncoding
  ) throws(ELFError) -> AttributeValue {
    switch shape.form {
    case 0x01:
      let raw = try unsigned(byteCount: unit.addressByteCount)
      return .address(UInt32(truncatingIfNeeded: raw))
    case 0x0b, 0x0c: return .number(UInt64(try u8()))
    case 0x05: return .number(UInt64(try u16()))
    case 0x06: return .number(UInt64(try u32()))
    case 0x07: return .number(try u64())
    case 0x0d: return .number(UInt64(bitPattern: try sleb()))
    case 0x0f: return .number(try uleb())
    case 0x19: return .number(1)
    case Form.implicitConstant: return .number(UInt64(bitPattern: shape.constant))
    case 0x08: return .inlineString(try string())
    case 0x0e: return .string(Int(try u32()), ofLineStrings: false)
    case 0x1f: return .string(Int(try u32()), ofLineStrings: true)
    case 0x17: return .sectionOffset(Int(try u32()))
    case 0x1a: return .stringIndex(try uleb())
    case 0x25: return .stringIndex(UInt64(try u8()))
    case 0x26: return .stringIndex(UInt64(try u16()))
    case 0x27: return .stringIndex(UInt64(try u16()) | UInt64(try u8()) << 16)
    case 0x28: return .stringIndex(UInt64(try u32()))
    case 0x1b: return .addressIndex(try uleb())
    case 0x29: return .addressIndex(UInt64(try u8()))
    case 0x2a: return .addressIndex(UInt64(try u16()))
    case 0x2b: return .addressIndex(UInt64(try u16()) | UInt64(try u8()) << 16)
    case 0x2c: return .addressIndex(UInt64(try u32()))
    case 0x11: return .reference(unit.start + Int(try u8()))
    case 0x12: return .reference(unit.start + Int(try u16()))
    case 0x13: return .reference(unit.start + Int(try u32()))
    case 0x14: return .reference(unit.start + Int(UInt32(truncatingIfNeeded: try u64())))
    case 0x15: return .reference(unit.start + Int(UInt32(truncatingIfNeeded: try uleb())))
    case 0x10:
      let byteCount = unit.version <= 2 ? unit.addressByteCount : 4
      return .reference(Int(UInt32(truncatingIfNeeded: try unsigned(byteCount: byteCount))))
    default: return try blockValue(shape, unit)
    }
  }

  private mutating func blockValue(
    _ shape: AttributeShape, _ unit: UnitEncoding
  ) throws(ELFError) -> AttributeValue {
    func bounded(_ value: UInt64) -> Int { Int(min(value, UInt64(UInt32.max))) }
    switch shape.form {
    case 0x18, 0x09: return .expression(try sub(bounded(try uleb()), what: "DWARF block"))
    case 0x0a: return .expression(try sub(Int(try u8()), what: "DWARF block"))
    case 0x03: return .expression(try sub(Int(try u16()), what: "DWARF block"))
    case 0x04: return .expression(try sub(Int(try u32()), what: "DWARF block"))
    case 0x1e: try skip(16)
    case 0x20: try skip(8)
    case 0x1c, 0x1d: try skip(4)
    case 0x22, 0x23: return .sectionOffset(bounded(try uleb()))
    case 0x24: try skip(8)
    case 0x16:
      let form = try uleb()
      guard form != 0x16 else { throw .malformed(what: "DWARF form", offset: offset) }
      return try value(
        AttributeShape(attribute: shape.attribute, form: form, constant: 0), unit)
    default: throw .unsupported(what: "DWARF form", found: bounded(shape.form), wanted: 0x2c)
    }
    return .none
  }
}
