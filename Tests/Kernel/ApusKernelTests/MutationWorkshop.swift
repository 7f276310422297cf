// ApusKernelTests/MutationWorkshop.swift: compiles broken kernels and lets those judge who must.
// The sources are copied, changed in one place and compiled; the tree itself is not touched.

import Checkout
import Foundation
import KernelSabotage
import Subprocess
import SystemPackage

/// A temporary folder with the judges compiled once, to be linked with one kernel after the other.
struct MutationWorkshop: Sendable {
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  /// Who judges a kernel.
  enum Program: String {
    /// The walk beside the model.
    case walk = "Walk"
    /// The explorer, with its random walks and a pasted test.
    case explorer = "Explorer"
  }

  let folder: URL
  /// The repository; resolved, because a folder of tests may be a link.
  static let root = Checkout.root

  init(programs: [Program]) async throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for module in ["ApusABI", "ApusKernel"] {
      let sources = Self.root.appendingPathComponent("Sources/Kernel/\(module)")
      try await compile(module, from: Self.swiftFiles(in: sources))
    }
    for program in programs {
      let main = folder.appendingPathComponent("\(program)/main.swift")
      try FileManager.default.createDirectory(
        at: main.deletingLastPathComponent(), withIntermediateDirectories: true)
      let (text, files) = try program == .walk ? walkSources() : explorerSources()
      try text.write(to: main, atomically: true, encoding: .utf8)
      try await run(
        ["-c", "-module-name", program.rawValue, "-o", path("\(program).o"), main.path] + files)
    }
  }

  /// What lies in the folder that all kernels share.
  func sharedFiles() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.contains(".") }.sorted()
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Compiles the kernel with `sabotage`; returns its folder.
  func kernel(with sabotage: Sabotage?) async throws -> URL {
    let place = folder.appendingPathComponent("\(UUID())")
    let folders = ["Sources/Kernel/ApusKernel"]
    if let sabotage {
      try sabotage.copyTree(from: Self.root, to: place, folders: folders)
    } else {
      try Sabotage.copyHonestTree(from: Self.root, to: place, folders: folders)
    }
    let sources = place.appendingPathComponent(folders[0])
    try await compile("ApusKernel", from: Self.swiftFiles(in: sources), to: place.path)
    return place
  }

  /// Links the kernel in `place` with a judge and lets that run: 0 if it finds nothing, 1 if it does.
  func judge(
    _ place: URL, by program: Program, _ arguments: [String]
  ) async throws -> (status: Int32, text: String) {
    let executable = place.appendingPathComponent("\(program)").path
    if !FileManager.default.fileExists(atPath: executable) {
      // The kernel first: beside the first object the compiler's driver writes what to link with,
      // and where two links share that file, one reads what the other has just emptied.
      try await run([
        place.path + "/ApusKernel.o", path("ApusABI.o"), path("\(program).o"), "-o", executable,
      ])
    }
    return try await Self.launch(executable, arguments)
  }

  // MARK: The judges

  /// A kernel that never returns from a door is caught, too: by processor time, as a busy machine's
  /// clock is no measure.
  private static let head = """
    #if canImport(Darwin)
      import Darwin
    #else
      import Glibc
    #endif
    var limit = rlimit(rlim_cur: 200, rlim_max: 200)
    #if canImport(Darwin)
      setrlimit(RLIMIT_CPU, &limit)
    #else
      setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
    #endif
    let arguments = CommandLine.arguments.dropFirst()

    """

  private func walkSources() throws -> (main: String, files: [String]) {
    let main = """
      let steps = arguments.last.flatMap { Int($0) } ?? 0
      for seed in UInt64(1)...20 {
        if let wrong = walk(seed: seed, steps: steps) {
          print(wrong)
          exit(1)
        }
      }
      """
    let model = Self.root.appendingPathComponent("Sources/Verification/KernelModel")
    return (Self.head + main, try Self.swiftFiles(in: model))
  }

  /// The explorer's own sources, and the pasted test with the words of the testing library replaced.
  private func explorerSources() throws -> (main: String, files: [String]) {
    let main = """
      switch arguments.first {
      case "explore":
        let limit = arguments.last.flatMap { Int($0) } ?? 0
        let exploration = Explorer(.quick, stateLimit: limit).explore()
        guard let way = exploration.counterexample, let promise = exploration.promise else {
          exit(0)
        }
        print("\\(promise)", way.stepCount, exploration.states, exploration.edges)
        print(way.text)
        print(way.test)
        exit(way.violation?.promise == promise ? 1 : 2)
      case "walks":
        let walks = Walks(tasks: 8, count: 20, stepCount: 20_000, seed: 1)
        let report = walks.run()
        print(report.text)
        exit(report.promise == nil ? 0 : 1)
      default:
        PastedTests().explored()
      }
      func expect(_ condition: Bool, _ text: @autoclosure () -> String) {
        if !condition {
          print(text())
          exit(1)
        }
      }
      """
    let pasted = Self.root.appendingPathComponent(
      "Tests/Simulator/ApusSimulatorTests/ExplorerPastedTests.swift")
    var text = try String(contentsOf: pasted, encoding: .utf8)
    text = text.replacing("import Testing", with: "").replacing("@Suite ", with: "")
      .replacing("@testable import ApusSimulator", with: "").replacing("#expect(", with: "expect(")
      .replacing(/@Test\([^\n]*\)\n/, with: "")
    let copy = folder.appendingPathComponent("ExplorerPastedTests.swift")
    try text.write(to: copy, atomically: true, encoding: .utf8)
    let explorer = Self.root.appendingPathComponent("Sources/Simulator/ApusSimulator/Explorer")
    return (Self.head + main, try Self.swiftFiles(in: explorer) + [copy.path])
  }

  // MARK: The compiler

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private static func swiftFiles(in folder: URL) throws -> [String] {
    let folder = folder.resolvingSymlinksInPath()
    return try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }.sorted().map { folder.path + "/" + $0 }
  }

  /// Compiles a module to an object in `place`; a mutant's interface is not written.
  private func compile(
    _ module: String, from files: [String], to place: String? = nil
  ) async throws {
    var arguments = ["-parse-as-library", "-c", "-module-name", module]
    arguments += ["-o", (place ?? folder.path) + "/\(module).o"]
    if place == nil {
      arguments += ["-emit-module", "-emit-module-path", path(module + ".swiftmodule")]
    }
    try await run(arguments + files)
  }

  private func run(_ arguments: [String]) async throws {
    let common = ["swiftc", "-O", "-wmo", "-swift-version", "6", "-I", folder.path]
    let outcome = try await Self.launch("/usr/bin/env", common + arguments)
    if outcome.status != 0 { throw Problem(description: "swiftc: \(outcome.text)") }
  }

  /// Waits without a thread: who holds one for minutes lets no other test's time limit be judged.
  private static func launch(
    _ program: String, _ arguments: [String]
  ) async throws -> (status: Int32, text: String) {
    let result = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments),
      output: .string(limit: 1 << 22), error: .combinedWithOutput)
    let status: Int32 =
      switch result.terminationStatus {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    return (status, String(result.standardOutput.prefix(8_000)))
  }
}
