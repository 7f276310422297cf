// ELFKit/ELFHeader.swift: the ELF header and the two tables it points to.
// Counts and offsets from the file are used only after they were checked against its size.

/// The fields of the 52-byte header that the reader needs.
struct ELFHeader {
  var kind: ELFFile.Kind
  var machine: UInt16
  var entry: UInt32
  var flags: UInt32
  var programOffset: Int
  var programEntryByteCount: Int
  var programCount: Int
  var sectionOffset: Int
  var sectionEntryByteCount: Int
  var sectionCount: Int
  var nameSection: Int

  init(_ bytes: [UInt8]) throws(ELFError) {
    guard bytes.count >= 4, bytes[0] == 0x7f, bytes[1] == 0x45, bytes[2] == 0x4c, bytes[3] == 0x46
    else { throw .notELF(firstBytes: Array(bytes.prefix(4))) }
    var cursor = ByteCursor(bytes, what: "ELF header")
    try cursor.skip(4)
    let fileClass = try cursor.u8()
    guard fileClass == 1 else {
      throw .unsupported(what: "ELF class", found: Int(fileClass), wanted: 1)
    }
    let order = try cursor.u8()
    guard order == 1 else { throw .unsupported(what: "byte order", found: Int(order), wanted: 1) }
    try cursor.skip(10)
    let type = try cursor.u16()
    switch type {
    case 1: kind = .object
    case 2: kind = .executable
    case 3: kind = .shared
    default: kind = .other(type)
    }
    machine = try cursor.u16()
    try cursor.skip(4)
    entry = try cursor.u32()
    programOffset = Int(try cursor.u32())
    sectionOffset = Int(try cursor.u32())
    flags = try cursor.u32()
    try cursor.skip(2)
    programEntryByteCount = Int(try cursor.u16())
    programCount = Int(try cursor.u16())
    sectionEntryByteCount = Int(try cursor.u16())
    sectionCount = Int(try cursor.u16())
    nameSection = Int(try cursor.u16())
    try readExtendedCounts(bytes)
  }

  /// Files with 65,280 sections or more keep the counts in section 0.
  private mutating func readExtendedCounts(_ bytes: [UInt8]) throws(ELFError) {
    guard sectionOffset != 0, sectionCount == 0 || nameSection == 0xffff else { return }
    var cursor = ByteCursor(bytes, what: "section header 0")
    try cursor.move(to: sectionOffset)
    try cursor.skip(20)
    let count = Int(try cursor.u32())
    let link = Int(try cursor.u32())
    if sectionCount == 0 { sectionCount = count }
    if nameSection == 0xffff { nameSection = link }
  }

  /// A cursor over a whole table, once it is known to lie inside the file.
  private func table(
    _ bytes: [UInt8], at offset: Int, count: Int, entry: Int, minimum: Int, what: String
  ) throws(ELFError) -> ByteCursor {
    guard entry >= minimum else {
      throw .unsupported(what: "size of a \(what)", found: entry, wanted: minimum)
    }
    let byteCount = count * entry  // Both are 32 bits or less: the product fits.
    guard offset <= bytes.count, byteCount <= bytes.count - offset else {
      throw .outOfBounds(
        what: "\(what) table", offset: offset, byteCount: byteCount, limit: bytes.count)
    }
    return ByteCursor(bytes, offset..<(offset + byteCount), what: what)
  }

  func readSegments(_ bytes: [UInt8]) throws(ELFError) -> [ELFSegment] {
    guard programCount > 0 else { return [] }
    var all = try table(
      bytes, at: programOffset, count: programCount, entry: programEntryByteCount, minimum: 32,
      what: "program header")
    var result: [ELFSegment] = []
    for index in 0..<programCount {
      var cursor = try all.sub(programEntryByteCount, what: "program header \(index)")
      let type = try cursor.u32()
      let offset = Int(try cursor.u32())
      let address = try cursor.u32()
      let loadAddress = try cursor.u32()
      let fileByteCount = Int(try cursor.u32())
      let memoryByteCount = try cursor.u32()
      let flags = try cursor.u32()
      let alignment = try cursor.u32()
      guard offset + fileByteCount <= bytes.count || fileByteCount == 0 else {
        throw .outOfBounds(
          what: "segment \(index)", offset: offset, byteCount: fileByteCount, limit: bytes.count)
      }
      let start = fileByteCount == 0 ? 0 : offset
      result.append(
        ELFSegment(
          index: index, type: type, flags: flags, fileRange: start..<(start + fileByteCount),
          address: address, loadAddress: loadAddress, memoryByteCount: memoryByteCount,
          alignment: alignment))
    }
    return result
  }

  func readSections(_ bytes: [UInt8]) throws(ELFError) -> [ELFSection] {
    guard sectionOffset != 0, sectionCount > 0 else { return [] }
    var all = try table(
      bytes, at: sectionOffset, count: sectionCount, entry: sectionEntryByteCount, minimum: 40,
      what: "section header")
    var raw: [(fields: [UInt32], range: Range<Int>)] = []
    for index in 0..<sectionCount {
      var cursor = try all.sub(sectionEntryByteCount, what: "section header \(index)")
      var fields: [UInt32] = []
      for _ in 0..<10 { fields.append(try cursor.u32()) }
      // NOBITS and the null section own no bytes, whatever their offset says.
      let owns = fields[1] != 8 && fields[1] != 0
      let offset = owns ? Int(fields[4]) : 0
      let byteCount = owns ? Int(fields[5]) : 0
      guard offset + byteCount <= bytes.count else {
        throw .outOfBounds(
          what: "section \(index)", offset: offset, byteCount: byteCount, limit: bytes.count)
      }
      raw.append((fields, offset..<(offset + byteCount)))
    }
    if nameSection != 0, nameSection >= raw.count {
      throw .badIndex(what: "section name table", index: nameSection, count: raw.count)
    }
    var result: [ELFSection] = []
    for (index, entry) in raw.enumerated() {
      var name = ""
      if nameSection != 0 {
        name = try StringTable.string(
          bytes, raw[nameSection].range, at: Int(entry.fields[0]), what: "section names")
      }
      result.append(ELFSection(index: index, name: name, fields: entry.fields, range: entry.range))
    }
    return result
  }
}

extension ELFSection {
  /// Builds a section from the ten words of its header.
  init(index: Int, name: String, fields: [UInt32], range: Range<Int>) {
    self.init(
      index: index, name: name, kind: Kind(fields[1]), flags: fields[2], address: fields[3],
      fileRange: range, byteCount: fields[5], link: Int(fields[6]), info: Int(fields[7]),
      alignment: fields[8], entryByteCount: Int(fields[9]))
  }
}

/// A section of zero-terminated strings.
enum StringTable {
  static func string(
    _ bytes: [UInt8], _ range: Range<Int>, at offset: Int, what: String
  ) throws(ELFError) -> String {
    guard offset < range.count else {
      // An empty table may still be asked for its string 0.
      if offset == 0 { return "" }
      throw .outOfBounds(what: what, offset: offset, byteCount: 1, limit: range.count)
    }
    var cursor = ByteCursor(bytes, (range.lowerBound + offset)..<range.upperBound, what: what)
    return try cursor.string()
  }
}
