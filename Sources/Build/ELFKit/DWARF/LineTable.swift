// ELFKit/DWARF/LineTable.swift: `.debug_line`, from an address to a file and a line.
// Versions 2 to 5. Addresses of discarded code (a sequence that starts at 0 or ~0) stay harmless:
// look-ups are by address, and a later sequence wins only where it is nearer.

/// A place in a source file.
public struct SourcePlace: Sendable, Hashable {
  public let file: String
  public let line: Int

  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }
}

/// Every line table of a file, merged and sorted by address.
public struct LineTable: Sendable {
  struct Row {
    var address: UInt32
    var file: Int32
    var line: Int32
    var isEnd: Bool
  }

  /// The files' full paths; rows hold positions in here.
  public private(set) var files: [String] = []
  private var rows: [Row] = []
  private var fileIndices: [String: Int32] = [:]

  init() {}

  /// Where the instruction at `address` comes from; nil when no row covers it.
  ///
  /// Costs O(log rows).
  public func place(of address: UInt32) -> SourcePlace? {
    var low = 0
    var high = rows.count
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let row = rows[low - 1]
    guard !row.isEnd, row.file >= 0 else { return nil }
    return SourcePlace(file: files[Int(row.file)], line: Int(row.line))
  }

  mutating func intern(_ path: String) -> Int32 {
    if let index = fileIndices[path] { return index }
    let index = Int32(truncatingIfNeeded: files.count)
    files.append(path)
    fileIndices[path] = index
    return index
  }

  mutating func append(sequence: [Row]) {
    // Linkers give discarded functions address 0; a sequence without an end is not trusted.
    guard let first = sequence.first, sequence.last?.isEnd == true, first.address != 0 || hasZero
    else { return }
    rows += sequence
  }

  /// True when address 0 is real code: set by the reader from the image's sections.
  var hasZero = false

  mutating func finish() {
    // At equal addresses the end of one sequence comes before the start of the next.
    let order = rows.indices.sorted {
      let (a, b) = (rows[$0], rows[$1])
      if a.address != b.address { return a.address < b.address }
      if a.isEnd != b.isEnd { return a.isEnd }
      return $0 < $1
    }
    rows = order.map { rows[$0] }
  }
}
