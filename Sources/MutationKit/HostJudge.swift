// MutationKit/HostJudge.swift: the kernel's mutants on this machine: the walk beside the model, then
// every unit test of the kernel. Both are compiled once; a mutant costs one compilation and a link.

import Foundation

/// Judges mutants of the kernel without an image.
struct HostJudge: Sendable {
  private let root: URL
  private let folder: URL

  private static let flags = ["-O", "-wmo", "-swift-version", "6", "-enable-testing"]

  /// What a judged kernel came to.
  enum Finding: Sendable {
    case killed(oracle: String, reason: String)
    case survived
    case notBuilt(String)
  }

  /// Compiles what all mutants share into `folder`, half a minute's work.
  ///
  /// - Throws: `MutationError` if the unchanged tree does not build, or does not pass.
  init(root: URL, folder: URL) async throws {
    (self.root, self.folder) = (root, folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for module in ["ApusABI", "ApusKernel"] {
      let outcome = try await compile(
        module, try files(in: "Sources/\(module)"), into: folder,
        ["-emit-module", "-emit-module-path", "\(folder.path)/\(module).swiftmodule"])
      guard outcome.isGood else { throw Self.broken("Sources/\(module)", outcome) }
    }
    let main = folder.appending(path: "main.swift")
    try Data(Self.main.utf8).write(to: main)
    // A test of the tests compiles kernels itself.
    let tests = try files(in: "Tests/ApusKernelTests").filter {
      !$0.hasSuffix("MutationTests.swift")
    }
    let plugins = try await launch("swiftc", ["-print-target-info"], in: folder).words
      .split(separator: "\"").first { $0.hasSuffix("/lib/swift") }
    let outcome = try await compile(
      "KernelTests", [main.path] + tests, into: folder,
      plugins.map { ["-plugin-path", "\($0)/host/plugins/testing"] } ?? [])
    guard outcome.isGood else { throw Self.broken("Tests/ApusKernelTests", outcome) }
    let honest = try files(in: Part.kernel.folder)
    guard case .survived = try await judge(honest, in: folder.appending(path: "honest")) else {
      throw MutationError(
        "the unchanged kernel does not pass its own tests", try: "make test", exitCode: 1)
    }
  }

  private static func broken(_ what: String, _ outcome: Outcome) -> MutationError {
    MutationError("the unchanged '\(what)' does not compile: \(outcome.line(with: "error:"))")
  }

  private func files(in place: String) throws -> [String] {
    let path = root.appending(path: place).resolvingSymlinksInPath().path
    return try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasSuffix(".swift") }.sorted().map { "\(path)/\($0)" }
  }

  private func compile(
    _ module: String, _ sources: [String], into place: URL, _ more: [String] = []
  ) async throws -> Outcome {
    let output = place.appending(path: "\(module).o").path
    return try await launch(
      "swiftc",
      Self.flags + ["-I", folder.path, "-parse-as-library", "-c", "-module-name", module]
        + ["-o", output] + more + sources, in: folder)
  }

  /// Walks from seed after seed, or runs the unit tests; processor time is limited, not the time of
  /// a shared machine, so that a kernel that never returns is a kernel that is noticed.
  private static let main = """
    import Glibc
    import Testing

    @main struct Main {
      static func main() async {
        var memory = rlimit(rlim_cur: 8 << 30, rlim_max: 8 << 30)
        setrlimit(__rlimit_resource_t(9), &memory)
        guard CommandLine.arguments.count == 3, CommandLine.arguments[1] == "walk" else {
          var time = rlimit(rlim_cur: 60, rlim_max: 61)
          setrlimit(__rlimit_resource_t(0), &time)
          await Testing.__swiftPMEntryPoint() as Never
        }
        for seed in UInt64(1)...20 {
          var limit = itimerval()
          limit.it_value.tv_sec = 5
          setitimer(__itimer_which_t(ITIMER_VIRTUAL.rawValue), &limit, nil)
          if let wrong = walk(seed: seed, steps: Int(CommandLine.arguments[2]) ?? 0) {
            print(wrong)
            exit(1)
          }
        }
        exit(0)
      }
    }
    """

  /// Compiles a kernel of `sources` in `place`, links it with the tests, and runs them.
  func judge(_ sources: [String], in place: URL) async throws -> Finding {
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let compiled = try await compile("ApusKernel", sources, into: place)
    guard compiled.isGood else { return .notBuilt(compiled.line(with: "error:")) }
    let program = place.appending(path: "tests").path
    let objects = [
      "\(folder.path)/ApusABI.o", "\(place.path)/ApusKernel.o", "\(folder.path)/KernelTests.o",
    ]
    let linked = try await launch("swiftc", objects + ["-o", program], in: place)
    guard linked.isGood else { return .notBuilt(linked.line(with: "error")) }
    let walk = try await launch(program, ["walk", "10000"], in: place)
    if !walk.isGood {
      let reason = walk.status == nil ? "no end, or a trap: " : ""
      return .killed(oracle: "walk", reason: reason + walk.line(with: "seed"))
    }
    let tests = try await launch(program, ["--skip", "WalkTests"], in: place)
    if !tests.isGood {
      return .killed(oracle: "unit tests", reason: tests.line(with: "recorded an issue"))
    }
    return .survived
  }
}
