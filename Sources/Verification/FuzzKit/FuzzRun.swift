// FuzzKit/FuzzRun.swift: runs the fuzz programs: new inputs, one old input, or random registers.
// What they print is theirs; a crash becomes an error that names the file and how to see it again.

import Foundation

/// One run of a fuzz program.
public struct FuzzRun: Sendable {
  /// What is fuzzed.
  public var target: FuzzTarget
  /// Its program, from `FuzzBuilder.build`.
  public var program: URL
  /// Inputs to begin with, which are only read.
  public var seeds: URL
  /// Where new inputs and crashes go.
  public var output: URL

  /// Prepares a run of `program` from the repository's corpus.
  public init(_ target: FuzzTarget, program: URL, root: URL, output: URL) {
    self.target = target
    self.program = program
    self.output = output
    seeds = root.appending(path: "Sources/Verification/FuzzTargets/Corpus/\(target.rawValue)")
  }

  /// When a run ends.
  public enum Length: Sendable {
    /// After so many inputs: the same every time.
    case runs(Int)
    /// After so many seconds.
    case seconds(Int)
  }

  /// Tries new inputs, and returns what the fuzzer said at its end.
  ///
  /// - Throws: `FuzzError` with status 1 when an input crashes; it lies in `output/crashes`.
  @discardableResult
  public func search(_ length: Length, seed: Int, isLoud: Bool = false) throws -> String {
    let corpus = output.appending(path: "\(target.rawValue)-corpus")
    try make(corpus)
    let limit =
      switch length {
      case .runs(let count): "-runs=\(count)"
      case .seconds(let count): "-max_total_time=\(count)"
      }
    return try run(
      [limit, "-seed=\(seed)", "-max_len=\(target.longestInput)", corpus.path, seeds.path],
      isLoud: isLoud)
  }

  /// Runs one input, or every file of a folder, once.
  @discardableResult
  public func replay(_ input: URL, isLoud: Bool = false) throws -> String {
    let isFolder =
      (try? input.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory ?? false
    return try run((isFolder ? ["-runs=0"] : []) + [input.path], isLoud: isLoud)
  }

  private func make(_ folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func run(_ arguments: [String], isLoud: Bool) throws -> String {
    let crashes = output.appending(path: "crashes")
    try make(crashes)
    let prefix = "-artifact_prefix=\(crashes.path)/\(target.rawValue)-"
    let (status, text) = try Self.launch(
      program, ["-timeout=20", "-rss_limit_mb=2048", prefix] + arguments, isLoud: isLoud)
    guard status == 0 else {
      let file = text.firstMatch(of: /Test unit written to (\S+)/).map { String($0.output.1) }
      let input = file ?? arguments.last ?? ""
      throw FuzzError(
        """
        an input of \(target.rawValue) crashes: \(input)
        \(text.split(separator: "\n").filter(Self.isTelling).prefix(8).joined(separator: "\n"))
          try: apus-verify fuzz \(target.rawValue) --replay \(input)
        """, exitCode: 1)
    }
    return text.split(separator: "\n").last { $0.hasPrefix("Done") || $0.hasPrefix("Executed") }
      .map(String.init) ?? ""
  }

  private static func isTelling(_ line: Substring) -> Bool {
    line.contains("Fatal error") || line.contains("ERROR:") || line.contains(" in ")
  }

  /// Makes `count` calls with random registers; returns what came out of them.
  ///
  /// - Throws: `FuzzError` with status 1 when kernel and model differ.
  public static func random(_ program: URL, count: Int, seed: Int) throws -> String {
    let (status, text) = try launch(program, [String(count), String(seed)], isLoud: false)
    guard status == 0 else {
      throw FuzzError(
        """
        the kernel and its model differ: \(text.split(separator: "\n").first ?? "")
          try: apus-verify fuzz kernel --random \(count) --seed \(seed)
        """, exitCode: 1)
    }
    return text.trimmingCharacters(in: .newlines)
  }

  /// Runs a program to its end; its output is shown while it comes if `isLoud`.
  private static func launch(
    _ program: URL, _ arguments: [String], isLoud: Bool
  ) throws -> (status: Int32, text: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = program
    process.arguments = arguments
    // The fuzzer itself must see the signal of a trap, or it would not write the input down.
    process.environment = ProcessInfo.processInfo.environment.merging([
      "SWIFT_BACKTRACE": "enable=no"
    ]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    var bytes = Data()
    while let more = try pipe.fileHandleForReading.read(upToCount: 1 << 16), !more.isEmpty {
      bytes += more
      if isLoud { FileHandle.standardError.write(more) }
      // Enough of both ends: a fuzzer of an hour says a lot.
      if bytes.count > 1 << 22 { bytes = bytes.prefix(1 << 20) + bytes.suffix(1 << 20) }
    }
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }
}
