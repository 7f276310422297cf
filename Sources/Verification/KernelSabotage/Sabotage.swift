// KernelSabotage/Sabotage.swift: what a broken kernel is: one edit of one source file.
// Nothing here compiles or runs one, and the tree that an edit is taken from is never touched.

import Foundation

/// A kernel broken on purpose: the original text of one file, and what stands in its stead.
///
/// Every checker of Apus (explorer, model walk, lock-step, conformance) must catch the same ones, so
/// all of them take the edits from here.
public struct Sabotage: Sendable, Equatable, CustomStringConvertible {
  /// What the defect is called in tables and arguments, lower case, unique in a list.
  public var name: String
  /// What the broken kernel does, as one sentence.
  public var sentence: String
  /// The file, relative to the repository: `Sources/Kernel/ApusKernel/Time.swift`, or one of the port's.
  public var file: String
  /// The text to replace; it stands exactly once in the file.
  public var original: String
  /// What stands there instead.
  public var replacement: String

  /// Describes an edit; it is checked when it is made.
  public init(
    _ name: String, _ sentence: String, file: String, _ original: String,
    becomes replacement: String
  ) {
    (self.name, self.sentence, self.file) = (name, sentence, file)
    (self.original, self.replacement) = (original, replacement)
  }

  public var description: String { name }

  /// The name in file names: letters and digits, hyphens between words.
  public var slug: String {
    String(name.map { $0.isLetter || $0.isNumber ? $0 : "-" })
  }
}

/// An edit that cannot be made.
public struct SabotageError: Error, Equatable, CustomStringConvertible {
  public var description: String
}

extension Sabotage {
  /// The file's text with the edit made.
  ///
  /// - Throws: `SabotageError` if the original text does not stand exactly once in `text`.
  public func edited(_ text: String) throws(SabotageError) -> String {
    let count = text.components(separatedBy: original).count - 1
    guard count == 1 else {
      throw SabotageError(
        description: """
          sabotage '\(name)': its original text stands \(count) times, not once
            at \(file)
            the text: \(original)
            try: take the present text of that file over into Sources/Verification/KernelSabotage
          """)
    }
    return text.replacingOccurrences(of: original, with: replacement)
  }

  /// Makes the edit in the copy of a repository's tree at `root`, in place.
  ///
  /// - Throws: `SabotageError` if the file cannot be read or written, or as `edited` does.
  public func apply(to root: URL) throws(SabotageError) {
    let place = root.appendingPathComponent(file)
    guard let text = try? String(contentsOf: place, encoding: .utf8) else {
      throw SabotageError(description: "sabotage '\(name)': cannot read '\(place.path)'")
    }
    let edited = try edited(text)
    do {
      try edited.write(to: place, atomically: true, encoding: .utf8)
    } catch {
      throw SabotageError(
        description: "sabotage '\(name)': cannot write '\(place.path)': \(error)")
    }
  }

  /// Copies `folders` of the repository at `root` into the new folder `copy`, and makes the edit
  /// there.
  ///
  /// Links are followed, so that the copy never leads back into the original. A copy of the default
  /// folders is what an image is built from, 2 MB.
  ///
  /// - Throws: `SabotageError` if `copy` exists, cannot be written, or as `apply` does.
  public func copyTree(
    from root: URL, to copy: URL, folders: [String] = ["Sources", "boards", "linker"]
  ) throws(SabotageError) {
    try Self.copyHonestTree(from: root, to: copy, folders: folders)
    try apply(to: copy)
  }

  /// The same copy with no edit, for those who also test that the honest kernel passes.
  ///
  /// - Throws: `SabotageError` if `copy` exists or cannot be written.
  public static func copyHonestTree(
    from root: URL, to copy: URL, folders: [String] = ["Sources", "boards", "linker"]
  ) throws(SabotageError) {
    let files = FileManager.default
    guard !files.fileExists(atPath: copy.path) else {
      throw SabotageError(description: "the copy '\(copy.path)' exists; name a new folder")
    }
    do {
      for folder in folders {
        let target = copy.appendingPathComponent(folder)
        try files.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try files.copyItem(
          at: root.appendingPathComponent(folder).resolvingSymlinksInPath(), to: target)
      }
    } catch {
      throw SabotageError(description: "cannot copy '\(root.path)' to '\(copy.path)': \(error)")
    }
  }
}
