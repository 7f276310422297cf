// QEMUKit/Plugin.swift: our TCG plugins' binaries, compiled from the sources inside of this library.
// Nothing is compiled twice, and nothing is installed: the caller names a folder.

import Foundation
import Subprocess

/// A plugin in C, which the host's `cc` compiles when it is first needed.
struct Plugin: Sendable {
  /// The name in messages and files.
  let name: String
  /// The source.
  let source: [UInt8]

  /// Counts instructions between addresses.
  static var counter: Plugin { Plugin(name: "counter", source: PackageResources.counter_c) }
  /// Watches every store.
  static var oracle: Plugin { Plugin(name: "oracle", source: PackageResources.oracle_c) }

  /// The shared library of the present source, in `directory`, compiled if it is not there yet.
  func library(in directory: URL) async throws -> URL {
    let mark = String(Self.fingerprint(source), radix: 16)
    let library = directory.appending(path: "\(name)-\(mark).so")
    let files = FileManager.default
    if files.fileExists(atPath: library.path) { return library }
    try files.createDirectory(at: directory, withIntermediateDirectories: true)
    // A name of its own and a rename at the end, since several test runs may be here at once.
    let scratch = directory.appending(path: "\(name)-\(UUID().uuidString)")
    try Data(source).write(to: scratch.appendingPathExtension("c"))
    defer { try? files.removeItem(at: scratch.appendingPathExtension("c")) }
    try await compile(scratch.appendingPathExtension("c"), to: scratch.appendingPathExtension("so"))
    guard rename(scratch.appendingPathExtension("so").path, library.path) == 0 else {
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
  static func argument(_ url: URL) -> String {
    // QEMU splits at commas, and takes a doubled one as part of a name.
    url.path.replacing(",", with: ",,")
  }
}
