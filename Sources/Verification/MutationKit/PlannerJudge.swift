// MutationKit/PlannerJudge.swift: the planner's mutants, by the planner's own tests.
// Each is compiled anew, as there are few; its tests are compiled once.

import Foundation

/// Judges mutants of the planner.
struct PlannerJudge: Sendable {
  private let root: URL
  private let folder: URL
  /// What the package has built of Yams, beside the running program.
  private let yams: [String]
  private let flags: [String]

  /// Compiles what all mutants share into `folder`.
  ///
  /// - Throws: `MutationError` if the unchanged tree does not build, or does not pass.
  init(root: URL, folder: URL) async throws {
    (self.root, self.folder) = (root, folder)
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent()
    yams = ["Yams.build", "CYaml.build"].flatMap { name in
      let place = products.appending(path: name)
      let found = files.enumerator(atPath: place.path)?.compactMap { $0 as? String } ?? []
      return found.filter { $0.hasSuffix(".o") }.sorted().map { "\(place.path)/\($0)" }
    }
    guard !yams.isEmpty else {
      throw MutationError("Yams is not built in '\(products.path)'", try: "its 'apus-verify'")
    }
    let map = products.appending(path: "../../checkouts/Yams/Sources/CYaml/include")
    flags =
      ["-Onone", "-wmo", "-swift-version", "6", "-enable-testing", "-parse-as-library"]
      + ["-I", folder.path, "-I", products.appending(path: "Modules").path]
      + ["-I", map.standardizedFileURL.path]
    for (layer, module) in [
      ("Kernel", "ApusABI"), ("Build", "PlainText"), ("Build", "ImagePlan"),
    ] {
      try await require(
        try await compile(
          module, try sources("Sources/\(layer)/\(module)"), into: folder,
          ["-emit-module", "-emit-module-path", "\(folder.path)/\(module).swiftmodule"]))
    }
    let main = folder.appending(path: "main.swift")
    try Data(Self.main.utf8).write(to: main)
    let library = try await launch("swiftc", ["-print-target-info"], in: folder).words
      .split(separator: "\"").first { $0.hasSuffix("/lib/swift") }
    try await require(
      try await compile(
        "PlanTests", [main.path] + sources("Tests/Build/ImagePlanTests"), into: folder,
        library.map { ["-plugin-path", "\($0)/host/plugins/testing"] } ?? []))
    if let reason = try await test(folder) {
      throw MutationError("the unchanged planner does not pass: \(reason)", exitCode: 1)
    }
  }

  /// Judges `mutant` with its files in `place`.
  func judge(_ mutant: Mutant, in place: URL) async throws -> Verdict {
    let start = ContinuousClock.now
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let files = try sources(Part.planner.folder)
    let copy = place.appending(path: mutant.file)
    let texts = try files.map { file in
      guard file.hasSuffix("/\(mutant.file)") else { return file }
      let source = [UInt8](try Data(contentsOf: URL(filePath: file)))
      try Data(mutant.apply(to: source)).write(to: copy)
      return copy.path
    }
    let outcome = try await compile("ImagePlan", texts, into: place)
    var verdict = Verdict(mutant, .survived)
    if !outcome.isGood {
      verdict = Verdict(mutant, .notBuilt, reason: outcome.line(with: "error:"))
    } else if let reason = try await test(place) {
      verdict = Verdict(mutant, .killed, oracle: "planner's tests", reason: reason)
    }
    verdict.seconds = ((ContinuousClock.now - start) / .seconds(1) * 10).rounded() / 10
    return verdict
  }

  private func require(_ outcome: Outcome) async throws {
    guard outcome.isGood else {
      throw MutationError("the unchanged planner does not compile: \(outcome.line(with: "error:"))")
    }
  }

  private func sources(_ place: String) throws -> [String] {
    let path = root.appending(path: place).resolvingSymlinksInPath().path
    return try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasSuffix(".swift") }.sorted().map { "\(path)/\($0)" }
  }

  private func compile(
    _ module: String, _ sources: [String], into place: URL, _ more: [String] = []
  ) async throws -> Outcome {
    try await launch(
      "swiftc",
      flags + ["-c", "-module-name", module, "-o", "\(place.path)/\(module).o"] + more + sources,
      in: folder)
  }

  /// Links the planner in `place` with the tests, and runs them; returns what the first says.
  private func test(_ place: URL) async throws -> String? {
    let program = place.appending(path: "plan-tests").path
    let shared = ["ApusABI", "PlainText", "PlanTests"].map { "\(folder.path)/\($0).o" }
    try await require(
      try await linkProgram(
        program, of: "\(place.path)/ImagePlan.o", with: shared + yams, in: place))
    let outcome = try await launch(program, [], in: place)
    return outcome.isGood ? nil : outcome.line(with: "recorded an issue")
  }

  /// Processor time is limited, not the time of a shared machine.
  private static let main = """
    import Glibc
    import Testing

    @main struct Main {
      static func main() async {
        var time = rlimit(rlim_cur: 120, rlim_max: 121)
        setrlimit(__rlimit_resource_t(0), &time)
        await Testing.__swiftPMEntryPoint() as Never
      }
    }
    """
}
