// MutationKit/HostJudge.swift: the kernel's mutants on this machine, a hundred in one program.
// The walk beside the model comes first, then every unit test of the kernel; both compile once.

import Foundation

/// Judges mutants of the kernel without an image.
struct HostJudge: Sendable {
  private let root: URL
  private let folder: URL

  private static let flags = ["-O", "-wmo", "-swift-version", "6", "-enable-testing"]

  /// Compiles what all mutants share into `folder`, half a minute's work.
  ///
  /// - Throws: `MutationError` if the unchanged tree does not build, or does not pass.
  init(root: URL, folder: URL) async throws {
    (self.root, self.folder) = (root, folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(Batch.variable.utf8).write(to: number)
    for module in ["ApusABI", "ApusKernel"] {
      let more = module == "ApusKernel" ? [number.path] : []
      let outcome = try await compile(
        module, try files(in: "Sources/Kernel/\(module)") + more, into: folder,
        ["-emit-module", "-emit-module-path", "\(folder.path)/\(module).swiftmodule"])
      guard outcome.isGood else { throw Self.broken("Sources/Kernel/\(module)", outcome) }
    }
    let main = folder.appending(path: "main.swift")
    try Data(Self.main.utf8).write(to: main)
    // Tests of the tests compile kernels themselves, and need more than kernel and contract.
    let checks = try files(in: "Tests/Kernel/ApusKernelTests").filter { file in
      let text = try String(contentsOfFile: file, encoding: .utf8)
      return !["import Foundation", "import KernelSabotage"].contains { text.contains($0) }
    }
    let model = "Sources/Verification/KernelModel"
    let walk = try await compile(
      "KernelModel", try files(in: model), into: folder,
      ["-emit-module", "-emit-module-path", "\(folder.path)/KernelModel.swiftmodule"])
    guard walk.isGood else { throw Self.broken(model, walk) }
    // The model works long and must be fast; the unit tests are many and must compile fast.
    let library = try await launch("swiftc", ["-print-target-info"], in: folder).words
      .split(separator: "\"").first { $0.hasSuffix("/lib/swift") }
    let outcome = try await compile(
      "KernelTests", [main.path] + checks, into: folder,
      ["-Onone"] + (library.map { ["-plugin-path", "\($0)/host/plugins/testing"] } ?? []))
    guard outcome.isGood else { throw Self.broken("Tests/Kernel/ApusKernelTests", outcome) }
    let program = try await link(folder)
    if let (oracle, reason) = try await tests(program, 0) {
      throw MutationError(
        "the unchanged kernel does not pass, says the \(oracle): \(reason)", try: "make test",
        exitCode: 1)
    }
  }

  private var number: URL { folder.appending(path: "MutantNumber.swift") }

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

  /// Links the kernel in `place` with the tests.
  private func link(_ place: URL) async throws -> String {
    let program = place.appending(path: "tests").path
    let shared = ["ApusABI", "KernelTests", "KernelModel"].map { "\(folder.path)/\($0).o" }
    let outcome = try await linkProgram(
      program, of: "\(place.path)/ApusKernel.o", with: shared, in: place)
    guard outcome.isGood else {
      throw MutationError("the tests do not link: \(outcome.line(with: "error"))")
    }
    return program
  }

  // MARK: - Judging

  /// Judges `mutants` of the kernel; `report` is told of those that are no longer in question.
  ///
  /// - Returns: those that nothing here notices.
  func judge(
    _ mutants: [Mutant], in place: URL, _ report: (Verdict) throws -> Void
  ) async throws -> [Mutant] {
    var sources: [String: [UInt8]] = [:]
    for file in try files(in: Part.kernel.folder) {
      let name = String(file.split(separator: "/").last ?? "")
      sources[name] = [UInt8](try Data(contentsOf: URL(filePath: file)))
    }
    var refused: [String: String] = [:]
    var silent: [Mutant] = []
    // The compiler finds types first, and what is never returned or set only when they are right.
    for _ in 0..<8 {
      let batch = Batch(mutants, sources: sources, refused: Set(refused.keys))
      let outcome = try await compile(batch, in: place)
      guard !outcome.isGood else {
        let program = try await link(place)
        for (number, mutant) in batch.members.sorted(by: { $0.key < $1.key }) {
          let start = ContinuousClock.now
          if let (oracle, reason) = try await tests(program, number) {
            var verdict = Verdict(mutant, .killed, oracle: oracle, reason: reason)
            verdict.seconds = ((ContinuousClock.now - start) / .seconds(1) * 10).rounded() / 10
            try report(verdict)
          } else {
            silent.append(mutant)
          }
        }
        for mutant in mutants {
          if let reason = refused[mutant.id] {
            try report(Verdict(mutant, .notBuilt, reason: reason))
          }
        }
        return silent + batch.outsiders
      }
      let found = Self.refusals(outcome, batch)
      guard !found.isEmpty else {
        throw MutationError("a batch does not compile: \(outcome.line(with: "error:"))")
      }
      refused.merge(found) { first, _ in first }
      // One mutant in five does not build; if most do not, the copies themselves are wrong.
      guard refused.count <= max(4, mutants.count * 6 / 10) else {
        throw MutationError("a batch is refused: \(outcome.line(with: "error:"))")
      }
    }
    throw MutationError("a batch does not compile after eight attempts")
  }

  private func compile(_ batch: Batch, in place: URL) async throws -> Outcome {
    let kernel = place.appending(path: "kernel")
    try FileManager.default.createDirectory(at: kernel, withIntermediateDirectories: true)
    for (file, text) in batch.texts {
      try Data(text.utf8).write(to: kernel.appending(path: file))
    }
    let names = batch.texts.keys.sorted().map { kernel.appending(path: $0).path }
    return try await compile("ApusKernel", names + [number.path], into: place)
  }

  /// Which mutants the compiler complains of, and what it says.
  private static func refusals(_ outcome: Outcome, _ batch: Batch) -> [String: String] {
    var found: [String: String] = [:]
    for line in outcome.words.split(separator: "\n") where line.contains(" error: ") {
      let parts = line.split(separator: ":", maxSplits: 4)
      guard parts.count == 5, let number = Int(parts[1]) else { continue }
      let file = String(parts[0].split(separator: "/").last ?? "")
      if let mutant = batch.mutant(at: file, number) {
        found[mutant.id] = parts[4].trimmingCharacters(in: .whitespaces)
      }
    }
    return found
  }

  /// Wakes mutant `number` and lets the tests look for it; returns who noticed, and what was said.
  private func tests(_ program: String, _ number: Int) async throws -> (String, String)? {
    let walk = try await launch(program, ["walk", "\(number)"], in: folder)
    if !walk.isGood {
      let reason = walk.status == nil ? "no end, or a trap: " : ""
      return ("walk", reason + walk.line(with: "seed"))
    }
    let checks = try await launch(
      "env", ["APUS_MUTANT=\(number)", program, "--skip", "WalkTests"], in: folder)
    return checks.isGood ? nil : ("unit tests", checks.line(with: "recorded an issue"))
  }

  /// Walks from seed after seed, or runs the unit tests.
  ///
  /// Processor time is limited, not the time of
  /// a shared machine, so that a kernel that never returns is a kernel that is noticed.
  private static let main = """
    import ApusKernel
    @testable import KernelModel
    import Glibc
    import Testing

    @main struct Main {
      static func main() async {
        var memory = rlimit(rlim_cur: 8 << 30, rlim_max: 8 << 30)
        setrlimit(__rlimit_resource_t(9), &memory)
        if let text = getenv("APUS_MUTANT") {
          mutantNumber = Int(String(cString: text)) ?? 0
          var time = rlimit(rlim_cur: 60, rlim_max: 61)
          setrlimit(__rlimit_resource_t(0), &time)
          await Testing.__swiftPMEntryPoint() as Never
        }
        mutantNumber = CommandLine.arguments.last.flatMap { Int($0) } ?? 0
        for seed in UInt64(1)...20 {
          var limit = itimerval()
          limit.it_value.tv_sec = 5
          setitimer(__itimer_which_t(ITIMER_VIRTUAL.rawValue), &limit, nil)
          if let wrong = KernelModel.walk(seed: seed, steps: 10_000) {
            print(wrong)
            exit(1)
          }
        }
        exit(0)
      }
    }
    """
}
