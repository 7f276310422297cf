// BenchKit/FootprintSpeed.swift: runs the command `footprint` as a user does, and takes its time.
// It looks at no output but for the overview, which the README shows.

import Foundation
import QEMUKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The time and the memory of `footprint`, whose executable is beside this one.
public struct FootprintSpeed: Sendable {
  /// One process from its start to its end.
  public struct Cost: Sendable {
    /// Wall time.
    public var seconds: Double
    /// Peak of the resident memory, in units of 1,000,000 bytes.
    public var megabytes: Double
  }

  /// `footprint report` on the large ELF.
  public var report: Cost
  /// `footprint boot` of `hello`.
  public var boot: Cost

  /// Measures both, each three times; the first call makes the large ELF in half a minute.
  ///
  /// Measure this before anything large: Linux counts what this process had at the start of the child.
  /// - Parameter hello: the folder of the bundle.
  /// - Throws: `QEMUError` if `footprint` is not built or fails.
  public init(hello: URL, output: URL) throws {
    let large = try LargeELF.file(in: output)
    report = try Self.best([
      "report", large.path, "--region", "flash=0,1M", "--region", "ram=0x20000000,1M",
      "--by", "module,file,symbol",
    ])
    boot = try Self.best(["boot", hello.path, "--tools", output.appending(path: "tools").path])
  }

  private static func best(_ arguments: [String]) throws -> Cost {
    let costs = try (0..<3).map { _ in try cost(of: tool().path, arguments) }
    return Cost(
      seconds: costs.map(\.seconds).min() ?? 0, megabytes: costs.map(\.megabytes).max() ?? 0)
  }

  /// What `footprint overview` prints of one image.
  ///
  /// - Throws: `QEMUError` if `footprint` is not built or fails.
  public static func overview(of bundle: URL, root: URL, output: URL) throws -> String {
    let process = Process()
    process.executableURL = try tool()
    process.arguments = [
      "overview", "--budget", root.appending(path: "Tests/footprint.yaml").path,
      "--tools", output.appending(path: "tools").path, bundle.path,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw QEMUError("'footprint overview' ended with status \(process.terminationStatus)")
    }
    return text
  }

  private static func tool() throws -> URL {
    let own = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    let tool = own.deletingLastPathComponent().appending(path: "footprint")
    guard FileManager.default.isExecutableFile(atPath: tool.path) else {
      throw QEMUError("'\(tool.path)' is not built; `make bench` builds it", exitCode: 2)
    }
    return tool
  }

  /// Runs a program with its output thrown away.
  static func cost(of program: String, _ arguments: [String]) throws -> Cost {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { words.forEach { free($0) } }
    var pid = pid_t()
    let clock = ContinuousClock()
    let start = clock.now
    let failure = posix_spawn(&pid, program, &actions, nil, words, environ)
    guard failure == 0 else {
      throw QEMUError("cannot start '\(program)': error \(failure)", exitCode: 2)
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
    let time = start.duration(to: clock.now).components
    guard status == 0 else {
      let command = "\(program) \(arguments.joined(separator: " "))"
      throw QEMUError("'\(command)' ended with wait status \(status), not with 0")
    }
    #if canImport(Glibc)
      let unit = 1024.0
    #else
      let unit = 1.0
    #endif
    return Cost(
      seconds: Double(time.seconds) + Double(time.attoseconds) * 1e-18,
      megabytes: Double(usage.ru_maxrss) * unit / 1_000_000)
  }
}
