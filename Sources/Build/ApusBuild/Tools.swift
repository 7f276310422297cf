// ApusBuild/Tools.swift: the three tools that make an image, and how they are run.
// Nothing is searched for outside PATH and the Swift toolchain that PATH names.

import Foundation
import Subprocess
import SystemPackage

/// The compilers and the linker.
struct Tools: Sendable {
  /// The Swift compiler.
  let swiftc: String
  /// The linker of the same toolchain: link-time optimisation needs matching versions.
  let linker: String
  /// The assembler, through the C preprocessor.
  let assembler: String
  /// The toolchain's demangler, for messages; `nil` if there is none.
  let demangler: String?

  /// Finds the tools by the directories in `path`, which is PATH's value.
  ///
  /// - Throws: `BuildError` that names what is missing and how to install it.
  init(path: String) throws(BuildError) {
    swiftc = try Self.find(
      "swiftc", in: path, cure: "install Swift 6.3 from swift.org and put its usr/bin on PATH")
    assembler = try Self.find(
      "arm-none-eabi-gcc", in: path, cure: "sudo apt-get install gcc-arm-none-eabi")
    let folder = URL(fileURLWithPath: swiftc).resolvingSymlinksInPath().deletingLastPathComponent()
    linker = folder.appendingPathComponent("ld.lld").path
    guard FileManager.default.isExecutableFile(atPath: linker) else {
      throw BuildError(
        "the Swift toolchain at '\(folder.path)' has no ld.lld",
        try: "a toolchain from swift.org, which has one", exitCode: 2)
    }
    let demangler = folder.appendingPathComponent("swift-demangle").path
    self.demangler = FileManager.default.isExecutableFile(atPath: demangler) ? demangler : nil
  }

  private static func find(
    _ name: String, in path: String, cure: String
  ) throws(BuildError) -> String {
    for folder in path.split(separator: ":") {
      let candidate = "\(folder)/\(name)"
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    throw BuildError("'\(name)' is not installed", try: cure, exitCode: 2)
  }

  /// Runs `tool` and returns what it wrote to standard output.
  ///
  /// - Parameters:
  ///   - what: the job as an error should call it, "compiling task 'shell'".
  ///   - folder: where it runs; debug information names sources from there.
  /// - Throws: `BuildError` with the tool's own words and the command.
  @discardableResult
  static func run(
    _ tool: String, _ arguments: [String], _ what: String, in folder: URL? = nil
  ) async throws -> String {
    let outputLimit = 4 << 20
    let result = try await Subprocess.run(
      .path(FilePath(tool)), arguments: Arguments(arguments),
      workingDirectory: folder.map { FilePath($0.path) },
      output: .string(limit: outputLimit), error: .string(limit: outputLimit))
    let output = result.standardOutput
    guard result.terminationStatus.isSuccess else {
      let words = result.standardError + output
      throw BuildError(
        "\(what) failed", detail: words.trimmingCharacters(in: .whitespacesAndNewlines),
        command: ([tool] + arguments).map(quoted).joined(separator: " "))
    }
    return output
  }

  /// What tells a tool from another version of it: the file that is run, its size and its date.
  static func identity(of tool: String) throws(BuildError) -> String {
    let file = URL(fileURLWithPath: tool).resolvingSymlinksInPath().path
    guard let facts = try? FileManager.default.attributesOfItem(atPath: file),
      let size = facts[.size] as? UInt64, let date = facts[.modificationDate] as? Date
    else { throw BuildError("cannot read '\(file)'", try: "its permissions", exitCode: 2) }
    return "\(file) \(size) \(date.timeIntervalSince1970)"
  }

  /// `word` as a shell reads it back.
  private static func quoted(_ word: String) -> String {
    let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_=./+,:@".contains($0) }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// `symbol` as its author wrote it, as far as the toolchain can tell.
  func demangled(_ symbol: String) async -> String {
    guard let demangler, symbol.hasPrefix("$"),
      let text = try? await Self.run(
        demangler, ["-simplified", "-compact", symbol], "demangling")
    else { return symbol }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
