// ELFKit/ELFFile.swift: an ELF32 little-endian file, read and checked as a whole.
// It never traps on a hostile file and never reads a byte of the machine's own environment.

/// An ELF32 little-endian file: header, sections, segments and symbols.
///
///     let file = try ELFFile(path: "kernel.elf")
///     let reset = file.symbol(named: "apus_reset")
///     let where = file.symbol(containing: 0x1234)?.name
///
/// Reading costs O(file) once; look-ups by name are O(1), by address O(log symbols).
public struct ELFFile: Sendable {
  public enum Kind: Sendable, Equatable {
    case object, executable, shared
    case other(UInt16)
  }

  /// The whole file.
  public let bytes: [UInt8]
  public let kind: Kind
  /// The processor's number; 40 is Arm.
  public let machine: UInt16
  /// The entry point as stored, Thumb bit included.
  public let entry: UInt32
  public let flags: UInt32
  public let sections: [ELFSection]
  public let segments: [ELFSegment]
  /// Every symbol of `.symtab`, in file order: index 0 is the null symbol.
  public let symbols: [ELFSymbol]
  let symbolsByName: [String: Int]
  /// Indices of functions and objects that have an address, sorted by it.
  let symbolsByAddress: [Int]

  public static let armMachine: UInt16 = 40

  /// Reads a file from its bytes.
  ///
  /// - Throws: an `ELFError` that names the first thing found wrong.
  public init(bytes: [UInt8]) throws(ELFError) {
    let header = try ELFHeader(bytes)
    let segments = try header.readSegments(bytes)
    let sections = try header.readSections(bytes)
    self.init(
      header: header, bytes: bytes, segments: segments, sections: sections,
      symbols: try SymbolTable.read(bytes, sections: sections))
  }

  private init(
    header: ELFHeader, bytes: [UInt8], segments: [ELFSegment], sections: [ELFSection],
    symbols: [ELFSymbol]
  ) {
    self.bytes = bytes
    kind = header.kind
    machine = header.machine
    entry = header.entry
    flags = header.flags
    self.segments = segments
    self.sections = sections
    self.symbols = symbols
    (symbolsByName, symbolsByAddress) = SymbolTable.index(symbols)
  }

  /// The first section of this name.
  public func section(named name: String) -> ELFSection? {
    sections.first { $0.name == name }
  }

  /// The bytes of a section; empty for one without any in the file.
  public func contents(of section: ELFSection) -> ArraySlice<UInt8> {
    bytes[section.fileRange]
  }

  /// A checked cursor over a section's bytes.
  public func cursor(over section: ELFSection) -> ByteCursor {
    ByteCursor(bytes, section.fileRange, what: section.name)
  }

  /// The bytes that the image holds for an address range, where it runs; nil if not all are there.
  public func bytes(at address: UInt32, count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0 else { return nil }
    let wanted = UInt64(address)..<(UInt64(address) + UInt64(count))
    func cut(_ start: UInt32, _ range: Range<Int>) -> ArraySlice<UInt8>? {
      let first = UInt64(start)
      guard first <= wanted.lowerBound, wanted.upperBound <= first + UInt64(range.count) else {
        return nil
      }
      let offset = range.lowerBound + Int(wanted.lowerBound - first)
      return bytes[offset..<(offset + count)]
    }
    for segment in segments where segment.isLoad {
      if let found = cut(segment.address, segment.fileRange) { return found }
    }
    for section in sections where section.isAllocated && section.kind != .noBits {
      if let found = cut(section.address, section.fileRange) { return found }
    }
    return nil
  }

  /// A little-endian word of the image, where it runs.
  public func word(at address: UInt32) -> UInt32? {
    guard let four = bytes(at: address, count: 4) else { return nil }
    return four.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
