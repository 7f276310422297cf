// QEMUKit/Plugin.swift: our TCG plugins' binaries, compiled from sources that libraries have inside.
// Nothing is compiled twice, and nothing is installed: the caller names a folder.

import Foundation
import Subprocess

/// A plugin in C, which the host's `cc` compiles when it is first needed.
public struct Plugin: Sendable {
  /// The name in messages and files.
  let name: String
  /// The source, which includes `plugin.h` for QEMU's part.
  let source: [UInt8]

  /// A plugin from its source; `name` is for messages and files.
  public init(_ name: String, source: [UInt8]) {
    self.name = name
    self.source = source
  }

  /// Counts instructions between addresses.
  static var counter: Plugin { Plugin("counter", source: PackageResources.counter_c) }

  /// The shared library of the present source, in `directory`, compiled if it is not there yet.
  ///
  /// - Throws: `QEMUError` without a compiler, or if it refuses the source.
  public func library(in directory: URL) async throws -> URL {
    let header = PackageResources.plugin_h
    let mark = String(Self.fingerprint(header + source), radix: 16)
    let library = directory.appending(path: "\(name)-\(mark).so")
    let files = FileManager.default
    if files.fileExists(atPath: library.path) { return library }
    // A folder of its own and a rename at the end, since several test runs may be here at once.
    let scratch = directory.appending(path: "\(name)-\(UUID().uuidString)")
    try files.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: scratch) }
    try Data(header).write(to: scratch.appending(path: "plugin.h"))
    let (text, binary) = (scratch.appending(path: "\(name).c"), scratch.appending(path: "so"))
    try Data(source).write(to: text)
    try await compile(text, to: binary)
    guard rename(binary.path, library.path) == 0 else {
      throw QEMUError("cannot write \(library.path)", exitCode: 2)
    }
    return library
  }

  private func compile(_ source: URL, to library: URL) async throws {
    let arguments = [
      "-shared", "-fPIC", "-O2", "-fvisibility=hidden", "-o", library.path, source.path,
    ]
    do {
      let result = try await Subprocess.run(
        .name("cc"), arguments: Arguments(arguments), output: .discarded,
        error: .string(limit: 1 << 20))
      guard result.terminationStatus.isSuccess else {
        throw QEMUError("the plugin '\(name)' does not compile:\n\(result.standardError)")
      }
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw QEMUError(
        "no C compiler 'cc' for the plugin '\(name)'\n  try: apt-get install gcc", exitCode: 2)
    }
  }

  /// FNV-1a: enough to tell one edition of the source from the next.
  private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// A path as one of the comma-separated parts of QEMU's option.
  public static func argument(_ url: URL) -> String {
    // QEMU splits at commas, and takes a doubled one as part of a name.
    url.path.replacing(",", with: ",,")
  }
}
