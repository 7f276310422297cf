// ELFKit/DWARF/DebugInfoReader.swift: walks the entries of `.debug_info`, unit by unit.
// References to other entries are resolved at the end, when every entry has been seen.

/// The attributes of one entry that matter here, before references are resolved.
struct RawEntry {
  var name = AttributeValue.none
  var linkageName = AttributeValue.none
  var file: UInt64 = 0
  var line: UInt64 = 0
  var low: UInt32?
  var high: AttributeValue = .none
  var ranges = AttributeValue.none
  var byteCount: UInt64?
  var type: Int?
  var origin: Int?
  var location: ByteCursor?
  var upperBound: UInt64?
  var count: UInt64?
  // A unit's own.
  var directory = AttributeValue.none
  var producer = AttributeValue.none
  var lineTable: Int?
}

/// What later entries may refer to.
struct NamedEntry {
  var name: String
  var linkageName: String
  var place: SourcePlace
  var origin: Int?
  var type: Int?
}

/// Enough of a type to compute its size.
struct TypeEntry {
  var tag: UInt64
  var name: String
  var byteCount: Int?
  var base: Int?
  /// Elements of an array, once its subranges were read.
  var count: Int?
}

struct DebugInfoReader {
  struct Function {
    var entry: NamedEntry
    var address: UInt32
    var byteCount: UInt32
    var unit: Int
  }
  struct Variable {
    var entry: NamedEntry
    var address: UInt32
    var unit: Int
  }

  let file: ELFFile
  let base: Int
  /// True when code or data really starts at address 0, where linkers put what they discard.
  let hasZero: Bool
  var info = DebugInfo()
  var names: [Int: NamedEntry] = [:]
  var types: [Int: TypeEntry] = [:]
  var functions: [Function] = []
  var variables: [Variable] = []
  private var tables: [Int: AbbreviationTable] = [:]

  // The unit being read.
  private var unit = UnitEncoding(version: 4, addressByteCount: 4, start: 0)
  private var files: [String] = []
  private var stringOffsets = 8
  private var addressBase = 8
  private var rangeListBase = 0
  private var unitLow: UInt32 = 0

  init(file: ELFFile, base: Int) {
    self.file = file
    self.base = base
    hasZero = file.sections.contains { $0.isAllocated && $0.address == 0 && $0.byteCount > 0 }
  }

  mutating func readUnit(
    _ cursor: inout ByteCursor, start: Int, abbreviations: ELFSection
  ) throws(ELFError) {
    let version = try cursor.u16()
    guard (2...5).contains(version) else {
      throw .unsupported(what: ".debug_info version", found: Int(version), wanted: 5)
    }
    var unitType: UInt8 = 1
    if version >= 5 {
      unitType = try cursor.u8()
      unit.addressByteCount = Int(try cursor.u8())
    }
    let offset = Int(try cursor.u32())
    if version < 5 { unit.addressByteCount = Int(try cursor.u8()) }
    switch unitType {
    case 4, 5: try cursor.skip(8)  // skeleton and split units carry an identifier
    case 2, 6: try cursor.skip(12)  // type units: signature and offset
    default: break
    }
    unit.version = version
    unit.start = start - base
    let table = try table(at: offset, abbreviations)
    try readEntries(&cursor, table)
  }

  private mutating func table(
    at offset: Int, _ section: ELFSection
  ) throws(ELFError) -> AbbreviationTable {
    if let known = tables[offset] { return known }
    var cursor = file.cursor(over: section)
    try cursor.skip(offset)
    let table = try AbbreviationTable(&cursor)
    tables[offset] = table
    return table
  }

  private mutating func readEntries(
    _ cursor: inout ByteCursor, _ table: AbbreviationTable
  ) throws(ELFError) {
    var depth = 0
    var isFirst = true
    var openArray: Int?
    while !cursor.isAtEnd {
      let offset = cursor.offset - base
      let code = try cursor.uleb()
      if code == 0 {
        depth -= 1
        if depth <= 0 { return }
        continue
      }
      guard let shape = table[code] else {
        throw .malformed(what: ".debug_info: unknown abbreviation \(code)", offset: cursor.offset)
      }
      var entry = RawEntry()
      for attribute in shape.attributes {
        let value = try cursor.value(attribute, unit)
        if isFirst { noteUnit(attribute.attribute, value) }
        note(attribute.attribute, value, &entry)
      }
      if isFirst {
        try startUnit(entry)
      } else {
        try keep(entry, tag: shape.tag, at: offset, &openArray)
      }
      isFirst = false
      if shape.hasChildren { depth += 1 }
      if depth == 0 { return }
    }
  }

  /// The attributes of a unit that change how later attributes are read.
  private mutating func noteUnit(_ attribute: UInt64, _ value: AttributeValue) {
    switch (attribute, value) {
    case (0x72, .sectionOffset(let offset)): stringOffsets = offset
    case (0x73, .sectionOffset(let offset)): addressBase = offset
    case (0x74, .sectionOffset(let offset)): rangeListBase = offset
    default: break
    }
  }

  private func note(_ attribute: UInt64, _ value: AttributeValue, _ entry: inout RawEntry) {
    switch attribute {
    case 0x03: entry.name = value
    case 0x6e, 0x2007: entry.linkageName = value
    case 0x11: entry.low = address(value)
    case 0x12: entry.high = value
    case 0x55: entry.ranges = value
    case 0x3a: if let number = number(value) { entry.file = number }
    case 0x3b: if let number = number(value) { entry.line = number }
    case 0x0b: entry.byteCount = number(value)
    case 0x2f: entry.upperBound = number(value)
    case 0x37: entry.count = number(value)
    case 0x49: if case .reference(let offset) = value { entry.type = offset }
    case 0x31, 0x47: if case .reference(let offset) = value { entry.origin = offset }
    case 0x02: if case .expression(let bytes) = value { entry.location = bytes }
    case 0x1b: entry.directory = value
    case 0x25: entry.producer = value
    case 0x10: entry.lineTable = number(value).map { Int(min($0, 1 << 32)) }
    default: break
    }
  }

  private func number(_ value: AttributeValue) -> UInt64? {
    switch value {
    case .number(let number): number
    case .sectionOffset(let offset): UInt64(offset)
    default: nil
    }
  }

  private func address(_ value: AttributeValue) -> UInt32? {
    switch value {
    case .address(let address): return address
    case .addressIndex(let index):
      guard index < 1 << 30 else { return nil }
      return file.debugWord(".debug_addr", at: addressBase + 4 * Int(index))
    default: return nil
    }
  }

  func string(_ value: AttributeValue) throws(ELFError) -> String {
    switch value {
    case .inlineString(let text): return text
    case .string(let offset, let ofLines):
      return try file.debugString(at: offset, ofLineStrings: ofLines)
    case .stringIndex(let index):
      guard index < 1 << 30,
        let offset = file.debugWord(".debug_str_offsets", at: stringOffsets + 4 * Int(index))
      else { return "" }
      return try file.debugString(at: Int(offset), ofLineStrings: false)
    default: return ""
    }
  }

  private mutating func startUnit(_ entry: RawEntry) throws(ELFError) {
    let name = try string(entry.name)
    let directory = try string(entry.directory)
    info.units.append(
      DebugUnit(
        name: name, directory: directory, producer: try string(entry.producer),
        lineOffset: entry.lineTable ?? -1))
    unitLow = entry.low ?? 0
    files = []
    guard let offset = entry.lineTable else { return }
    files = try file.lineFiles(at: offset, directory: directory)
  }

  private func place(_ entry: RawEntry) -> SourcePlace {
    let file = entry.file < UInt64(files.count) ? files[Int(entry.file)] : ""
    return SourcePlace(file: file, line: Int(min(entry.line, UInt64(Int32.max))))
  }

  private func named(_ entry: RawEntry) throws(ELFError) -> NamedEntry {
    NamedEntry(
      name: try string(entry.name), linkageName: try string(entry.linkageName),
      place: place(entry), origin: entry.origin, type: entry.type)
  }

  private mutating func keep(
    _ entry: RawEntry, tag: UInt64, at offset: Int, _ openArray: inout Int?
  ) throws(ELFError) {
    switch tag {
    case 0x2e: try keepFunction(entry, at: offset)
    case 0x34: try keepVariable(entry, at: offset)
    case 0x21:
      guard let array = openArray else { return }
      let count = entry.count ?? entry.upperBound.map { $0 &+ 1 } ?? 0
      let product = (types[array]?.count ?? 1)
        .multipliedReportingOverflow(by: Int(min(count, 1 << 32)))
      types[array]?.count = product.overflow ? 0 : product.partialValue
    // array, class, enumeration, pointer, structure, typedef, union, base, const, volatile, ...
    case 0x01, 0x02, 0x04, 0x0f, 0x13, 0x16, 0x17, 0x24, 0x26, 0x35, 0x10, 0x15, 0x37:
      openArray = tag == 0x01 ? offset : nil
      try keepType(entry, tag: tag, at: offset)
    default: break
    }
  }

  private mutating func keepFunction(_ entry: RawEntry, at offset: Int) throws(ELFError) {
    let named = try named(entry)
    names[offset] = named
    for (low, high) in codeRanges(entry) where high > low && (low != 0 || hasZero) {
      functions.append(
        Function(entry: named, address: low & ~1, byteCount: high - low, unit: info.units.count - 1)
      )
    }
  }

  /// The parts of a function: one from low and high, or several from a range list.
  private func codeRanges(_ entry: RawEntry) -> [(UInt32, UInt32)] {
    if let low = entry.low {
      switch entry.high {
      case .number(let length): return [(low, low &+ UInt32(truncatingIfNeeded: length))]
      default:
        if let high = address(entry.high) { return [(low, high)] }
      }
    }
    guard unit.version < 5, case .sectionOffset(let offset) = entry.ranges else { return [] }
    var result: [(UInt32, UInt32)] = []
    var start = unitLow
    for index in 0..<4096 {
      guard let low = file.debugWord(".debug_ranges", at: offset + 8 * index),
        let high = file.debugWord(".debug_ranges", at: offset + 8 * index + 4),
        (low, high) != (0, 0)
      else { break }
      if low == UInt32.max { start = high } else { result.append((start &+ low, start &+ high)) }
    }
    return result
  }

  private mutating func keepVariable(_ entry: RawEntry, at offset: Int) throws(ELFError) {
    guard entry.location != nil || entry.origin == nil else { return }
    let named = try named(entry)
    names[offset] = named
    guard var location = entry.location, let code = try? location.u8() else { return }
    var address: UInt32?
    switch code {
    case 0x03 where location.remaining == 4: address = try? location.u32()
    case 0xa1, 0xfb: address = self.address(.addressIndex((try? location.uleb()) ?? .max))
    default: break
    }
    guard let address, address != 0 || hasZero else { return }
    variables.append(Variable(entry: named, address: address, unit: info.units.count - 1))
  }

  private mutating func keepType(_ entry: RawEntry, tag: UInt64, at offset: Int) throws(ELFError) {
    let name = try string(entry.name)
    let byteCount = entry.byteCount.map { Int(min($0, 1 << 32)) }
    types[offset] = TypeEntry(
      tag: tag, name: name, byteCount: byteCount ?? (tag == 0x0f || tag == 0x10 ? 4 : nil),
      base: entry.type, count: nil)
    if let byteCount, !name.isEmpty, [0x02, 0x04, 0x13, 0x17].contains(tag) {
      info.types.append(DebugType(name: name, byteCount: byteCount, place: place(entry)))
    }
  }
}
