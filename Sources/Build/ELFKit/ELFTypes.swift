// ELFKit/ELFTypes.swift: what an ELF32 file is made of, as plain values.
// Nothing here reads bytes.

/// A section: a named range of the file, of the address space, or of both.
public struct ELFSection: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case null, programBits, symbolTable, stringTable, relocationsWithAddend, noBits, relocations
    case armAttributes
    case other(UInt32)

    init(_ raw: UInt32) {
      switch raw {
      case 0: self = .null
      case 1: self = .programBits
      case 2: self = .symbolTable
      case 3: self = .stringTable
      case 4: self = .relocationsWithAddend
      case 8: self = .noBits
      case 9: self = .relocations
      case 0x7000_0003: self = .armAttributes
      default: self = .other(raw)
      }
    }
  }

  /// The position in the section table.
  public let index: Int
  public let name: String
  public let kind: Kind
  public let flags: UInt32
  /// Where it runs; 0 for a section that is not loaded.
  public let address: UInt32
  /// Its bytes in the file; empty for `noBits`.
  public let fileRange: Range<Int>
  /// Its size in memory, also for `noBits`.
  public let byteCount: UInt32
  public let link: Int
  public let info: Int
  public let alignment: UInt32
  public let entryByteCount: Int

  public var isAllocated: Bool { flags & 0x2 != 0 }
  public var isWritable: Bool { flags & 0x1 != 0 }
  public var isExecutable: Bool { flags & 0x4 != 0 }
  /// Where it runs, as a range that cannot overflow.
  public var addressRange: Range<UInt64> { UInt64(address)..<(UInt64(address) + UInt64(byteCount)) }
}

/// A program header.
public struct ELFSegment: Sendable, Equatable {
  public let index: Int
  /// 1 is PT_LOAD.
  public let type: UInt32
  public let flags: UInt32
  /// Its bytes in the file.
  public let fileRange: Range<Int>
  /// Where it runs.
  public let address: UInt32
  /// Where it is loaded: differs from `address` for initialised data.
  public let loadAddress: UInt32
  public let memoryByteCount: UInt32
  public let alignment: UInt32

  public var isLoad: Bool { type == 1 }
  public var isWritable: Bool { flags & 2 != 0 }
  public var isExecutable: Bool { flags & 1 != 0 }
  public var fileByteCount: Int { fileRange.count }
}

/// A symbol, with the Thumb bit taken out of its address.
public struct ELFSymbol: Sendable, Equatable {
  public enum Kind: UInt8, Sendable {
    case none = 0, object, function, section, file, common, threadLocal, other = 15
  }
  public enum Binding: UInt8, Sendable {
    case local = 0, global, weak, other = 15
  }
  public enum Home: Sendable, Equatable {
    case undefined, absolute, common
    case section(Int)
  }
  /// What an Arm mapping symbol says about the bytes that follow it.
  public enum Mapping: Sendable {
    case arm, thumb, data
  }

  /// The position in the symbol table: what relocations name.
  public let index: Int
  public let name: String
  /// The address; of a function, with bit 0 cleared.
  public let address: UInt32
  public let byteCount: UInt32
  public let kind: Kind
  public let binding: Binding
  public let home: Home
  /// True for a function whose value has bit 0 set.
  public let isThumb: Bool
  /// The source file that a preceding STT_FILE symbol names; local symbols only.
  public let file: String?

  public var isDefined: Bool { home != .undefined && home != .common }

  /// `$a`, `$t` or `$d`, alone or followed by a dot: never a Swift name, which starts `$s` or `$e`.
  public var mapping: Mapping? {
    guard name.utf8.first == UInt8(ascii: "$") else { return nil }
    let rest = name.utf8.dropFirst()
    guard rest.count == 1 || rest.dropFirst().first == UInt8(ascii: ".") else { return nil }
    switch rest.first {
    case UInt8(ascii: "a"): return .arm
    case UInt8(ascii: "t"): return .thumb
    case UInt8(ascii: "d"): return .data
    default: return nil
    }
  }
}

/// A relocation of an object file, or of an image linked with `--emit-relocs`.
public struct ELFRelocation: Sendable, Equatable {
  /// The section whose bytes it changes.
  public let section: Int
  /// In an object file an offset in the section, in an image an address.
  public let offset: UInt32
  /// The processor's relocation type.
  public let type: UInt8
  /// The index of its symbol in `ELFFile.symbols`; 0 means none.
  public let symbol: Int
  /// Nil when it is stored in the bytes themselves.
  public let addend: Int32?
}
