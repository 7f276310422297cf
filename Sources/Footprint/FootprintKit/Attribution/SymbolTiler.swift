// FootprintKit/Attribution/SymbolTiler.swift: cuts a section into symbols, padding and the rest.
// The pieces tile the section exactly: they never overlap and never leave a byte out.

import ELFKit

/// A run of bytes of one section with one owner.
struct Piece {
  var start: UInt64
  var end: UInt64
  /// Nil for padding, string literals and bytes that nothing explains.
  var symbol: ELFSymbol?
  var kind: Kind
}

struct SymbolTiler {
  /// The longest run of filler bytes that counts as alignment.
  static let longestFiller = 16

  let file: ELFFile
  /// Symbols of each section, in address order, the best of several at one address first.
  private let symbols: [Int: [ELFSymbol]]

  init(_ file: ELFFile) {
    self.file = file
    var bySection: [Int: [ELFSymbol]] = [:]
    for symbol in file.symbols where symbol.mapping == nil && !symbol.name.isEmpty {
      guard case .section(let index) = symbol.home else { continue }
      switch symbol.kind {
      case .function, .object, .none, .common: bySection[index, default: []].append(symbol)
      default: continue
      }
    }
    symbols = bySection.mapValues { $0.sorted(by: Self.precedes) }
  }

  /// Lower addresses first; at one address the symbol that explains most comes first.
  private static func precedes(_ a: ELFSymbol, _ b: ELFSymbol) -> Bool {
    if a.address != b.address { return a.address < b.address }
    if (a.byteCount > 0) != (b.byteCount > 0) { return a.byteCount > 0 }
    if (a.kind == .none) != (b.kind == .none) { return b.kind == .none }
    if a.byteCount != b.byteCount { return a.byteCount > b.byteCount }
    if a.binding != b.binding { return a.binding == .global || b.binding == .local }
    return (a.name, a.index) < (b.name, b.index)
  }

  /// The section's pieces in address order.
  func pieces(of section: ELFSection) -> [Piece] {
    let bounds = section.addressRange
    let candidates = (symbols[section.index] ?? []).filter {
      bounds.contains(UInt64($0.address)) && !Self.isMarker($0, in: section)
    }
    var result: [Piece] = []
    var cursor = bounds.lowerBound
    for (position, symbol) in candidates.enumerated() {
      let start = max(UInt64(symbol.address), cursor)
      var end = UInt64(symbol.address) + UInt64(symbol.byteCount)
      if symbol.byteCount == 0 {
        // Only a label: it reaches to the next symbol, unless a sized one already covers it.
        guard UInt64(symbol.address) >= cursor else { continue }
        end =
          candidates[(position + 1)...].first { $0.address > symbol.address }
          .map { UInt64($0.address) } ?? bounds.upperBound
      }
      end = min(end, bounds.upperBound)
      guard end > start else { continue }
      gap(from: cursor, to: start, in: section, into: &result)
      result.append(
        Piece(start: start, end: end, symbol: symbol, kind: kind(of: symbol, in: section)))
      cursor = end
    }
    gap(from: cursor, to: bounds.upperBound, in: section, into: &result)
    return result
  }

  /// Linker scripts mark the start of things with labels that own nothing.
  private static func isMarker(_ symbol: ELFSymbol, in section: ELFSection) -> Bool {
    guard symbol.byteCount == 0, symbol.kind == .none, symbol.binding != .local else {
      return false
    }
    return symbol.name.hasPrefix("__") && !section.isExecutable && !symbol.name.hasPrefix("__V")
  }

  private func kind(of symbol: ELFSymbol, in section: ELFSection) -> Kind {
    let name = symbol.name.lowercased()
    if section.kind == .noBits {
      if section.name.contains("noinit") || name.contains("noinit") { return .noinit }
      return name.contains("stack") || section.name.contains("stack") ? .stack : .bss
    }
    if section.isWritable && !section.isExecutable { return .data }
    if symbol.kind != .function, name.contains("vector") || section.name.contains("vector") {
      return .vectors
    }
    if section.name.contains("_tables") { return .tables }
    return section.isExecutable && symbol.kind != .object ? .code : .rodata
  }

  private func gap(
    from start: UInt64, to end: UInt64, in section: ELFSection, into result: inout [Piece]
  ) {
    guard end > start else { return }
    let kind = gapKind(from: start, to: end, in: section)
    guard kind == .unattributed, section.kind != .noBits, !section.isExecutable else {
      result.append(Piece(start: start, end: end, symbol: nil, kind: kind))
      return
    }
    let offset = section.fileRange.lowerBound + Int(start - section.addressRange.lowerBound)
    let bytes = file.bytes[offset..<min(offset + Int(end - start), section.fileRange.upperBound)]
    for run in TextRuns.cut(bytes) {
      let first = start + UInt64(run.range.lowerBound - bytes.startIndex)
      let last = start + UInt64(run.range.upperBound - bytes.startIndex)
      result.append(
        Piece(start: first, end: last, symbol: nil, kind: run.isText ? .strings : .unattributed))
    }
  }

  private func gapKind(from start: UInt64, to end: UInt64, in section: ELFSection) -> Kind {
    let name = section.name
    if name.contains("vector") { return .vectors }
    if name.contains("_tables") { return .tables }
    if name.contains("stack") { return .stack }
    if name.contains("noinit") { return .noinit }
    let isShort = end - start < Self.longestFiller
    guard section.kind != .noBits else { return isShort ? .padding : .unattributed }
    let offset = section.fileRange.lowerBound + Int(start - section.addressRange.lowerBound)
    let bytes = file.bytes[offset..<min(offset + Int(end - start), section.fileRange.upperBound)]
    if isShort, Self.isFiller(bytes) { return .padding }
    if isVectorTable(from: start, to: end, in: section) { return .vectors }
    return section.flags & 0x20 != 0 ? .strings : .unattributed
  }

  /// A Cortex-M vector table: a stack pointer, then the entry point and 14 handlers at least.
  private func isVectorTable(from start: UInt64, to end: UInt64, in section: ELFSection) -> Bool {
    guard end - start >= 64, file.entry & 1 == 1, file.entry != 1 else { return false }
    return file.word(at: UInt32(truncatingIfNeeded: start) &+ 4) == file.entry
  }

  /// Zeros, ones, or Thumb no-operations.
  private static func isFiller(_ bytes: ArraySlice<UInt8>) -> Bool {
    if bytes.allSatisfy({ $0 == 0 }) || bytes.allSatisfy({ $0 == 0xff }) { return true }
    let filler: Set<UInt8> = [0x00, 0xbf, 0xc0, 0x46, 0xd4]
    return bytes.allSatisfy(filler.contains)
  }
}

/// Tells string literals, whose symbols compilers drop, from other constants.
enum TextRuns {
  /// Fewer printable characters in a row are more often numbers than text.
  static let shortest = 4

  struct Run: Equatable {
    var range: Range<Int>
    var isText: Bool
  }

  /// Cuts bytes into runs of text, with the zeros behind them, and of anything else.
  static func cut(_ bytes: ArraySlice<UInt8>) -> [Run] {
    var result: [Run] = []
    func append(_ range: Range<Int>, _ isText: Bool) {
      guard !range.isEmpty else { return }
      if let last = result.last, last.isText == isText {
        result[result.count - 1].range = last.range.lowerBound..<range.upperBound
      } else {
        result.append(Run(range: range, isText: isText))
      }
    }
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let printable = bytes[start...].firstIndex { !isPrintable($0) } ?? bytes.endIndex
      let zeros = bytes[printable...].firstIndex { $0 != 0 } ?? bytes.endIndex
      let isText = printable - start >= shortest && zeros > printable
      // What is no text is passed over byte by byte where no printable run starts.
      let end = isText ? zeros : max(printable, start + 1)
      append(start..<end, isText)
      start = end
    }
    return result
  }

  private static func isPrintable(_ byte: UInt8) -> Bool {
    byte == 9 || byte == 10 || byte == 13 || (0x20..<0x7f).contains(byte)
  }
}
