// FootprintKit/Reasons/Suggestions.swift: waste with a name, a number and a cure.
// Nothing is suggested that would not save a byte of this very image.

import ELFKit
import ImagePlan
import PlainText

/// A waste and what to do about it.
public struct Suggestion: Sendable, Equatable, Codable {
  /// Bytes that would be saved, at most.
  public var bytes: Int
  public var region: String
  public var text: String
}

/// What could be smaller.
public struct Suggestions: Sendable, Equatable, Codable {
  public var image: String
  public var items: [Suggestion]

  /// Looks for waste in a report; `stacks` adds stacks that are larger than they need to be.
  public init(_ report: Report, stacks: StackReport? = nil) {
    image = report.image
    var items: [Suggestion] = []
    items += Self.stacks(stacks)
    items += Self.generics(report)
    items += Self.heap(report)
    items += Self.softFloat(report)
    items += Self.unwind(report)
    items += Self.padding(report)
    items += Self.constants(report)
    self.items = items.filter { $0.bytes > 0 }.sorted { ($1.bytes, $0.text) < ($0.bytes, $1.text) }
  }

  private static func stacks(_ report: StackReport?) -> [Suggestion] {
    (report?.entries ?? []).compactMap { entry in
      guard entry.isProven, entry.kind == .task, let reserved = entry.reserved else { return nil }
      let enough = (entry.bound + 31) / 32 * 32
      guard enough < reserved else { return nil }
      return Suggestion(
        bytes: reserved - enough, region: "ram",
        text: "stack of '\(entry.name)' is \(reserved) B, its proven worst case \(entry.bound); "
          + "try: 'stack: \(enough)'")
    }
  }

  private static func generics(_ report: Report) -> [Suggestion] {
    let code = report.rows.filter { $0.kind == .code && $0.generic != $0.name }
    let groups = Dictionary(grouping: code) { "\($0.component)\u{0}\($0.generic)" }
    return groups.compactMap { _, rows in
      let names = Set(rows.map(\.name))
      guard names.count > 1, let first = rows.first else { return nil }
      let total = rows.reduce(0) { $0 + $1.size }
      let largest = rows.map(\.size).max() ?? 0
      return Suggestion(
        bytes: total - largest, region: first.region,
        text: "'\(first.generic)' stands \(names.count) times in \(first.component), "
          + "\(total) B in all; try: move what does not depend on the type out of the generic")
    }
  }

  private static func heap(_ report: Report) -> [Suggestion] {
    let names = ["swift_allocObject", "posix_memalign", "swift_slowAlloc", "malloc", "_malloc_r"]
    let rows = report.rows.filter { names.contains($0.symbol) }
    guard let first = rows.first else { return [] }
    return [
      Suggestion(
        bytes: rows.reduce(0) { $0 + $1.size }, region: first.region,
        text: "a heap is in the image (\(rows.map(\.symbol).joined(separator: ", "))); "
          + "try: footprint why \(first.symbol)")
    ]
  }

  private static func softFloat(_ report: Report) -> [Suggestion] {
    let prefixes = [
      "__aeabi_d", "__aeabi_f", "__aeabi_cd", "__aeabi_cf", "__aeabi_i2", "__aeabi_ui2",
    ]
    let rows = report.rows.filter { row in prefixes.contains { row.symbol.hasPrefix($0) } }
    guard let largest = rows.max(by: { $0.size < $1.size }) else { return [] }
    return [
      Suggestion(
        bytes: rows.reduce(0) { $0 + $1.size }, region: largest.region,
        text: "floating point in software takes \(rows.count) routines, the largest "
          + "'\(largest.symbol)'; try: fixed point, or footprint why \(largest.symbol)")
    ]
  }

  private static func unwind(_ report: Report) -> [Suggestion] {
    let rows = report.rows.filter { $0.section.hasPrefix(".ARM.ex") || $0.section == ".eh_frame" }
    guard let first = rows.first else { return [] }
    return [
      Suggestion(
        bytes: rows.reduce(0) { $0 + $1.size }, region: first.region,
        text: "unwind tables (\(first.section)) are loaded; try: -fno-exceptions "
          + "-fno-unwind-tables, or /DISCARD/ in the linker script")
    ]
  }

  private static func padding(_ report: Report) -> [Suggestion] {
    report.regions.compactMap { region in
      let rows = report.rows.filter { $0.region == region.name && $0.kind == .padding }
      let large = rows.filter { $0.size >= 16 }
      guard let largest = large.max(by: { $0.size < $1.size }) else { return nil }
      return Suggestion(
        bytes: large.reduce(0) { $0 + $1.size }, region: region.name,
        text: "\(large.count) gaps of 16 B and more in \(region.name), the largest at "
          + "\(hex(largest.address)) (\(largest.size) B); try: footprint layout")
    }
  }

  /// Initialised data costs flash and RAM; what is never written could stay in flash.
  private static func constants(_ report: Report) -> [Suggestion] {
    let rows = report.rows.filter { $0.kind == .data && $0.size >= 64 }
    return rows.map { row in
      Suggestion(
        bytes: row.size, region: row.region,
        text: "'\(row.name)' is initialised data of \(row.size) B, in flash and in RAM; "
          + "if nothing writes it, try: 'const' or 'let'")
    }
  }

  /// One line each, the largest saving first.
  public var text: String {
    guard !items.isEmpty else { return "\(image): nothing to suggest\n" }
    return items.map { "\($0.region) -\(thousands($0.bytes)) B  \($0.text)" }.joined(
      separator: "\n")
      + "\n"
  }
}
