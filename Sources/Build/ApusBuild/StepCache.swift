// ApusBuild/StepCache.swift: what a tool made of the same input before is not made again.
// A product is named after all that went into it, so nothing here is ever out of date, only unused.

import Foundation

/// Products of earlier steps, a folder each, named by the fingerprint of the step.
///
/// A step works in a folder of its own, which then gets its name in one move: a product is whole or
/// not there, whoever builds beside. Two builds that make the same product both make it, and the
/// second move is dropped.
struct StepCache: Sendable {
  /// Where the products lie.
  let folder: URL

  /// How long a product is kept that no build has asked for, in seconds.
  private static let patience: TimeInterval = 30 * 24 * 3600
  /// How many products there may be before an hour without use is enough to remove one.
  ///
  /// Some 100 KB each; judging mutants for a night would fill a disk otherwise.
  static let limit = 2_000

  /// A file in the cache.
  struct Product: Sendable {
    /// Whole for as long as the cache is not cleaned.
    let file: URL
    /// The step's fingerprint; it stands for the file's bytes in those of later steps.
    let key: String
    /// The folder that holds this product and nothing of another step.
    var folder: URL { file.deletingLastPathComponent() }
  }

  /// The file `name` of the step with this fingerprint; `make` is told the folder to make it in.
  ///
  /// - Throws: what `make` throws; nothing is kept then.
  func product(
    _ name: String, _ fingerprint: Fingerprint, make: (URL) async throws -> Void
  ) async throws -> Product {
    let key = fingerprint.text
    let place = folder.appending(path: key)
    let product = Product(file: place.appending(path: name), key: key)
    let files = FileManager.default
    if files.fileExists(atPath: product.file.path) {
      try? files.setAttributes([.modificationDate: Date.now], ofItemAtPath: place.path)
      return product
    }
    let draft = folder.appending(path: "draft-\(UUID())")
    try files.createDirectory(at: draft, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: draft) }
    try await make(draft)
    func isThere() -> Bool { files.fileExists(atPath: product.file.path) }
    // Another build may have been faster, with the same bytes.
    if rename(draft.path, place.path) == 0 || isThere() { return product }
    // Somebody has removed the product and left its folder.
    try? files.removeItem(at: place)
    if rename(draft.path, place.path) == 0 || isThere() { return product }
    throw BuildError(
      "cannot write '\(place.path)'", try: "its permissions, or room on the disk", exitCode: 2)
  }

  /// A source that the planner writes.
  ///
  /// Its path, which debug information names, follows from its text alone: the same in every build.
  func source(_ name: String, _ text: String) async throws -> Product {
    var fingerprint = Fingerprint()
    fingerprint.add(name)
    fingerprint.add(text)
    return try await product(name, fingerprint) { folder in
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
  }

  /// Removes what no build has asked for: in a month, looked for once a day, or in an hour if there
  /// are more than `limit` products.
  func prune(now: Date = .now) {
    let files = FileManager.default
    let mark = folder.appending(path: "pruned")
    func age(_ file: URL) -> TimeInterval {
      let date = try? files.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
      return date.map { now.timeIntervalSince($0) } ?? .infinity
    }
    guard let names = try? files.contentsOfDirectory(atPath: folder.path) else { return }
    let isFull = names.count > Self.limit
    guard isFull || age(mark) > 24 * 3600 else { return }
    guard files.createFile(atPath: mark.path, contents: nil) else { return }
    for name in names {
      let entry = folder.appending(path: name)
      if age(entry) > (isFull ? 3600 : Self.patience) { try? files.removeItem(at: entry) }
    }
  }
}

/// A number of 128 bits for all that goes into a step: FNV-1a, each part with its length.
///
/// It has to tell inputs apart, not to withstand somebody who forges one: the cache is its owner's,
/// and who can write there can write the sources as well. That is why no cryptographic hash, and no
/// package for one, is needed.
struct Fingerprint {
  private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

  private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var length = UInt64(bytes.count).littleEndian
    withUnsafeBytes(of: &length) { mix($0) }
    mix(bytes)
  }

  private mutating func mix(_ bytes: UnsafeRawBufferPointer) {
    var index = 0
    while index < bytes.count {
      state = (state ^ UInt128(truncatingIfNeeded: bytes[index])) &* Self.prime
      index += 1
    }
  }

  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  mutating func add(_ texts: [String]) {
    add(String(texts.count))
    for text in texts { add(text) }
  }

  /// Adds the bytes of `file`, whatever it is called.
  mutating func add(contentsOf file: URL) throws(BuildError) {
    guard let data = try? Data(contentsOf: file) else {
      throw BuildError(
        "cannot read '\(file.path)'", try: "the file, or its permissions", exitCode: 2)
    }
    data.withUnsafeBytes { add($0) }
  }

  /// 32 hexadecimal digits.
  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }
}
