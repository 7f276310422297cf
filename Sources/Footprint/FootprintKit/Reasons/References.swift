// FootprintKit/Reasons/References.swift: who refers to whom in a linked image.
// Branches are decoded and words compared with addresses: no relocation is needed, none is ignored.

import ELFKit

/// The references between the symbols of an image.
struct References {
  struct Reference: Hashable {
    var target: Int
    /// How: a call, a jump, or an address in a table or literal.
    var how: String
    var site: UInt32
  }

  let file: ELFFile
  /// Symbols that occupy bytes, sorted by address.
  let symbols: [ELFSymbol]
  /// For each symbol what it refers to.
  private(set) var outgoing: [[Reference]] = []

  init(_ file: ELFFile) {
    self.file = file
    symbols = file.symbolsInAddressOrder.filter { $0.byteCount > 0 || $0.kind == .function }
    outgoing = [[Reference]](repeating: [], count: symbols.count)
    let data = DataMap(file)
    for index in symbols.indices { outgoing[index] = scan(index, data) }
    addRelocations()
  }

  /// The position of the symbol that holds an address, ignoring the Thumb bit of code.
  func position(of address: UInt32) -> Int? {
    var low = 0
    var high = symbols.count
    while low < high {
      let middle = (low + high) / 2
      if symbols[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    var candidate = low - 1
    // Aliases share an address: the first of them stands for all.
    while candidate >= 0 {
      let symbol = symbols[candidate]
      let end = UInt64(symbol.address) + UInt64(max(symbol.byteCount, 2))
      if UInt64(address) < end {
        while candidate > 0, symbols[candidate - 1].address == symbol.address { candidate -= 1 }
        return candidate
      }
      if low - candidate > 16 { return nil }
      candidate -= 1
    }
    return nil
  }

  private func end(of index: Int) -> UInt64 {
    let symbol = symbols[index]
    if symbol.byteCount > 0 { return UInt64(symbol.address) + UInt64(symbol.byteCount) }
    let next = symbols[(index + 1)...].first { $0.address > symbol.address }
    return min(next.map { UInt64($0.address) } ?? .max, UInt64(symbol.address) + 4096)
  }

  private func scan(_ index: Int, _ data: DataMap) -> [Reference] {
    let symbol = symbols[index]
    let count = Int(end(of: index) - UInt64(symbol.address))
    guard let bytes = file.bytes(at: symbol.address, count: count) else { return [] }
    var result: Set<Reference> = []
    words(symbol.address, bytes, isCode: symbol.kind == .function, from: index, into: &result)
    if symbol.kind == .function {
      branches(symbol.address, bytes, data, from: index, into: &result)
    }
    return result.sorted { ($0.site, $0.target) < ($1.site, $1.target) }
  }

  /// Aligned words that are the address of a symbol's first byte, or of a function with its bit 0.
  private func words(
    _ address: UInt32, _ bytes: ArraySlice<UInt8>, isCode: Bool, from index: Int,
    into result: inout Set<Reference>
  ) {
    var offset = Int((4 - address % 4) % 4)
    while offset + 4 <= bytes.count {
      let start = bytes.startIndex + offset
      let word = bytes[start..<(start + 4)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      if word > 1, let target = position(of: word & ~1), target != index {
        let symbol = symbols[target]
        let isExact = symbol.kind == .function ? word == symbol.address | 1 : true
        if isExact, symbol.kind != .function || symbol.address == word & ~1 {
          result.insert(
            Reference(
              target: target, how: isCode ? "takes its address" : "holds its address",
              site: address &+ UInt32(offset)))
        }
      }
      offset += 4
    }
  }

  private func branches(
    _ address: UInt32, _ bytes: ArraySlice<UInt8>, _ data: DataMap, from index: Int,
    into result: inout Set<Reference>
  ) {
    var offset = 0
    var runsOn = true
    func half(_ offset: Int) -> UInt32 {
      guard offset + 2 <= bytes.count else { return 0 }
      return UInt32(bytes[bytes.startIndex + offset])
        | UInt32(bytes[bytes.startIndex + offset + 1]) << 8
    }
    while offset + 2 <= bytes.count {
      let site = address &+ UInt32(offset)
      if data.contains(site) {
        offset += 2
        continue
      }
      let instruction = ThumbInstruction(at: site, half(offset), half(offset + 2))
      // Assembly may share a pool of literals with others: then no word in the function tells.
      if let pool = instruction.literal, let bytes = file.bytes(at: pool.address, count: 4),
        case let word = bytes.reversed().reduce(UInt32(0), { $0 << 8 | UInt32($1) }),
        let target = position(of: word & ~1), target != index,
        symbols[target].kind == .function, word == symbols[target].address | 1
      {
        result.insert(Reference(target: target, how: "takes its address", site: site))
      }
      offset += Int(instruction.byteCount)
      runsOn =
        switch instruction.flow {
        case .next, .call, .callRegister: true
        case .branch(_, let conditional): conditional
        default: false
        }
      let reached: (UInt32, String)? =
        switch instruction.flow {
        case .call(let target): (target, "calls")
        case .branch(let target, _): (target, "jumps to")
        default: nil
        }
      if let (target, how) = reached, let found = position(of: target), found != index {
        result.insert(Reference(target: found, how: how, site: site))
      }
    }
    // A function of assembly without a size may end in the next one.
    let end = address &+ UInt32(bytes.count)
    if runsOn, symbols[index].byteCount == 0, let next = position(of: end), next != index {
      result.insert(Reference(target: next, how: "runs on into", site: end))
    }
  }

  /// Relocations kept by `--emit-relocs` know references that no word shows (movw and movt).
  private mutating func addRelocations() {
    guard let relocations = try? file.relocations(), file.kind != .object else { return }
    for relocation in relocations where relocation.symbol > 0 {
      let symbol = file.symbols[relocation.symbol]
      guard let source = position(of: relocation.offset), symbol.isDefined,
        let target = position(of: symbol.address), target != source,
        !outgoing[source].contains(where: { $0.target == target })
      else { continue }
      outgoing[source].append(
        Reference(target: target, how: "refers to", site: relocation.offset))
    }
  }

  /// Where an image starts: its entry, its vector table and what that names.
  func roots() -> [(position: Int, why: String)] {
    var result: [(Int, String)] = []
    if file.entry > 1, let entry = position(of: file.entry & ~1) {
      result.append((entry, "the entry point"))
    }
    for handler in VectorTable(file)?.handlers ?? [] {
      if let found = position(of: handler.address) {
        result.append((found, "the vector of \(handler.title)"))
      }
    }
    return result
  }
}
