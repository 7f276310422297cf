// ApusBuild/Recipe.swift: the flags that make Embedded Swift small and static, and why each.
// One recipe for kernel and tasks: what differs is in the arguments, never in the flags. All that can
// change a product goes into its fingerprint here, where the tool is called.

import Foundation
import ImagePlan

/// How sources become objects and ELFs for one board.
struct Recipe: Sendable {
  let tools: Tools
  let root: URL
  let board: Board
  /// Where all products go.
  let cache: StepCache

  /// The stack of the kernel in bytes: one path deep, as nothing nests.
  static let kernelStackBytes = 256

  private var compilerFlags: [String] {
    [
      // There is no ELF module for armv7m: armv7em with the core's own name gives its code.
      "-target", "armv7em-none-none-eabi", "-Xcc", "-mcpu=\(board.processor.rawValue)",
      "-Xcc", "-mfloat-abi=soft",
      "-enable-experimental-feature", "Embedded", "-enable-experimental-feature", "Extern",
      "-enable-experimental-feature", "Volatile", "-swift-version", "6",
      "-wmo", "-parse-as-library", "-Osize", "-g",
      // Debug information names no place of this machine, so that a build is the same everywhere.
      "-file-prefix-map", "\(root.path)=.", "-Xfrontend", "-no-clang-module-breadcrumbs",
      "-Xfrontend", "-disable-stack-protector", "-enforce-exclusivity=unchecked",
      "-Xfrontend", "-function-sections", "-Xfrontend", "-mergeable-traps",
      // Unrolling loops over constant counts costs flash even at -Osize.
      "-Xllvm", "-sil-disable-pass=loop-unroll",
      "-I", root.appendingPathComponent(Self.headers).path,
    ]
  }

  private static let headers = "Sources/Runtime/CApus/include"

  /// Compiles `sources` into the module `name` for others to import; it gives no object, as its
  /// code goes into each importer's.
  ///
  /// `imports` has every module that is needed, also by others: no other is found.
  func module(
    _ name: String, _ sources: [URL], imports: [StepCache.Product] = []
  ) async throws -> StepCache.Product {
    try await compile(name, sources, imports, to: "\(name).swiftmodule") { file in
      ["-emit-module", "-emit-module-path", file]
    }
  }

  /// Compiles `sources` as module `name` into an object for link-time optimisation.
  func object(
    _ name: String, _ sources: [URL], imports: [StepCache.Product]
  ) async throws -> StepCache.Product {
    // Only full LTO gives static code: the compiler itself emits a GOT.
    try await compile(name, sources, imports, to: "\(name).o") { file in
      ["-lto=llvm-full", "-c", "-o", file]
    }
  }

  private func compile(
    _ name: String, _ sources: [URL], _ imports: [StepCache.Product], to product: String,
    _ output: (String) -> [String]
  ) async throws -> StepCache.Product {
    let flags = compilerFlags + ["-module-name", name]
    var fingerprint = try fingerprint(tools.swiftc, flags + output(product))
    for module in imports { fingerprint.add(module.key) }
    for source in try sources + self.sources(Self.headers, withExtension: "h") {
      try add(source, to: &fingerprint)
    }
    return try await cache.product(product, fingerprint) { folder in
      try await Tools.run(
        tools.swiftc,
        flags + imports.flatMap { ["-I", $0.folder.path] }
          + output(folder.appending(path: product).path) + sources.map(\.path),
        "compiling '\(name)'", in: root)
    }
  }

  /// Assembles `source` for an image of `taskCount` tasks.
  func assembly(_ source: URL, taskCount: Int) async throws -> StepCache.Product {
    // The port saves floating-point registers; arguments travel in core registers all the same.
    let unit = board.hasFloatingPoint ? ["-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16"] : []
    let flags =
      unit + [
        "-mcpu=\(board.processor.rawValue)", "-mthumb", "-g", "-x", "assembler-with-cpp",
        "-ffile-prefix-map=\(root.path)=.", "-fdebug-prefix-map=\(root.path)=.",
        "-DAPUS_INTERRUPTS=\(board.interruptCount)", "-DAPUS_FPU=\(board.hasFloatingPoint ? 1 : 0)",
        "-DAPUS_TASKS=\(taskCount)", "-DAPUS_KERNEL_STACK=\(Self.kernelStackBytes)",
      ]
    var fingerprint = try fingerprint(tools.assembler, flags)
    try add(source, to: &fingerprint)
    let name = source.deletingPathExtension().lastPathComponent + ".o"
    return try await cache.product(name, fingerprint) { folder in
      try await Tools.run(
        tools.assembler, flags + ["-c", source.path, "-o", folder.appending(path: name).path],
        "assembling '\(source.lastPathComponent)'", in: root)
    }
  }

  /// Links `parts` to the ELF of `subject`, as errors call it, by the script `linker/<script>` with `symbols` defined.
  ///
  /// What nothing refers to is left out, but for the symbols in `kept`. `options` are the linker's.
  func link(
    _ subject: String, _ parts: [StepCache.Product], script: String,
    symbols: [(name: String, value: Int)], options: [String] = [], kept: [String] = []
  ) async throws -> StepCache.Product {
    let script = root.appendingPathComponent("linker/\(script)")
    let definitions = symbols.map { "--defsym=\($0.name)=0x\(String($0.value, radix: 16))" }
    let flags =
      // The outliner saves a few bytes and costs calls on the path of a message.
      ["--gc-sections", "--lto-O2", "-mllvm", "-enable-machine-outliner=never"]
      + options + definitions + kept.map { "--undefined=\($0)" }
    var fingerprint = try fingerprint(tools.linker, flags)
    try add(script, to: &fingerprint)
    for part in parts { fingerprint.add(part.key) }
    do {
      return try await cache.product("linked.elf", fingerprint) { folder in
        try await Tools.run(
          tools.linker,
          flags + ["-T", script.path] + parts.map(\.file.path)
            + ["-o", folder.appending(path: "linked.elf").path],
          "linking \(subject)", in: root)
      }
    } catch let error as BuildError {
      throw await ImageChecks.explain(error, subject: subject, tools: tools)
    }
  }

  // MARK: - Fingerprints

  /// Of `tool`, its arguments, and what it finds in the environment.
  ///
  /// The repository's own place is left out, as the flags keep it out of every product.
  private func fingerprint(_ tool: String, _ arguments: [String]) throws -> Fingerprint {
    var fingerprint = Fingerprint()
    fingerprint.add(try Tools.identity(of: tool))
    fingerprint.add(arguments.map { $0.replacing(root.path, with: "") })
    let environment = ProcessInfo.processInfo.environment
    fingerprint.add(
      ["CPATH", "C_INCLUDE_PATH", "SDKROOT", "COMPILER_PATH", "GCC_EXEC_PREFIX"]
        .map { environment[$0] ?? "" })
    return fingerprint
  }

  /// A file by its place in the repository, which debug information names, and its bytes.
  private func add(_ file: URL, to fingerprint: inout Fingerprint) throws(BuildError) {
    fingerprint.add(file.path.replacing(root.path, with: ""))
    try fingerprint.add(contentsOf: file)
  }

  /// The Swift files directly in and below `folder` of the repository, sorted.
  func swiftSources(_ folder: String) throws(BuildError) -> [URL] {
    try sources(folder, withExtension: "swift")
  }

  /// The files below `folder` that end in `.suffix`, sorted.
  func sources(_ folder: String, withExtension suffix: String) throws(BuildError) -> [URL] {
    let base = root.appendingPathComponent(folder)
    // A folder may be a link, but its files are named as the user sees them.
    let all = FileManager.default.enumerator(atPath: base.resolvingSymlinksInPath().path)
    let names = all?.compactMap { $0 as? String } ?? []
    let found = names.filter { $0.hasSuffix(".\(suffix)") }.sorted()
    guard !found.isEmpty else {
      throw BuildError(
        "there is no .\(suffix) file in '\(folder)'",
        try: "the folder that the manifest names, or 'folder:' in its entry", exitCode: 2)
    }
    return found.map { base.appendingPathComponent($0) }
  }
}
