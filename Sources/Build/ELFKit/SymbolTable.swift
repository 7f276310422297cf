// ELFKit/SymbolTable.swift: reads `.symtab` and answers by name and by address.
// It keeps every symbol; which of them are worth showing is the caller's decision.

enum SymbolTable {
  private static let entryByteCount = 16

  static func read(_ bytes: [UInt8], sections: [ELFSection]) throws(ELFError) -> [ELFSymbol] {
    guard let table = sections.first(where: { $0.kind == .symbolTable }) else { return [] }
    guard table.link < sections.count else {
      throw .badIndex(what: "string table of .symtab", index: table.link, count: sections.count)
    }
    let names = sections[table.link].fileRange
    let count = table.fileRange.count / entryByteCount
    var cursor = ByteCursor(bytes, table.fileRange, what: "symbol table")
    // Names may share tails, but a small file must not unfold into gigabytes of them.
    var nameBudget = (1 << 20) + 16 * bytes.count
    var result: [ELFSymbol] = []
    result.reserveCapacity(count)
    var file: String?
    for index in 0..<count {
      let symbol = try read(
        &cursor, index: index, names: names, bytes: bytes, file: file,
        sectionCount: sections.count)
      nameBudget -= symbol.name.utf8.count
      guard nameBudget >= 0 else {
        throw .malformed(what: "symbol names (too long in total)", offset: names.lowerBound)
      }
      if symbol.kind == .file { file = symbol.name.isEmpty ? nil : symbol.name }
      result.append(symbol)
    }
    return result
  }

  private static func read(
    _ cursor: inout ByteCursor, index: Int, names: Range<Int>, bytes: [UInt8], file: String?,
    sectionCount: Int
  ) throws(ELFError) -> ELFSymbol {
    let nameOffset = Int(try cursor.u32())
    let value = try cursor.u32()
    let byteCount = try cursor.u32()
    let info = try cursor.u8()
    try cursor.skip(1)
    let sectionIndex = Int(try cursor.u16())
    let name = try StringTable.string(bytes, names, at: nameOffset, what: "symbol names")
    let home: ELFSymbol.Home
    switch sectionIndex {
    case 0: home = .undefined
    case 0xfff1: home = .absolute
    case 0xfff2: home = .common
    case 0..<sectionCount: home = .section(sectionIndex)
    // Extended indices (SHN_XINDEX) and processor sections: the address alone places the symbol.
    case 0xff00...: home = .absolute
    default:
      throw .badIndex(what: "section of symbol '\(name)'", index: sectionIndex, count: sectionCount)
    }
    let kind = ELFSymbol.Kind(rawValue: info & 15) ?? .other
    let binding = ELFSymbol.Binding(rawValue: info >> 4) ?? .other
    let isThumb = kind == .function && value & 1 == 1
    return ELFSymbol(
      index: index, name: name, address: isThumb ? value & ~1 : value, byteCount: byteCount,
      kind: kind, binding: binding, home: home, isThumb: isThumb,
      file: binding == .local ? file : nil)
  }

  /// Builds the two look-up tables; a global name wins over a local one.
  static func index(_ symbols: [ELFSymbol]) -> (byName: [String: Int], byAddress: [Int]) {
    var byName: [String: Int] = [:]
    var byAddress: [Int] = []
    for symbol in symbols where symbol.isDefined && !symbol.name.isEmpty {
      if symbol.mapping == nil, symbol.kind != .file, symbol.kind != .section {
        if let old = byName[symbol.name] {
          if symbols[old].binding == .local, symbol.binding != .local {
            byName[symbol.name] = symbol.index
          }
        } else {
          byName[symbol.name] = symbol.index
        }
        if symbol.kind == .function || symbol.kind == .object || symbol.byteCount > 0 {
          byAddress.append(symbol.index)
        }
      }
    }
    byAddress.sort {
      (symbols[$0].address, symbols[$0].byteCount, $0) < (
        symbols[$1].address, symbols[$1].byteCount, $1
      )
    }
    return (byName, byAddress)
  }
}

extension ELFFile {
  /// The defined symbol of this name; a global one wins over a local one.
  public func symbol(named name: String) -> ELFSymbol? {
    symbolsByName[name].map { symbols[$0] }
  }

  /// The function or object whose range holds `address`; the smallest if several do.
  ///
  /// A symbol without a size (assembly) reaches up to the next symbol of its section.
  public func symbol(containing address: UInt32) -> ELFSymbol? {
    var low = 0
    var high = symbolsByAddress.count
    while low < high {
      let middle = (low + high) / 2
      if symbols[symbolsByAddress[middle]].address <= address {
        low = middle + 1
      } else {
        high = middle
      }
    }
    // A few enclosing symbols may start earlier; the bound keeps hostile tables cheap.
    var sizeless: ELFSymbol?
    for position in stride(from: low - 1, through: max(0, low - 64), by: -1) where position >= 0 {
      let symbol = symbols[symbolsByAddress[position]]
      if UInt64(address) < UInt64(symbol.address) + UInt64(symbol.byteCount) { return symbol }
      if symbol.byteCount == 0, sizeless == nil, position == low - 1 { sizeless = symbol }
    }
    guard let sizeless, case .section(let index) = sizeless.home,
      sections[index].addressRange.contains(UInt64(address))
    else { return nil }
    return sizeless
  }

  /// Functions and objects in address order.
  public var symbolsInAddressOrder: [ELFSymbol] { symbolsByAddress.map { symbols[$0] } }

  /// Every relocation of the file, in section order.
  ///
  /// - Throws: `badIndex` when one names a symbol or a section that does not exist.
  public func relocations() throws(ELFError) -> [ELFRelocation] {
    var result: [ELFRelocation] = []
    for section in sections {
      let hasAddend = section.kind == .relocationsWithAddend
      guard hasAddend || section.kind == .relocations else { continue }
      guard section.info < sections.count else {
        throw .badIndex(
          what: "target of '\(section.name)'", index: section.info, count: sections.count)
      }
      var cursor = cursor(over: section)
      let entry = hasAddend ? 12 : 8
      while cursor.remaining >= entry {
        let offset = try cursor.u32()
        let info = try cursor.u32()
        let addend = hasAddend ? Int32(bitPattern: try cursor.u32()) : nil
        let symbol = Int(info >> 8)
        guard symbol < max(symbols.count, 1) else {
          throw .badIndex(
            what: "relocation in '\(section.name)'", index: symbol, count: symbols.count)
        }
        result.append(
          ELFRelocation(
            section: section.info, offset: offset, type: UInt8(info & 0xff), symbol: symbol,
            addend: addend))
      }
    }
    return result
  }
}
