// ELFKit/ELFImage.swift: writes one ELF from parts that have bytes, for QEMU and for debuggers.
// It reserves nothing: a part's size in memory is its size in the file, always.

/// An executable built from parts of other files.
///
/// QEMU's `-kernel` reserves the whole memory size of each segment and refuses an overlap; so the
/// image has only file-backed parts. Symbols are optional: with them a debugger and the plugin of
/// the counting tools see every task's names in one file.
public struct ELFImage: Sendable {
  /// A run of bytes at an address.
  public struct Part: Sendable {
    public var name: String
    /// Where it is loaded, and where it runs.
    public var address: UInt32
    public var bytes: [UInt8]
    public var isExecutable: Bool
    public var isWritable: Bool

    public init(
      name: String, address: UInt32, bytes: [UInt8], isExecutable: Bool = true,
      isWritable: Bool = false
    ) {
      self.name = name
      self.address = address
      self.bytes = bytes
      self.isExecutable = isExecutable
      self.isWritable = isWritable
    }
  }

  /// A name for an address.
  public struct Symbol: Sendable {
    public var name: String
    public var address: UInt32
    public var byteCount: UInt32
    /// A function's value gets the Thumb bit when written.
    public var isFunction: Bool

    public init(name: String, address: UInt32, byteCount: UInt32, isFunction: Bool) {
      self.name = name
      self.address = address
      self.byteCount = byteCount
      self.isFunction = isFunction
    }
  }

  /// The entry point as a debugger shall see it, Thumb bit included.
  public var entry: UInt32
  /// Parts without bytes are left out.
  public var parts: [Part]
  public var symbols: [Symbol]

  public init(entry: UInt32, parts: [Part], symbols: [Symbol] = []) {
    self.entry = entry
    self.parts = parts
    self.symbols = symbols
  }

  /// The file, the same bytes for the same value.
  public func serialized() -> [UInt8] {
    let parts = parts.filter { !$0.bytes.isEmpty }.sorted { $0.address < $1.address }
    var names = Strings()
    var symbolNames = Strings()
    let headerByteCount = 52 + 32 * parts.count
    var body: [UInt8] = []
    var segments: [UInt8] = []
    var sections = Self.words([UInt32](repeating: 0, count: 10))
    for part in parts {
      while (headerByteCount + body.count) % 4 != 0 { body.append(0) }
      let offset = UInt32(headerByteCount + body.count)
      let count = UInt32(part.bytes.count)
      let access: UInt32 = 4 | (part.isWritable ? 2 : 0) | (part.isExecutable ? 1 : 0)
      segments += Self.words([1, offset, part.address, part.address, count, count, access, 4])
      let flags: UInt32 = 2 | (part.isWritable ? 1 : 0) | (part.isExecutable ? 4 : 0)
      sections += Self.words([
        names.add(part.name), 1, flags, part.address, offset, count, 0, 0, 4, 0,
      ])
      body += part.bytes
    }
    let table = serializedSymbols(parts, &symbolNames)
    let sectionCount = parts.count + 4
    func append(
      _ name: String, _ type: UInt32, _ bytes: [UInt8], _ link: Int, _ info: UInt32, _ entry: UInt32
    ) {
      while (headerByteCount + body.count) % 4 != 0 { body.append(0) }
      let offset = UInt32(headerByteCount + body.count)
      let count = UInt32(bytes.count)
      sections += Self.words(
        [names.add(name), type, 0, 0, offset, count, UInt32(link), info, 4, entry])
      body += bytes
    }
    append(".symtab", 2, table, parts.count + 2, 1, 16)
    append(".strtab", 3, symbolNames.bytes, 0, 0, 0)
    _ = names.add(".shstrtab")
    append(".shstrtab", 3, names.bytes, 0, 0, 0)
    while (headerByteCount + body.count) % 4 != 0 { body.append(0) }
    let header = header(
      partCount: parts.count, sectionCount: sectionCount,
      sectionOffset: headerByteCount + body.count)
    return header + segments + body + sections
  }

  private func header(partCount: Int, sectionCount: Int, sectionOffset: Int) -> [UInt8] {
    var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    bytes += [2, 0, UInt8(ELFFile.armMachine), 0]
    bytes += Self.words([1, entry, 52, UInt32(sectionOffset), 0x0500_0200])  // EABI 5, soft float.
    for half in [52, 32, partCount, 40, sectionCount, sectionCount - 1] {
      bytes += [UInt8(half & 0xff), UInt8(half >> 8 & 0xff)]
    }
    return bytes
  }

  private func serializedSymbols(_ parts: [Part], _ names: inout Strings) -> [UInt8] {
    var bytes = Self.words([0, 0, 0, 0])
    for symbol in symbols {
      let home = parts.firstIndex {
        symbol.address >= $0.address
          && UInt64(symbol.address) < UInt64($0.address) + UInt64($0.bytes.count)
      }
      let section = UInt32(home.map { $0 + 1 } ?? 0xfff1)
      let value = symbol.isFunction ? symbol.address | 1 : symbol.address
      let info: UInt32 = 0x10 | (symbol.isFunction ? 2 : 1)
      bytes += Self.words([names.add(symbol.name), value, symbol.byteCount, info | section << 16])
    }
    return bytes
  }

  private static func words(_ values: [UInt32]) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) } }
  }

  /// A string table that grows; equal strings are stored once.
  private struct Strings {
    var bytes: [UInt8] = [0]
    private var offsets: [String: UInt32] = ["": 0]

    mutating func add(_ text: String) -> UInt32 {
      if let offset = offsets[text] { return offset }
      let offset = UInt32(bytes.count)
      bytes += Array(text.utf8) + [0]
      offsets[text] = offset
      return offset
    }
  }
}

extension ELFImage {
  /// The file-backed parts of a linked file's load segments, at their load addresses.
  public static func parts(of file: ELFFile, name: String) -> [Part] {
    var result: [Part] = []
    for segment in file.segments where segment.isLoad && segment.fileByteCount > 0 {
      result.append(
        Part(
          name: result.isEmpty ? name : "\(name).\(result.count)", address: segment.loadAddress,
          bytes: Array(file.bytes[segment.fileRange]), isExecutable: segment.isExecutable,
          isWritable: segment.isWritable))
    }
    return result
  }

  /// The named functions and objects of a linked file, each with `prefix` before its name.
  public static func symbols(of file: ELFFile, prefix: String = "") -> [Symbol] {
    file.symbolsInAddressOrder.map {
      Symbol(
        name: prefix + $0.name, address: $0.address, byteCount: $0.byteCount,
        isFunction: $0.kind == .function)
    }
  }
}
