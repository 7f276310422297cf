// FootprintKit/Model/Grouping.swift: rows summed along a path of levels, as a tree.
// Sums are kept for each region, so that every level shows flash and RAM side by side.

/// A level of `--by`.
public enum Level: String, Sendable, CaseIterable {
  case region, component, module, file, symbol, generic, kind, section

  /// What a row belongs to at this level.
  func key(of row: Row) -> String {
    switch self {
    case .region: row.region
    case .component: row.component
    case .module: row.module
    case .file: row.file.isEmpty ? "(no file)" : row.file
    case .symbol: row.name
    case .generic: row.generic
    case .kind: row.kind.rawValue
    case .section: row.section.isEmpty ? "(padding)" : row.section
    }
  }

  /// Reads `component,file`.
  ///
  /// - Throws: the unknown word and the list of known ones.
  public static func path(_ text: String) throws(FootprintError) -> [Level] {
    var result: [Level] = []
    for word in text.split(separator: ",") {
      guard let level = Level(rawValue: String(word).trimming()) else {
        throw FootprintError(
          .unreadable,
          "unknown level '\(word)'; known: " + allCases.map(\.rawValue).joined(separator: ", "))
      }
      result.append(level)
    }
    return result.isEmpty ? [.component] : result
  }
}

/// A node of the tree: a name, its bytes in each region, and what it consists of.
public struct Group: Sendable, Equatable {
  public var name: String
  /// Bytes by region, in the order of the report's regions.
  public var sizes: [Int]
  /// How many rows were summed.
  public var rowCount: Int
  public var children: [Group]

  public var total: Int { sizes.reduce(0, +) }
}

extension Report {
  /// The report's rows along `levels`, largest first; equal sizes in the order of names.
  public func grouped(by levels: [Level]) -> [Group] {
    let order = Dictionary(uniqueKeysWithValues: zip(regions.map(\.name), regions.indices))
    return groups(rows[...].map { ($0, order[$0.region] ?? 0) }, levels[...])
  }

  private func groups(_ rows: [(row: Row, region: Int)], _ levels: ArraySlice<Level>) -> [Group] {
    guard let level = levels.first else { return [] }
    return Dictionary(grouping: rows) { level.key(of: $0.row) }.map { name, members in
      var sizes = [Int](repeating: 0, count: regions.count)
      for member in members { sizes[member.region] += member.row.size }
      return Group(
        name: name, sizes: sizes, rowCount: members.count,
        children: groups(members, levels.dropFirst()))
    }
    .sorted { ($1.total, $0.name) < ($0.total, $1.name) }
  }
}
