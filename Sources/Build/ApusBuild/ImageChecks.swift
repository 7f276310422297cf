// ApusBuild/ImageChecks.swift: what no linked ELF may contain, with the culprit and the cure.
// Checked after every link of the kernel and of each task, on the ELF that is shipped.

import ELFKit

/// The checks of one linked ELF.
struct ImageChecks {
  let file: ELFFile
  /// What the ELF is, as an error should call it: "task 'shell'".
  let subject: String
  let tools: Tools

  /// Refuses an ELF with undefined symbols, a heap, lazily initialised globals or a GOT.
  func check() async throws {
    for symbol in file.symbols where symbol.home == .undefined && !symbol.name.isEmpty {
      throw BuildError(
        "\(subject) needs '\(await tools.demangled(symbol.name))', which nothing defines",
        try: Self.cure(for: symbol.name))
    }
    for symbol in file.symbols where Self.isForbidden(symbol.name) {
      throw BuildError(
        "\(subject) contains '\(await tools.demangled(symbol.name))'",
        try: Self.cure(for: symbol.name))
    }
    for name in [".got", ".got.plt"] {
      if let section = file.section(named: name), section.byteCount > 0 {
        throw BuildError(
          "\(subject) has a global offset table of \(section.byteCount) bytes",
          try: "full link-time optimisation for every object; no extern C variables")
      }
    }
  }

  /// The refusal behind a link that failed for an undefined symbol; other failures as they are.
  ///
  /// The linker's words are kept: they say which source line needs the symbol.
  static func explain(_ error: BuildError, subject: String, tools: Tools) async -> BuildError {
    let mark = "undefined symbol: "
    guard let range = error.detail.range(of: mark) else { return error }
    let symbol = String(error.detail[range.upperBound...].prefix { !$0.isNewline })
    var refusal = error
    refusal.message =
      "\(subject) needs '\(await tools.demangled(symbol))', which nothing defines"
    refusal.cure = cure(for: symbol)
    return refusal
  }

  /// Refuses a task that has variables outside its stack.
  func checkNoVariables() async throws {
    for name in [".data", ".bss"] {
      guard let section = file.section(named: name), section.byteCount > 0 else { continue }
      var culprits: [String] = []
      for symbol in file.symbolsInAddressOrder
      where symbol.byteCount > 0 && symbol.address >= section.address
        && UInt64(symbol.address) < UInt64(section.address) + UInt64(section.byteCount)
      {
        culprits.append("'\(await tools.demangled(symbol.name))' (\(symbol.byteCount))")
      }
      throw BuildError(
        "\(subject) has \(section.byteCount) bytes of \(name): "
          + (culprits.isEmpty ? "no symbol names them" : culprits.joined(separator: ", ")),
        try: "a stored property of the task's struct: a task has no global variables, "
          + "so that a restart forgets everything")
    }
  }

  /// Whether an image that contains `name` has a heap or a lazily initialised global.
  static func isForbidden(_ name: String) -> Bool {
    forbidden.contains(name) || name.hasSuffix("_WZ") || name.hasSuffix("_Wz")
  }

  private static let forbidden: Set<String> = [
    "posix_memalign", "free", "malloc", "swift_once", "swift_slowAlloc", "swift_slowDealloc",
    "swift_allocObject", "swift_initStackObject", "swift_retain", "swift_release",
    "swift_deallocClassInstance", "arc4random_buf",
  ]

  /// What to do about a symbol that must not be needed.
  static func cure(for name: String) -> String {
    if name == "swift_once" || name.hasSuffix("_WZ") || name.hasSuffix("_Wz") {
      return "a computed 'static var', or an initial value that the compiler can fold"
    }
    if name == "arc4random_buf" {
      return "no hashing: Set and Dictionary need randomness and a heap"
    }
    if forbidden.contains(name) || name.hasPrefix("swift_") {
      return "no class, Array, String or escaping closure: structs, InlineArray, StaticString"
    }
    if name.hasPrefix("__aeabi_") {
      return name.contains("ldivmod")
        ? "32-bit division: 64-bit division needs a library that no image has"
        : "integers: floating-point arithmetic needs a library that no image has"
    }
    if name == "putchar" { return "the UART's own print: Swift's print needs a C library" }
    return "a definition in this app, or no use of it"
  }
}
