// FootprintKit/Reasons/Why.swift: the shortest chain of references that keeps a symbol in an image.
// No chain is an answer, too: then only the linker script or an attribute keeps it.

import ELFKit
import PlainText

/// Why a symbol is in an image.
public struct Why: Sendable, Equatable {
  public struct Link: Sendable, Equatable {
    public var name: String
    /// How this one refers to the next; empty for the symbol itself.
    public var how: String
    public var site: UInt32
  }

  public var name: String
  public var size: Int
  /// What the first link is, for example `the entry point`; nil when nothing refers to the symbol.
  public var root: String?
  /// From the root to the symbol.
  public var chain: [Link]
  /// Everything that refers to it directly.
  public var referrers: [String]

  /// Explains the symbol called `name`, raw or readable; a unique part of a name is enough.
  ///
  /// - Throws: `unreadable` when there is none, or several, with what was found.
  public init(_ wanted: String, in file: ELFFile) throws(FootprintError) {
    let references = References(file)
    let names = SwiftNames.readable(references.symbols.map(\.name))
    func title(_ index: Int) -> String {
      let raw = references.symbols[index].name
      return names[raw]?.display ?? raw
    }
    let target = try Self.find(wanted, references, title)
    name = title(target)
    size = Int(references.symbols[target].byteCount)
    referrers = references.symbols.indices.filter { index in
      references.outgoing[index].contains { $0.target == target }
    }.map(title)
    var reached: [Int: (from: Int, reference: References.Reference)] = [:]
    var origin: [Int: String] = [:]
    var queue: [Int] = []
    for (position, why) in references.roots() where origin[position] == nil {
      origin[position] = why
      queue.append(position)
    }
    var index = 0
    while index < queue.count, origin[target] == nil, reached[target] == nil {
      let current = queue[index]
      index += 1
      for reference in references.outgoing[current]
      where origin[reference.target] == nil && reached[reference.target] == nil {
        reached[reference.target] = (current, reference)
        queue.append(reference.target)
      }
    }
    var chain = [Link(name: title(target), how: "", site: 0)]
    var current = target
    while let step = reached[current] {
      chain.insert(
        Link(name: title(step.from), how: step.reference.how, site: step.reference.site), at: 0)
      current = step.from
    }
    self.chain = chain
    root = origin[current]
  }

  private static func find(
    _ wanted: String, _ references: References, _ title: (Int) -> String
  ) throws(FootprintError) -> Int {
    let symbols = references.symbols
    if let exact = symbols.indices.first(where: {
      symbols[$0].name == wanted || title($0) == wanted
    }) {
      return references.position(of: symbols[exact].address) ?? exact
    }
    let partial = symbols.indices.filter { title($0).contains(wanted) }
    guard let only = partial.first else {
      throw FootprintError(
        .unreadable, "there is no symbol '\(wanted)' in this image; try: report --by symbol")
    }
    guard Set(partial.map { symbols[$0].address }).count == 1 else {
      throw FootprintError(
        .unreadable,
        "'\(wanted)' may be: " + partial.prefix(8).map(title).joined(separator: "; "))
    }
    return references.position(of: symbols[only].address) ?? only
  }

  /// The chain as text.
  public var text: String {
    var lines = ["\(name) (\(thousands(size)) B)"]
    if let root {
      lines.append("is kept by \(root):")
      for link in chain {
        let suffix = link.how.isEmpty ? "" : "  \(link.how), at \(hex(link.site))"
        lines.append("  \(link.name)\(suffix)")
      }
    } else {
      lines.append(
        "is not reachable from the entry point or a vector: a KEEP of the linker script,")
      lines.append("an attribute (used), or a missing --gc-sections keeps it")
    }
    if !referrers.isEmpty {
      lines.append("referred to by \(referrers.count):")
      lines += referrers.prefix(20).map { "  \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
