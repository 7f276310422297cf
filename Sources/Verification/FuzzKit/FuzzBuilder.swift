// FuzzKit/FuzzBuilder.swift: compiles the fuzz programs with the toolchain's own libFuzzer.
// They are no targets of the package: nothing else is ever built with their instrumentation.

import Foundation

/// Makes the programs from the sources of the repository.
public struct FuzzBuilder: Sendable {
  /// The repository.
  public var root: URL
  /// Where the package was built, which has Yams: the folder of the running program.
  public var products: URL
  /// Where programs and intermediate files go.
  public var output: URL
  /// A file of the tested modules to compile another text for, as a test of the fuzzers does.
  ///
  /// What does not contain it is taken as an earlier build into `output` has left it.
  public var replacing: (file: String, text: String)?

  /// Prepares to build.
  public init(root: URL, products: URL? = nil, output: URL? = nil) {
    self.root = root.standardizedFileURL
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    self.products = products ?? program.deletingLastPathComponent()
    self.output = output ?? root.appending(path: "build/fuzz")
  }

  /// Builds the fuzzer of `target`; some ten seconds.
  public func build(_ target: FuzzTarget) throws -> URL {
    let folder = output.appending(path: "\(target.rawValue)-build")
    var objects = try target.modules.map {
      try compile(module: $0, in: folder, instrumented: true)
    }
    let entry = try sources("Sources/Verification/FuzzTargets/\(target.folder)")
    objects.append(
      try compile(
        entry + target.folders.flatMap(sources), as: "\(target.folder)Fuzz", in: folder,
        ["-parse-as-library", "-sanitize=fuzzer"]))
    if target.modules.contains("Build/ImagePlan") { objects += try yamsObjects() }
    let program = output.appending(path: "\(target.rawValue)-fuzzer")
    try link(objects, to: program, ["-sanitize=fuzzer"])
    return program
  }

  /// Builds the program that makes calls with random registers, without instrumentation.
  public func buildRandom() throws -> URL {
    let folder = output.appending(path: "random-build")
    var objects = try FuzzTarget.kernel.modules.map {
      try compile(module: $0, in: folder, instrumented: false)
    }
    let sources = ["Random/main.swift", "Kernel/Stepper.swift"]
    objects.append(
      try compile(
        sources.map { file("Sources/Verification/FuzzTargets/\($0)") }
          + self.sources(FuzzTarget.model),
        as: "Random", in: folder))
    let program = output.appending(path: "random")
    try link(objects, to: program)
    return program
  }

  // MARK: Steps

  private func compile(module path: String, in folder: URL, instrumented: Bool) throws -> URL {
    let module = path.split(separator: "/").last.map(String.init) ?? path
    return try compile(
      sources("Sources/\(path)"), as: module, in: folder,
      ["-parse-as-library", "-emit-module", "-emit-module-path"]
        + [folder.appending(path: "\(module).swiftmodule").path]
        + (instrumented ? ["-sanitize=fuzzer"] : []))
  }

  private func compile(
    _ files: [String], as name: String, in folder: URL, _ flags: [String] = []
  ) throws -> URL {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let object = folder.appending(path: "\(name).o")
    if let replacing, !files.contains(file(replacing.file)),
      FileManager.default.fileExists(atPath: object.path)
    {
      return object
    }
    let arguments =
      ["-O", "-wmo", "-swift-version", "6", "-gline-tables-only", "-I", folder.path] + yamsFlags
      + flags
    try Self.run(
      ["swiftc", "-c", "-module-name", name, "-o", object.path] + arguments
        + replaced(files, folder),
      "compiling '\(name)'")
    return object
  }

  private func link(_ objects: [URL], to program: URL, _ flags: [String] = []) throws {
    try Self.run(
      ["swiftc", "-o", program.path] + flags + objects.map(\.path), "linking \(program.path)")
  }

  /// The same files, but for the one that is to be compiled with another text.
  private func replaced(_ files: [String], _ folder: URL) throws -> [String] {
    guard let replacing else { return files }
    return try files.map { name in
      guard name == file(replacing.file) else { return name }
      let copy = folder.appending(path: URL(filePath: name).lastPathComponent)
      try Data(replacing.text.utf8).write(to: copy)
      return copy.path
    }
  }

  private func file(_ path: String) -> String { root.appending(path: path).path }

  /// The Swift files in and below a folder, sorted.
  private func sources(_ folder: String) throws -> [String] {
    // Resolved, because an enumerator does not enter a link.
    let base = URL(filePath: file(folder)).resolvingSymlinksInPath()
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
    let found = (names ?? []).filter { $0.hasSuffix(".swift") }.sorted()
    guard !found.isEmpty else { throw FuzzError("there is no Swift file in '\(folder)'") }
    return found.map { "\(file(folder))/\($0)" }
  }

  // MARK: Yams, as the package has built it

  private var yamsFlags: [String] {
    let modules = products.appending(path: "Modules").path
    let map = products.appending(path: "../../checkouts/Yams/Sources/CYaml/include")
    return ["-I", modules, "-I", map.standardizedFileURL.path]
  }

  private func yamsObjects() throws -> [URL] {
    let found = ["Yams.build", "CYaml.build"].flatMap { name in
      let folder = products.appending(path: name)
      let files = FileManager.default.enumerator(atPath: folder.path)
      return (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".o") }.sorted()
        .map { folder.appending(path: $0) }
    }
    guard !found.isEmpty else {
      throw FuzzError(
        "Yams is not built in '\(products.path)'\n  try: swift build --product apus, then its apus")
    }
    return found
  }

  /// Runs a tool to its end.
  static func run(_ command: [String], _ what: String) throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw FuzzError("\(what) failed:\n\(text.suffix(4000))")
    }
  }
}
