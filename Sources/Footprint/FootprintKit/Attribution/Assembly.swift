// FootprintKit/Attribution/Assembly.swift: puts rows into memories and fills what is between.
// What is used comes from section headers alone, so that the rows' sum is a real check.

import ELFKit

/// Rows on their way into a report.
struct Assembly {
  /// The part of a memory that is used: disjoint ranges, ascending.
  struct Use {
    var ranges: [Range<UInt64>] = []
    var byteCount: Int { ranges.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) } }
  }

  let memories: [Memory]
  private(set) var rows: [Row] = []
  private(set) var notes: [String] = []

  init(memories: [Memory]) { self.memories = memories }

  /// The memory of an address: the last one that starts at or below it.
  ///
  /// An over-full memory keeps what overflows, so that its excess can be told.
  static func memory(of address: UInt64, in memories: [Memory]) -> Int? {
    memories.indices.filter { UInt64(memories[$0].origin) <= address }
      .max { memories[$0].origin < memories[$1].origin }
  }

  /// What the linker used of each memory: sections and the padding between them.
  static func used(by extents: [Extent], in memories: [Memory]) -> [Use] {
    var uses = [Use](repeating: Use(), count: memories.count)
    let parts = extents.flatMap { split($0.start..<$0.end, at: memories) }
    for extent in parts.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard let index = memory(of: extent.lowerBound, in: memories) else { continue }
      if let last = uses[index].ranges.last,
        extent.lowerBound <= last.upperBound + Memory.largestPadding
      {
        let end = max(last.upperBound, extent.upperBound)
        uses[index].ranges[uses[index].ranges.count - 1] = last.lowerBound..<end
      } else {
        uses[index].ranges.append(extent)
      }
    }
    return uses
  }

  /// Cuts a range where a memory starts, so that each part belongs to one memory.
  static func split(_ range: Range<UInt64>, at memories: [Memory]) -> [Range<UInt64>] {
    let cuts = memories.map { UInt64($0.origin) }.filter {
      $0 > range.lowerBound && $0 < range.upperBound
    }
    let edges = [range.lowerBound] + Set(cuts).sorted() + [range.upperBound]
    return zip(edges, edges.dropFirst()).map { $0..<$1 }
  }

  mutating func add(_ newRows: [Row]) {
    for row in newRows {
      let range = UInt64(row.address)..<(UInt64(row.address) + UInt64(row.size))
      for part in Self.split(range, at: memories) {
        var cut = row
        cut.address = UInt32(truncatingIfNeeded: part.lowerBound)
        cut.size = Int(part.upperBound - part.lowerBound)
        rows.append(cut)
      }
    }
  }

  mutating func note(_ text: String) { notes.append(text) }

  /// Sorts the rows, cuts overlaps, and makes rows of the gaps inside the used ranges.
  mutating func fill(used: [Use]) {
    var result: [Row] = []
    var lost = 0
    var byMemory = [[Row]](repeating: [], count: memories.count)
    for row in rows {
      if let index = Self.memory(of: UInt64(row.address), in: memories) {
        byMemory[index].append(row)
      } else {
        lost += row.size
      }
    }
    var overlap = 0
    for (index, memory) in memories.enumerated() {
      let sorted = byMemory[index].enumerated()
        .sorted { ($0.element.address, $0.offset) < ($1.element.address, $1.offset) }
        .map(\.element)
      var tile = Tile(region: memory.name, ranges: used[index].ranges)
      for row in sorted { tile.place(row) }
      tile.finish()
      overlap += tile.overlap
      result += tile.rows
    }
    rows = result
    if overlap > 0 { note("sections overlap: \(overlap) bytes are counted once") }
    if lost > 0 { note("\(lost) bytes lie below every region and are not counted") }
  }

  func regions(used: [Int]) -> [Region] {
    zip(memories, used).map { memory, used in
      Region(
        name: memory.name, kind: memory.kind, origin: memory.origin, length: memory.length,
        used: used)
    }
  }
}

/// Lays rows side by side in one memory.
private struct Tile {
  let region: String
  let ranges: [Range<UInt64>]
  var rows: [Row] = []
  var overlap = 0
  private var range = 0
  private var cursor: UInt64

  init(region: String, ranges: [Range<UInt64>]) {
    self.region = region
    self.ranges = ranges
    cursor = ranges.first?.lowerBound ?? 0
  }

  /// Ends ranges that lie wholly before `address`, filling their rests.
  private mutating func advance(to address: UInt64) {
    while range < ranges.count, ranges[range].upperBound <= address {
      pad(to: ranges[range].upperBound)
      range += 1
      if range < ranges.count { cursor = max(cursor, ranges[range].lowerBound) }
    }
  }

  private mutating func pad(to end: UInt64) {
    guard end > cursor else { return }
    var row = Row.unnamed(.padding, section: "", size: Int(end - cursor))
    row.region = region
    row.address = UInt32(truncatingIfNeeded: cursor)
    rows.append(row)
    cursor = end
  }

  mutating func place(_ row: Row) {
    let start = UInt64(row.address)
    let end = start + UInt64(row.size)
    guard end > cursor else {
      overlap += row.size
      return
    }
    advance(to: start)
    if start < cursor { overlap += Int(cursor - start) }
    pad(to: max(start, cursor))
    var cut = row
    cut.region = region
    cut.address = UInt32(truncatingIfNeeded: max(start, cursor))
    cut.size = Int(end - max(start, cursor))
    rows.append(cut)
    cursor = end
  }

  mutating func finish() { advance(to: UInt64.max) }
}
