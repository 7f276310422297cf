// MutationKit/Catalogue.swift: every mutant of the tree, and a sample of them by a seed.
// Files and their order are the folder's, sorted: the same tree has the same list everywhere.

import Foundation

/// All mutants of a repository.
public struct Catalogue: Sendable {
  public var mutants: [Mutant]

  /// Reads the sources under `root`, of `parts` only, and applies `operators`.
  ///
  /// - Throws: `MutationError` if a part has no source there.
  public init(
    root: URL, parts: [Part] = [.kernel, .port, .assembly],
    operators: Set<Operator> = Operator.coarse
  ) throws(MutationError) {
    var all: [Mutant] = []
    for part in parts {
      let folder = root.appending(path: part.folder).resolvingSymlinksInPath()
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(part.suffix) }.sorted()
      guard !names.isEmpty else {
        throw MutationError(
          "there is no \(part.suffix) file in '\(part.folder)'", try: "a clone of Apus")
      }
      for name in names {
        guard let data = FileManager.default.contents(atPath: folder.path + "/" + name) else {
          throw MutationError("'\(part.folder)/\(name)' cannot be read", try: "its permissions")
        }
        all += Self.mutants(of: name, part, [UInt8](data))
      }
    }
    mutants = all.filter { operators.contains($0.operator) }
  }

  /// All mutants of one source.
  static func mutants(of file: String, _ part: Part, _ source: [UInt8]) -> [Mutant] {
    part == .assembly
      ? AssemblyOperators.mutants(of: file, source)
      : SwiftOperators.mutants(of: file, part, source)
  }

  /// `count` of the mutants, chosen by `seed` alone, in the order of the list.
  public func sample(_ count: Int, seed: UInt64) -> [Mutant] {
    var state = seed
    var indices = Array(mutants.indices)
    // The first `count` places of a shuffle (Fisher and Yates), by SplitMix64.
    for place in 0..<min(count, indices.count) {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
      word ^= word >> 31
      indices.swapAt(place, place + Int(word % UInt64(indices.count - place)))
    }
    return indices.prefix(count).sorted().map { mutants[$0] }
  }
}

/// Why mutants cannot be made or judged.
public struct MutationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The whole text, without a leading "error: ".
  public var description: String
  /// 1: the answer is no; 2: something is missing or unreadable.
  public var exitCode: Int32

  init(_ message: String, try cure: String = "", exitCode: Int32 = 2) {
    description = message + (cure.isEmpty ? "" : "\n  try: \(cure)")
    self.exitCode = exitCode
  }
}
