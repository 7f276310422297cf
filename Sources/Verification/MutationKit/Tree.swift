// MutationKit/Tree.swift: a repository that is all links but for the folder that is mutated.
// The real tree is only read.

import Foundation

/// A copy of the repository in which one source may differ.
struct Tree: Sendable {
  let root: URL
  private let original: URL

  /// The folders that are copied; the rest is linked.
  private static let copied = [Part.kernel.folder, Part.port.folder]

  /// Makes the copy in `folder`, which must not exist.
  init(of original: URL, at folder: URL) throws {
    (root, self.original) = (folder, original)
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in ["Package.swift", "boards", "linker"] { try link(name) }
    try copy("Sources")
  }

  /// Makes a folder of links to what is in `place`, but for the folders that are copied.
  private func copy(_ place: String) throws {
    let files = FileManager.default
    try files.createDirectory(
      at: root.appending(path: place), withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: original.appending(path: place).path) {
      let inner = "\(place)/\(name)"
      if Self.copied.contains(inner) {
        let target = original.appending(path: inner).resolvingSymlinksInPath()
        try files.copyItem(at: target, to: root.appending(path: inner))
      } else if Self.copied.contains(where: { $0.hasPrefix(inner + "/") }) {
        try copy(inner)
      } else {
        try link(inner)
      }
    }
  }

  private func link(_ place: String) throws {
    try FileManager.default.createSymbolicLink(
      at: root.appending(path: place), withDestinationURL: original.appending(path: place))
  }

  private func place(of mutant: Mutant) -> String { "\(mutant.part.folder)/\(mutant.file)" }

  /// Writes the mutated source.
  func set(_ mutant: Mutant) throws {
    let source = try Data(contentsOf: original.appending(path: place(of: mutant)))
    try Data(mutant.apply(to: [UInt8](source))).write(to: root.appending(path: place(of: mutant)))
  }

  /// Puts the right source back.
  func reset(_ mutant: Mutant) throws {
    let source = try Data(contentsOf: original.appending(path: place(of: mutant)))
    try source.write(to: root.appending(path: place(of: mutant)))
  }
}
