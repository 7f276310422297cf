// ELFKit/DWARF/LineProgram.swift: runs the line number programs of `.debug_line`.
// Every count in a header is bounded by the bytes that are left.

extension ELFFile {
  /// Reads every line table of the file; empty when there is none.
  ///
  /// - Parameter info: completes the relative paths of older tables by their units' directories.
  public func lineTable(info: DebugInfo = DebugInfo()) throws(ELFError) -> LineTable {
    var table = LineTable()
    guard let section = section(named: ".debug_line") else { return table }
    table.hasZero = sections.contains { $0.isExecutable && $0.address == 0 && $0.byteCount > 0 }
    var cursor = cursor(over: section)
    var directories: [Int: String] = [:]
    for unit in info.units where unit.lineOffset >= 0 {
      directories[unit.lineOffset] = unit.directory
    }
    while cursor.remaining >= 4 {
      let directory = directories[cursor.offset - section.fileRange.lowerBound] ?? ""
      var unit = try cursor.unit(of: ".debug_line")
      var program = try LineProgram(&unit, file: self, table: &table, directory: directory)
      try program.run(&unit, &table)
    }
    table.finish()
    return table
  }

  /// The file names of the unit whose line table starts at `offset`; empty when there is none.
  func lineFiles(at offset: Int, directory: String) throws(ELFError) -> [String] {
    guard let section = section(named: ".debug_line"), offset < section.fileRange.count else {
      return []
    }
    var cursor = cursor(over: section)
    try cursor.skip(offset)
    var unit = try cursor.sub(Int(try cursor.u32()), what: ".debug_line")
    var scratch = LineTable()
    let program = try LineProgram(&unit, file: self, table: &scratch, directory: directory)
    return program.fileIndices.map { $0 < 0 ? "" : scratch.files[Int($0)] }
  }
}

/// One unit of `.debug_line`: its header, then the state of its program.
struct LineProgram {
  private var version: UInt16
  private var minimumInstruction: UInt32 = 1
  private var lineBase: Int32 = 0
  private var lineRange: UInt8 = 1
  private var opcodeLengths: [UInt8] = []
  /// The position in `LineTable.files` of each of the unit's files.
  private(set) var fileIndices: [Int32] = []

  private var row = LineTable.Row(address: 0, file: 1, line: 1, isEnd: false)
  private var sequence: [LineTable.Row] = []

  init(
    _ unit: inout ByteCursor, file: ELFFile, table: inout LineTable, directory: String = ""
  ) throws(ELFError) {
    version = try unit.u16()
    guard (2...5).contains(version) else {
      throw .unsupported(what: ".debug_line version", found: Int(version), wanted: 5)
    }
    if version >= 5 { try unit.skip(2) }
    let headerByteCount = Int(try unit.u32())
    var header = try unit.sub(headerByteCount, what: ".debug_line header")
    minimumInstruction = UInt32(try header.u8())
    if version >= 4 { try header.skip(1) }
    try header.skip(1)
    lineBase = Int32(Int8(bitPattern: try header.u8()))
    lineRange = try header.u8()
    let opcodeBase = try header.u8()
    for _ in 1..<max(opcodeBase, 1) { opcodeLengths.append(try header.u8()) }
    if version >= 5 {
      try readNames5(&header, file, &table)
    } else {
      try readNames(&header, &table, directory)
    }
  }

  private static func join(_ directory: String, _ name: String) -> String {
    name.hasPrefix("/") || directory.isEmpty ? name : "\(directory)/\(name)"
  }

  private mutating func readNames(
    _ header: inout ByteCursor, _ table: inout LineTable, _ directory: String
  ) throws(ELFError) {
    var directories = [directory]
    while true {
      let name = try header.string()
      if name.isEmpty { break }
      directories.append(Self.join(directory, name))
    }
    fileIndices = [-1]
    while true {
      let name = try header.string()
      if name.isEmpty { break }
      let index = try header.uleb()
      _ = try header.uleb()
      _ = try header.uleb()
      let directory = index < UInt64(directories.count) ? directories[Int(index)] : ""
      fileIndices.append(table.intern(Self.join(directory, name)))
    }
  }

  private mutating func readNames5(
    _ header: inout ByteCursor, _ file: ELFFile, _ table: inout LineTable
  ) throws(ELFError) {
    let directories = try readEntries(&header, file).map(\.name)
    let root = directories.first ?? ""
    for entry in try readEntries(&header, file) {
      var directory = ""
      if entry.directory < UInt64(directories.count) {
        directory = Self.join(root, directories[Int(entry.directory)])
      }
      fileIndices.append(table.intern(Self.join(directory, entry.name)))
    }
  }

  private func readEntries(
    _ header: inout ByteCursor, _ file: ELFFile
  ) throws(ELFError) -> [(name: String, directory: UInt64)] {
    var shapes: [AttributeShape] = []
    for _ in 0..<(try header.u8()) {
      let kind = try header.uleb()
      shapes.append(AttributeShape(attribute: kind, form: try header.uleb(), constant: 0))
    }
    let count = try header.uleb()
    guard count <= UInt64(header.remaining) else {
      throw .outOfBounds(
        what: ".debug_line names", offset: header.offset, byteCount: Int(min(count, 1 << 32)),
        limit: header.end)
    }
    let unit = UnitEncoding(version: 5, addressByteCount: 4, start: 0)
    var result: [(name: String, directory: UInt64)] = []
    for _ in 0..<count {
      var entry = (name: "", directory: UInt64(0))
      for shape in shapes {
        let value = try header.value(shape, unit)
        switch (shape.attribute, value) {
        case (1, .inlineString(let text)): entry.name = text
        case (1, .string(let offset, let ofLines)):
          entry.name = try file.debugString(at: offset, ofLineStrings: ofLines)
        case (2, .number(let index)): entry.directory = index
        default: break
        }
      }
      result.append(entry)
    }
    return result
  }

  private mutating func emit(isEnd: Bool = false) {
    var copy = row
    copy.isEnd = isEnd
    let file = Int(row.file)
    copy.file = fileIndices.indices.contains(file) ? fileIndices[file] : -1
    sequence.append(copy)
  }

  private mutating func advance(_ operations: UInt64) {
    row.address &+= UInt32(truncatingIfNeeded: operations) &* minimumInstruction
  }

  private mutating func advanceLine(_ delta: Int64) {
    row.line = row.line &+ Int32(truncatingIfNeeded: delta)
  }

  mutating func run(_ unit: inout ByteCursor, _ table: inout LineTable) throws(ELFError) {
    let opcodeBase = UInt8(opcodeLengths.count + 1)
    while !unit.isAtEnd {
      let code = try unit.u8()
      if code >= opcodeBase {
        let adjusted = code - opcodeBase
        guard lineRange > 0 else { throw .malformed(what: "line range 0", offset: unit.offset) }
        advance(UInt64(adjusted / lineRange))
        advanceLine(Int64(lineBase) + Int64(adjusted % lineRange))
        emit()
      } else if code == 0 {
        try runExtended(&unit, &table)
      } else {
        try runStandard(code, &unit)
      }
    }
  }

  private mutating func runStandard(_ code: UInt8, _ unit: inout ByteCursor) throws(ELFError) {
    switch code {
    case 1: emit()
    case 2: advance(try unit.uleb())
    case 3: advanceLine(try unit.sleb())
    case 4: row.file = Int32(truncatingIfNeeded: try unit.uleb())
    case 5: _ = try unit.uleb()
    case 8:
      guard lineRange > 0 else { throw .malformed(what: "line range 0", offset: unit.offset) }
      advance(UInt64((255 - UInt8(opcodeLengths.count + 1)) / lineRange))
    case 9: row.address &+= UInt32(try unit.u16())
    case 6, 7, 10, 11: break
    case 12: _ = try unit.uleb()
    default: for _ in 0..<opcodeLengths[Int(code) - 1] { _ = try unit.uleb() }
    }
  }

  private mutating func runExtended(
    _ unit: inout ByteCursor, _ table: inout LineTable
  ) throws(ELFError) {
    let byteCount = try unit.uleb()
    var operation = try unit.sub(Int(min(byteCount, UInt64(UInt32.max))), what: ".debug_line")
    guard !operation.isAtEnd else { return }
    switch try operation.u8() {
    case 1:
      emit(isEnd: true)
      table.append(sequence: sequence)
      sequence = []
      row = LineTable.Row(address: 0, file: 1, line: 1, isEnd: false)
    case 2:
      row.address = UInt32(
        truncatingIfNeeded: try operation.unsigned(byteCount: operation.remaining))
    default: break
    }
  }
}
