// FootprintKit/Model/Report.swift: the report as data, which is also its JSON.
// Version 1 is described by `ReportSchema`; a change of meaning needs a new version.

import PlainText

/// What a byte is used for.
public enum Kind: String, Codable, Sendable, CaseIterable, Comparable {
  case vectors, code, rodata, strings, tables
  /// The copy in flash from which start code fills initialised data.
  case dataInit
  case data, bss, stack, noinit
  /// Bytes that only keep others aligned.
  case padding
  /// Bytes that no symbol explains.
  case unattributed

  public static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
}

/// A memory, and how much of it the image uses.
public struct Region: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable { case flash, ram }

  public var name: String
  public var kind: Kind
  public var origin: UInt32
  /// The memory's size; nil when neither a plan nor a linker script tells.
  public var length: Int?
  /// What the linker used, padding included; the rows add up to exactly this.
  public var used: Int

  public init(name: String, kind: Kind, origin: UInt32, length: Int?, used: Int) {
    self.name = name
    self.kind = kind
    self.origin = origin
    self.length = length
    self.used = used
  }

  /// How many bytes too many are used; 0 when it fits, or when the limit is unknown.
  public var excess: Int { length.map { max(0, used - $0) } ?? 0 }
}

/// A run of bytes with one owner.
public struct Row: Codable, Sendable, Equatable {
  public var region: String
  /// The kernel, a task, `tables`, `padding`; in an image without a plan the module.
  public var component: String
  public var module: String
  /// The source file; empty when unknown.
  public var file: String
  public var line: Int
  /// The symbol as the linker spells it, or a name in brackets for bytes without one.
  public var symbol: String
  /// The symbol as a person spells it.
  public var name: String
  /// The name that all specialisations of one generic share.
  public var generic: String
  public var kind: Kind
  public var address: UInt32
  public var size: Int
  public var section: String

  public init(
    region: String, component: String, module: String, file: String, line: Int, symbol: String,
    name: String, generic: String, kind: Kind, address: UInt32, size: Int, section: String
  ) {
    self.region = region
    self.component = component
    self.module = module
    self.file = file
    self.line = line
    self.symbol = symbol
    self.name = name
    self.generic = generic
    self.kind = kind
    self.address = address
    self.size = size
    self.section = section
  }
}

/// Where every byte of an image goes.
public struct Report: Codable, Sendable, Equatable {
  public static let currentVersion = 1

  public var version = Report.currentVersion
  /// What was read: `hello/mps2-an385` for a bundle, the file's name for an ELF.
  public var image: String
  /// The processor the image says it was built for.
  public var processor: String?
  public var regions: [Region]
  /// In the order of regions and addresses.
  public var rows: [Row]
  /// What the reader of the numbers should know, sorted by importance.
  public var notes: [String]

  public init(
    image: String, processor: String?, regions: [Region], rows: [Row], notes: [String]
  ) {
    self.image = image
    self.processor = processor
    self.regions = regions
    self.rows = rows
    self.notes = notes
  }

  /// The bytes of all rows of a region; equal to its `used` in a sound report.
  public func sum(of region: String) -> Int {
    rows.lazy.filter { $0.region == region }.map(\.size).reduce(0, +)
  }

  /// What breaks the conservation law, in words; empty for a sound report.
  ///
  /// Rows must add up to what the linker used, lie inside their region and never overlap.
  public func unsoundness() -> [String] {
    var result: [String] = []
    for region in regions {
      let mine = rows.filter { $0.region == region.name }.sorted { $0.address < $1.address }
      let sum = mine.map(\.size).reduce(0, +)
      if sum != region.used {
        result.append(
          "region '\(region.name)': rows add up to \(sum) bytes, the linker used \(region.used)")
      }
      var end = UInt64(region.origin)
      for row in mine {
        if row.size <= 0 || UInt64(row.address) < end {
          result.append(
            "region '\(region.name)': '\(row.symbol)' at \(hex(row.address)) overlaps or is empty")
        }
        end = UInt64(row.address) + UInt64(max(0, row.size))
      }
    }
    let names = Set(regions.map(\.name))
    for row in rows where !names.contains(row.region) {
      result.append("'\(row.symbol)' is in region '\(row.region)', which does not exist")
    }
    return result
  }
}
