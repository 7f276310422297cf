// MutationKit/Tool.swift: how compilers and judges are run: as children, with their words kept.
// A child that is told to stop by our cancellation is killed; nobody else's process is touched.

import Foundation
import Subprocess
import SystemPackage

/// The end of a child.
struct Outcome: Sendable {
  /// Whether it exited with status 0.
  var isGood: Bool
  /// Its exit status; nil if a signal ended it.
  var status: Int32?
  /// The first of what it wrote, both streams together.
  var words: String

  /// The first line with `mark` in it, or else the last line.
  func line(with mark: String) -> String {
    let lines = words.split(separator: "\n")
    return String(lines.first { $0.contains(mark) } ?? lines.last ?? "")
  }
}

/// Links a program of an object of its own and others that several links share at once.
///
/// The compiler's driver writes what to link with into a file beside the first object, named after
/// the program: where two links share that file, one reads what the other has just emptied, and
/// finds no `swift_Concurrency`. So the first object is the one that no other link has.
func linkProgram(
  _ program: String, of own: String, with shared: [String], in folder: URL
) async throws -> Outcome {
  try await launch("swiftc", [own] + shared + ["-o", program], in: folder)
}

/// Runs `tool`, found on PATH unless it is a path, with its words in `folder`.
func launch(_ tool: String, _ arguments: [String], in folder: URL) async throws -> Outcome {
  let log = folder.appending(path: "words-\(UUID().uuidString.prefix(8))").path
  defer { try? FileManager.default.removeItem(atPath: log) }
  let file = try FileDescriptor.open(
    log, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
  let executable: Executable = tool.contains("/") ? .path(FilePath(tool)) : .name(tool)
  let result = try await Subprocess.run(
    executable, arguments: Arguments(arguments), workingDirectory: FilePath(folder.path),
    output: .fileDescriptor(file, closeAfterSpawningProcess: false),
    error: .fileDescriptor(file, closeAfterSpawningProcess: true))
  let handle = try FileHandle(forReadingFrom: URL(filePath: log))
  defer { try? handle.close() }
  let bytes = try handle.read(upToCount: 1 << 18) ?? Data()
  var status: Int32?
  if case .exited(let code) = result.terminationStatus { status = code }
  return Outcome(
    isGood: result.terminationStatus.isSuccess, status: status,
    words: String(decoding: bytes, as: UTF8.self))
}
