// FootprintKit/Model/Difference.swift: what changed between two reports, symbol by symbol.
// Symbols are matched by their readable names, so that a new address or hash is no change.

import Foundation

/// The difference of two reports.
public struct Difference: Codable, Sendable, Equatable {
  public enum Change: String, Codable, Sendable { case added, removed, grown, shrunk }

  public struct Item: Codable, Sendable, Equatable {
    public var region: String
    public var component: String
    public var name: String
    public var change: Change
    public var old: Int
    public var new: Int
    public var delta: Int { new - old }
  }

  public struct RegionChange: Codable, Sendable, Equatable {
    public var name: String
    public var old: Int
    public var new: Int
    public var delta: Int { new - old }
  }

  public var version = 1
  public var oldImage: String
  public var newImage: String
  public var regions: [RegionChange]
  /// Largest change first.
  public var items: [Item]

  private struct Key: Hashable {
    var region: String
    var component: String
    var name: String
  }

  /// Compares two reports; changes smaller than `threshold` bytes are left out of `items`.
  public init(from old: Report, to new: Report, threshold: Int = 1) {
    oldImage = old.image
    newImage = new.image
    let names = old.regions.map(\.name) + new.regions.map(\.name)
    var seen: Set<String> = []
    regions = names.filter { seen.insert($0).inserted }.map { name in
      RegionChange(
        name: name, old: old.regions.first { $0.name == name }?.used ?? 0,
        new: new.regions.first { $0.name == name }?.used ?? 0)
    }
    let before = Self.sizes(old)
    let after = Self.sizes(new)
    let renamed = Self.renames(before, after)
    let gone = Set(renamed.values)
    items = Set(before.keys).union(after.keys).subtracting(gone).compactMap { key in
      let (old, new) = (before[renamed[key] ?? key]?.size, after[key]?.size)
      let change: Change
      switch (old, new) {
      case (nil, _): change = .added
      case (_, nil): change = .removed
      case (let old?, let new?): change = new > old ? .grown : .shrunk
      }
      let item = Item(
        region: key.region, component: key.component, name: key.name, change: change,
        old: old ?? 0, new: new ?? 0)
      return abs(item.delta) >= max(1, threshold) ? item : nil
    }
    .sorted {
      if abs($0.delta) != abs($1.delta) { return abs($0.delta) > abs($1.delta) }
      return ($0.region, $0.component, $0.name) < ($1.region, $1.component, $1.name)
    }
  }

  private static func sizes(_ report: Report) -> [Key: (size: Int, generic: String)] {
    var result: [Key: (size: Int, generic: String)] = [:]
    for row in report.rows {
      let key = Key(region: row.region, component: row.component, name: row.name)
      result[key, default: (0, row.generic)].size += row.size
    }
    return result
  }

  /// For each new key the old one, where one specialisation of a generic took another's place.
  private static func renames(
    _ before: [Key: (size: Int, generic: String)], _ after: [Key: (size: Int, generic: String)]
  ) -> [Key: Key] {
    func unmatched(
      _ some: [Key: (size: Int, generic: String)], _ other: [Key: (size: Int, generic: String)]
    ) -> [Key: [Key]] {
      Dictionary(grouping: some.keys.filter { other[$0] == nil }) { key in
        Key(region: key.region, component: key.component, name: some[key]?.generic ?? key.name)
      }
    }
    let old = unmatched(before, after)
    var result: [Key: Key] = [:]
    for (generic, keys) in unmatched(after, before) {
      guard keys.count == 1, let candidates = old[generic], candidates.count == 1 else { continue }
      result[keys[0]] = candidates[0]
    }
    return result
  }

  private static func signed(_ value: Int) -> String { (value > 0 ? "+" : "") + thousands(value) }

  private func regionTable() -> TextTable {
    var table = TextTable([("region", .left), ("old", .right), ("new", .right), ("change", .right)])
    for region in regions {
      table.add([
        region.name, thousands(region.old), thousands(region.new), Self.signed(region.delta),
      ])
    }
    return table
  }

  private func itemTable() -> TextTable {
    var table = TextTable([
      ("change", .right), ("old", .right), ("new", .right), ("region", .left),
      ("component", .left), ("symbol", .left),
    ])
    for item in items {
      table.add([
        Self.signed(item.delta), item.change == .added ? "new" : thousands(item.old),
        item.change == .removed ? "gone" : thousands(item.new), item.region, item.component,
        item.name,
      ])
    }
    return table
  }

  /// Both tables as text.
  public func text(width: Int? = nil) -> String {
    let changes = items.isEmpty ? "no symbol changed" : itemTable().text(width: width)
    return "\(oldImage) -> \(newImage)\n\n\(regionTable().text())\n\n\(changes)\n"
  }

  /// Both tables for a comment on a pull request, the long one folded.
  public func markdown() -> String {
    let head = "### \(oldImage) → \(newImage)\n\n" + regionTable().markdown()
    guard !items.isEmpty else { return head + "\n\nNo symbol changed.\n" }
    return head + "\n\n<details><summary>\(items.count) symbols changed</summary>\n\n"
      + itemTable().markdown() + "\n\n</details>\n"
  }

  /// The difference as JSON with sorted keys.
  public func json() throws(FootprintError) -> String { try encoded(self) }
}

/// A value as JSON with sorted keys and a line end.
func encoded(_ value: some Encodable) throws(FootprintError) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  guard let data = try? encoder.encode(value) else {
    throw FootprintError(.unsound, "cannot encode the answer as JSON")
  }
  return String(decoding: data, as: UTF8.self) + "\n"
}
