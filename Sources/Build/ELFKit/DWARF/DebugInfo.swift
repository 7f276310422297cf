// ELFKit/DWARF/DebugInfo.swift: what `.debug_info` says about functions, variables and types.
// It keeps what a size report needs and passes over scopes, locals' locations and macros.

/// A function with code in the image.
public struct DebugFunction: Sendable, Equatable {
  public let name: String
  /// The mangled name; empty for plain C.
  public let linkageName: String
  /// Its first instruction, Thumb bit cleared.
  public let address: UInt32
  public let byteCount: UInt32
  /// Where it is declared; an empty file when not stated.
  public let place: SourcePlace
  /// The position of its unit in `DebugInfo.units`.
  public let unit: Int
}

/// A variable with a fixed address.
public struct DebugVariable: Sendable, Equatable {
  public let name: String
  public let linkageName: String
  public let address: UInt32
  /// The size of its type; 0 when not stated.
  public let byteCount: Int
  public let typeName: String
  public let place: SourcePlace
  public let unit: Int
}

/// A structure, union, class, enumeration or base type.
public struct DebugType: Sendable, Equatable {
  public let name: String
  public let byteCount: Int
  public let place: SourcePlace
}

/// A compilation unit.
public struct DebugUnit: Sendable, Equatable {
  public let name: String
  public let directory: String
  public let producer: String
  /// Where its line table starts in `.debug_line`; -1 when it has none.
  public let lineOffset: Int
}

/// Everything read from `.debug_info`.
public struct DebugInfo: Sendable {
  public internal(set) var units: [DebugUnit] = []
  public internal(set) var functions: [DebugFunction] = []
  public internal(set) var variables: [DebugVariable] = []
  public internal(set) var types: [DebugType] = []

  /// No unit at all.
  public init() {}
}

extension ELFFile {
  /// Reads `.debug_info`, DWARF 2 to 5; empty when there is none.
  ///
  /// - Throws: the first thing found malformed; a caller may go on without source files.
  public func debugInfo() throws(ELFError) -> DebugInfo {
    guard let section = section(named: ".debug_info") else { return DebugInfo() }
    guard let abbreviations = self.section(named: ".debug_abbrev") else {
      throw .malformed(what: "debugging information: no .debug_abbrev", offset: 0)
    }
    var reader = DebugInfoReader(file: self, base: section.fileRange.lowerBound)
    var cursor = cursor(over: section)
    while cursor.remaining >= 4 {
      let start = cursor.offset
      var unit = try cursor.unit(of: ".debug_info")
      try reader.readUnit(&unit, start: start, abbreviations: abbreviations)
    }
    return reader.finish()
  }

  /// A string of `.debug_str` or `.debug_line_str`.
  func debugString(at offset: Int, ofLineStrings: Bool) throws(ELFError) -> String {
    let name = ofLineStrings ? ".debug_line_str" : ".debug_str"
    guard let section = section(named: name) else { return "" }
    return try StringTable.string(bytes, section.fileRange, at: offset, what: name)
  }

  /// A word of a debugging section, `nil` where there is none.
  func debugWord(_ name: String, at offset: Int) -> UInt32? {
    guard let section = section(named: name), offset >= 0 else { return nil }
    var cursor = cursor(over: section)
    guard (try? cursor.skip(offset)) != nil else { return nil }
    return try? cursor.u32()
  }
}
