// ELFKit/SwiftNames.swift: Swift's mangled names as people read them, grouped by generic.
// The toolchain's demangler does the work; without one, our own short form still names the parts.

import Foundation

/// A symbol's name for people.
public struct ReadableName: Sendable, Equatable {
  /// The demangled name, or the raw one for C and assembly.
  public var full: String
  /// The name without specialisations, thunks and merges: what a person wrote.
  public var generic: String
  /// The Swift module that defines it; nil for C and assembly.
  public var module: String?
  /// What the compiler made of it (`generic specialization <Swift.UInt32>`); nil for plain code.
  public var variant: String?

  /// The name for a table: what a person wrote, then in brackets what the compiler made of it.
  ///
  /// `Kernel.post(_: UInt32, to: Int) -> () <3>`: no `Swift.`, no `where`, no file's hash.
  public var display: String {
    guard let variant else { return SwiftNames.shortened(full) }
    let name = SwiftNames.shortened(generic)
    let prefix = "generic specialization "
    let isPlain = variant.hasPrefix(prefix) && !variant.dropFirst(prefix.count).contains(" of ")
    return isPlain
      ? "\(name) \(SwiftNames.shortened(String(variant.dropFirst(prefix.count))))"
      : "\(name) (\(SwiftNames.shortened(variant)))"
  }

  public init(full: String, generic: String, module: String?, variant: String?) {
    self.full = full
    self.generic = generic
    self.module = module
    self.variant = variant
  }
}

/// Demangles symbols in one batch.
public enum SwiftNames {
  /// True for a Swift name: `$s`, `$S`, `$e` (Embedded), with or without a leading underscore.
  public static func isMangled(_ name: String) -> Bool {
    let stripped = name.hasPrefix("_") ? name.dropFirst() : Substring(name)
    let prefix = stripped.prefix(2)
    return (prefix == "$s" || prefix == "$e" || prefix == "$S") && stripped.utf8.count > 3
  }

  /// A demangled name without `Swift.`, `where` clauses, extensions' homes and files' hashes.
  public static func shortened(_ name: String) -> String {
    guard name.contains(".") else { return name }
    var result = name.replacing("Swift.", with: "")
    // `(extension in Apus):` says where, not what.
    while let start = result.range(of: "(extension in "),
      let end = result[start.upperBound...].range(of: "):")
    {
      result.removeSubrange(start.lowerBound..<end.upperBound)
    }
    // `(deliver in _1E06...)` is a private name and the hash of its file.
    while let start = result.range(of: " in _"),
      let open = result[..<start.lowerBound].lastIndex(of: "("),
      let close = result[start.upperBound...].firstIndex(of: ")")
    {
      let inner = result[result.index(after: open)..<start.lowerBound]
      result.replaceSubrange(open...close, with: inner)
    }
    while let start = result.range(of: " where "),
      let open = result[..<start.lowerBound].lastIndex(of: "<"),
      let close = result[start.upperBound...].firstIndex(of: ">")
    {
      result.removeSubrange(open...close)
    }
    return result
  }

  /// Readable names for all of `symbols`, by their raw name.
  ///
  /// Starts the toolchain's `swift-demangle` once (some 20 ms), and not at all when no symbol is
  /// mangled or `usingToolchain` is false.
  public static func readable(
    _ symbols: some Sequence<String>, usingToolchain: Bool = true
  ) -> [String: ReadableName] {
    var result: [String: ReadableName] = [:]
    var mangled: [String] = []
    for name in Set(symbols) {
      if isMangled(name) && !name.utf8.contains(10) {
        mangled.append(name)
      } else {
        result[name] = ReadableName(full: name, generic: name, module: nil, variant: nil)
      }
    }
    mangled.sort()
    let full = usingToolchain && !mangled.isEmpty ? demangleWithToolchain(mangled) : nil
    for (index, name) in mangled.enumerated() {
      result[name] = parse(demangled: full?[index] ?? name, mangled: name)
    }
    return result
  }

  /// Splits a demangled name into what was written and what the compiler made of it.
  static func parse(demangled: String, mangled: String) -> ReadableName {
    let parts = MangledParts(mangled)
    guard demangled != mangled else {
      let name = parts.path.isEmpty ? mangled : parts.path
      return ReadableName(full: name, generic: name, module: parts.module, variant: nil)
    }
    var generic = demangled
    var variants: [String] = []
    // `X of Y`: specialisations, thunks and merged functions wrap what was written.
    while let range = generic.range(of: " of "), isVariant(generic[..<range.lowerBound]) {
      variants.append(String(generic[..<range.lowerBound]))
      generic = String(generic[range.upperBound...])
    }
    if generic.hasPrefix("merged ") {
      variants.append("merged")
      generic.removeFirst("merged ".count)
    }
    // The linker and LLVM append `.0`, `.llvm.123`: another copy of what was written.
    if let range = generic.range(of: " with unmangled suffix ") {
      variants.append(String(generic[range.lowerBound...].dropFirst(" with ".count)))
      generic = String(generic[..<range.lowerBound])
    }
    return ReadableName(
      full: demangled, generic: generic, module: parts.module,
      variant: variants.isEmpty ? nil : variants.joined(separator: " of "))
  }

  /// True for the compiler's own wrappings; a closure or an accessor is code that was written.
  private static func isVariant(_ text: Substring) -> Bool {
    let words = [
      "generic specialization", "generic not re-abstracted specialization",
      "generic partial specialization", "function signature specialization", "outlined",
      "generic pre-specialization", "inlined generic function",
    ]
    return words.contains { text.hasPrefix($0) }
  }

  /// Runs the demangler with the names on its standard input; nil when there is none or it failed.
  private static func demangleWithToolchain(_ names: [String]) -> [String]? {
    guard let tool = demangler else { return nil }
    let directory = FileManager.default.temporaryDirectory
    let file = directory.appendingPathComponent("apus-names-\(UUID().uuidString)")
    guard
      (try? names.joined(separator: "\n").write(to: file, atomically: false, encoding: .utf8))
        != nil,
      let input = try? FileHandle(forReadingFrom: file)
    else { return nil }
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = ["-compact"]
    process.standardInput = input
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // Cut at bytes, not characters: names are many, and a name may end in anything.
    var lines = data.split(separator: 10, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    if lines.last == "" { lines.removeLast() }
    return process.terminationStatus == 0 && lines.count == names.count ? lines : nil
  }

  /// The path of the toolchain's `swift-demangle`, looked up once.
  private static let demangler: String? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/swift-demangle" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()
}

/// The identifiers of a mangled name, read without a demangler.
struct MangledParts {
  var module: String?
  /// `Module.Type.method`, as far as plain identifiers tell.
  var path: String

  init(_ mangled: String) {
    var bytes = Array(mangled.utf8)
    if bytes.first == UInt8(ascii: "_") { bytes.removeFirst() }
    var index = 2
    var names: [String] = []
    // A leading `s` is the standard library, `S` a substitution for one of its types.
    if index < bytes.count, [UInt8(ascii: "s"), UInt8(ascii: "S")].contains(bytes[index]) {
      let isClang =
        bytes[index] == UInt8(ascii: "S") && bytes.dropFirst(index + 1).first == UInt8(ascii: "o")
      names.append(isClang ? "__C" : "Swift")
    }
    while index < bytes.count {
      guard let length = Self.length(bytes, &index) else {
        index += 1
        continue
      }
      guard length > 0, length <= bytes.count - index else { continue }
      names.append(String(decoding: bytes[index..<(index + length)], as: UTF8.self))
      index += length
    }
    module = names.first
    path = names.joined(separator: ".")
  }

  /// A decimal length at `index`; one with a leading zero (word substitutions) is passed over.
  private static func length(_ bytes: [UInt8], _ index: inout Int) -> Int? {
    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
    guard bytes[index] != UInt8(ascii: "0") else { return nil }
    var length = 0
    while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) {
      length = min(length * 10 + Int(bytes[index] - UInt8(ascii: "0")), 1 << 20)
      index += 1
    }
    return length
  }
}
