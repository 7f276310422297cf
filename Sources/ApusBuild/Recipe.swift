// ApusBuild/Recipe.swift: the flags that make Embedded Swift small and static, and why each.
// One recipe for kernel and tasks: what differs is in the arguments, never in the flags.

import Foundation
import ImagePlan

/// How sources become objects and ELFs for one board.
struct Recipe: Sendable {
  let tools: Tools
  let root: URL
  let board: Board
  /// Where modules and objects go.
  let objects: URL

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
      "-I", objects.path, "-I", root.appendingPathComponent("Sources/CApus/include").path,
    ]
  }

  /// Compiles `sources` into the module `name` for others to import; it gives no object, as its
  /// code goes into each importer's.
  func module(_ name: String, _ sources: [URL]) async throws {
    try await Tools.run(
      tools.swiftc,
      compilerFlags + [
        "-emit-module", "-emit-module-path",
        objects.appendingPathComponent("\(name).swiftmodule").path, "-module-name", name,
      ] + sources.map(\.path), "compiling module '\(name)'", in: root)
  }

  /// Compiles `sources` as module `name` into an object for link-time optimisation.
  func object(_ name: String, _ sources: [URL]) async throws -> URL {
    let object = objects.appendingPathComponent("\(name).o")
    // Only full LTO gives static code: the compiler itself emits a GOT.
    try await Tools.run(
      tools.swiftc,
      compilerFlags + ["-lto=llvm-full", "-module-name", name, "-c", "-o", object.path]
        + sources.map(\.path), "compiling '\(name)'", in: root)
    return object
  }

  /// Assembles `source` for an image of `taskCount` tasks.
  func assembly(_ source: URL, taskCount: Int, into name: String) async throws -> URL {
    let object = objects.appendingPathComponent("\(name).o")
    // The port saves floating-point registers; arguments travel in core registers all the same.
    let unit = board.hasFloatingPoint ? ["-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16"] : []
    try await Tools.run(
      tools.assembler,
      unit + [
        "-mcpu=\(board.processor.rawValue)", "-mthumb", "-g", "-x", "assembler-with-cpp",
        "-ffile-prefix-map=\(root.path)=.", "-fdebug-prefix-map=\(root.path)=.",
        "-DAPUS_INTERRUPTS=\(board.interruptCount)", "-DAPUS_FPU=\(board.hasFloatingPoint ? 1 : 0)",
        "-DAPUS_TASKS=\(taskCount)", "-DAPUS_KERNEL_STACK=\(Self.kernelStackBytes)",
        "-c", source.path, "-o", object.path,
      ], "assembling '\(source.lastPathComponent)'", in: root)
    return object
  }

  /// Links `parts` to `subject`, as errors call it, by the script `linker/<script>` with `symbols` defined.
  ///
  /// What nothing refers to is left out, but for the symbols in `kept`. `options` are the linker's.
  func link(
    _ subject: String, _ parts: [URL], script: String, symbols: [(name: String, value: Int)],
    options: [String] = [], kept: [String] = [], into output: URL
  ) async throws {
    let definitions = symbols.map { "--defsym=\($0.name)=0x\(String($0.value, radix: 16))" }
    do {
      try await Tools.run(
        tools.linker,
        // The outliner saves a few bytes and costs calls on the path of a message.
        [
          "--gc-sections", "--lto-O2", "-mllvm", "-enable-machine-outliner=never", "-T",
          root.appendingPathComponent("linker/\(script)").path,
        ]
          + options + definitions + kept.map { "--undefined=\($0)" } + parts.map(\.path) + [
            "-o", output.path,
          ],
        "linking \(subject)", in: root)
    } catch let error as BuildError {
      throw await ImageChecks.explain(error, subject: subject, tools: tools)
    }
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
