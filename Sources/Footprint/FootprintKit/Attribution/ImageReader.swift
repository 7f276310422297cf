// FootprintKit/Attribution/ImageReader.swift: from one ELF to its rows, then to a report.
// It knows no plan: `BundleReader` adds what a plan tells.

import ELFKit

/// How to read an ELF that comes without a plan.
public struct ReadingOptions: Sendable {
  /// The memories; empty means: find them from the addresses used.
  public var memories: [Memory]

  public init(memories: [Memory] = []) { self.memories = memories }
}

/// One ELF, read for attribution.
struct ImageReader {
  let file: ELFFile
  let sources: SourceIndex
  let extents: [Extent]
  private let tiler: SymbolTiler

  init(_ file: ELFFile) throws(FootprintError) {
    guard file.machine == ELFFile.armMachine else {
      throw FootprintError(
        .unreadable, "not an Arm image: machine \(file.machine), expected \(ELFFile.armMachine)")
    }
    guard file.kind != .object else {
      throw FootprintError(
        .unreadable, "this is an object file, whose addresses are not final; try: the linked image")
    }
    self.file = file
    sources = SourceIndex(file)
    extents = file.extents()
    tiler = SymbolTiler(file)
    guard !extents.isEmpty else {
      throw FootprintError(
        .unreadable, "no section of this file occupies memory; nothing to report")
    }
  }

  /// What the reader of the numbers should know about this file.
  var notes: [String] {
    if let note = sources.note { return [note] }
    if file.symbols.count <= 1 { return ["the file is stripped: bytes are known by section only"] }
    if !sources.isPresent {
      return ["no debugging information: files are unknown; try: compile with -g"]
    }
    return []
  }

  /// The rows of every extent; `component` overrides the component of each.
  func rows(component: String?) -> [Row] {
    var result: [Row] = []
    var pieces: [Int: [Piece]] = [:]
    var names: [Int: (Origin, ReadableName)] = [:]
    for extent in extents {
      let section = extent.section
      if pieces[section.index] == nil { pieces[section.index] = tiler.pieces(of: section) }
      for piece in pieces[section.index] ?? [] {
        let offset = piece.start - section.addressRange.lowerBound
        var row = row(for: piece, in: section, &names)
        row.address = UInt32(truncatingIfNeeded: extent.start + offset)
        if extent.isLoadImage, row.kind == .data { row.kind = .dataInit }
        if let component, row.kind != .padding { row.component = component }
        result.append(row)
      }
    }
    return result
  }

  private func row(
    for piece: Piece, in section: ELFSection, _ names: inout [Int: (Origin, ReadableName)]
  ) -> Row {
    let size = Int(piece.end - piece.start)
    guard let symbol = piece.symbol else {
      return Row.unnamed(piece.kind, section: section.name, size: size)
    }
    let known: (Origin, ReadableName)
    if let cached = names[symbol.index] {
      known = cached
    } else {
      let name =
        sources.names[symbol.name]
        ?? ReadableName(full: symbol.name, generic: symbol.name, module: nil, variant: nil)
      known = (sources.origin(of: symbol), name)
      names[symbol.index] = known
    }
    return Row(
      region: "", component: known.0.module, module: known.0.module, file: known.0.file,
      line: known.0.line, symbol: symbol.name, name: known.1.display,
      generic: SwiftNames.shortened(known.1.generic),
      kind: piece.kind, address: 0, size: size, section: section.name)
  }
}

extension Row {
  /// Bytes without a symbol, named by what they are.
  static func unnamed(_ kind: Kind, section: String, size: Int) -> Row {
    let name: String
    switch kind {
    case .padding: name = "[padding]"
    case .strings: name = "[string literals]"
    case .vectors: name = "[vectors]"
    case .tables: name = "[tables]"
    case .stack: name = "[stack]"
    case .noinit: name = "[noinit]"
    default: name = "[unattributed \(section)]"
    }
    let component: String
    switch kind {
    case .padding, .unattributed, .vectors: component = kind.rawValue
    default: component = section
    }
    return Row(
      region: "", component: component, module: component, file: "", line: 0, symbol: name,
      name: name, generic: name, kind: kind, address: 0, size: size, section: section)
  }
}

extension Report {
  /// Reads an ELF that comes without a plan.
  ///
  /// - Throws: `unreadable` for what is no Arm image, `unsound` if the sums do not add up.
  public init(
    _ file: ELFFile, name: String, options: ReadingOptions = ReadingOptions()
  ) throws(FootprintError) {
    try self.init([(name: name, file: file)], options: options)
  }

  /// Reads several ELFs that share one address space: each becomes a component of its name.
  ///
  /// - Throws: `unreadable` for what is no Arm image, `unsound` if the sums do not add up.
  public init(
    _ files: [(name: String, file: ELFFile)], options: ReadingOptions = ReadingOptions()
  ) throws(FootprintError) {
    var readers: [ImageReader] = []
    for entry in files {
      do {
        readers.append(try ImageReader(entry.file))
      } catch {
        throw FootprintError(error.exit, "'\(entry.name)': \(error)")
      }
    }
    let extents = readers.flatMap(\.extents).sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    let guessed = options.memories.isEmpty
    let memories = guessed ? Memory.guessed(from: extents) : options.memories
    var assembly = Assembly(memories: memories)
    for (reader, entry) in zip(readers, files) {
      assembly.add(reader.rows(component: files.count > 1 ? entry.name : nil))
      for note in reader.notes { assembly.note(files.count > 1 ? "\(entry.name): \(note)" : note) }
    }
    let used = Assembly.used(by: extents, in: memories)
    assembly.fill(used: used)
    if guessed {
      assembly.note(
        "memories were found from the addresses used; try: --ld SCRIPT for their sizes")
    }
    let attributes = files.first.flatMap { try? $0.file.armAttributes() }
    self.init(
      image: files.map(\.name).joined(separator: " + "),
      processor: Self.processor(attributes),
      regions: assembly.regions(used: used.map(\.byteCount)), rows: assembly.rows,
      notes: assembly.notes)
    try requireSound()
  }

  /// A core's name if the image states one, else its architecture's; some tools write only `7-M`.
  private static func processor(_ attributes: ArmAttributes??) -> String? {
    guard let attributes = attributes ?? nil else { return nil }
    if let name = attributes.cpuName, name.first?.isLetter == true { return name.lowercased() }
    return attributes.architectureName ?? attributes.cpuName
  }

  /// Checks the conservation law before anybody sees a number.
  func requireSound() throws(FootprintError) {
    let faults = unsoundness()
    guard faults.isEmpty else {
      throw FootprintError(
        .unsound, "the report contradicts itself: " + faults.prefix(3).joined(separator: "; "))
    }
  }
}
