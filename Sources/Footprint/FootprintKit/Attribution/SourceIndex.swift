// FootprintKit/Attribution/SourceIndex.swift: which module and file a symbol comes from.
// Debugging information is a help, never a need: a bad one becomes a note, not an error.

import ELFKit
import Foundation

/// What is known of a symbol's origin.
struct Origin: Equatable {
  var module = ""
  var file = ""
  var line = 0
}

struct SourceIndex {
  private var functions: [UInt32: DebugFunction] = [:]
  private var variables: [UInt32: DebugVariable] = [:]
  private let info: DebugInfo
  private let swiftUnits: [Int: String]
  /// Every Swift module of the image.
  private let swiftModules: Set<String>
  /// What went wrong; nil for sound or absent information.
  let note: String?
  /// True when the file has debugging information at all.
  let isPresent: Bool
  let names: [String: ReadableName]

  init(_ file: ELFFile) {
    var failure: String?
    var found = DebugInfo()
    do {
      found = try file.debugInfo()
    } catch {
      failure = "debugging information is unusable: \(error)"
    }
    info = found
    note = failure
    isPresent = !found.units.isEmpty
    for function in found.functions { functions[function.address] = function }
    for variable in found.variables { variables[variable.address] = variable }
    names = SwiftNames.readable(file.symbols.lazy.filter { $0.mapping == nil }.map(\.name))
    swiftUnits = Self.modules(of: found)
    swiftModules = Set(swiftUnits.values).union(names.values.compactMap(\.module))
  }

  /// The module of each Swift unit, by the mangled names in it.
  private static func modules(of info: DebugInfo) -> [Int: String] {
    var counts: [Int: [String: Int]] = [:]
    let names = info.functions.map(\.linkageName) + info.variables.map(\.linkageName)
    let units = info.functions.map(\.unit) + info.variables.map(\.unit)
    let readable = SwiftNames.readable(names, usingToolchain: false)
    for (name, unit) in zip(names, units) {
      guard info.units[unit].producer.hasPrefix("Swift"), let module = readable[name]?.module,
        module != "Swift"
      else { continue }
      counts[unit, default: [:]][module, default: 0] += 1
    }
    return counts.compactMapValues { counts in
      counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
  }

  func origin(of symbol: ELFSymbol) -> Origin {
    var result = Origin()
    var unit: Int?
    if let function = functions[symbol.address], symbol.kind != .object {
      result.file = function.place.file
      result.line = function.place.line
      unit = function.unit
    } else if let variable = variables[symbol.address] {
      result.file = variable.place.file
      result.line = variable.place.line
      unit = variable.unit
    }
    if result.file.isEmpty, let unit, !info.units[unit].name.hasPrefix("<") {
      result.file = info.units[unit].name
    }
    if result.file.isEmpty || result.file.hasSuffix("<compiler-generated>") {
      result.file = symbol.file ?? ""
      // The linker's own name for link-time optimised code says nothing about sources.
      if result.file.hasPrefix("ld-temp") || result.file.hasPrefix("lto") { result.file = "" }
    }
    let directory = unit.map { info.units[$0].directory } ?? ""
    result.module = module(of: symbol, unit: unit, path: result.file)
    result.file = Self.shortened(result.file, below: directory)
    return result
  }

  private func module(of symbol: ELFSymbol, unit: Int?, path: String) -> String {
    if let module = names[symbol.name]?.module { return module }
    if let unit, let module = swiftUnits[unit] { return module }
    let parts = path.split(separator: "/").map(String.init)
    if let sources = parts.lastIndex(of: "Sources"), sources + 1 < parts.count - 1 {
      // Assembly in the folder of a Swift module is that module's, however deep the folder lies.
      let folders = parts[(sources + 1)..<(parts.count - 1)]
      return folders.last(where: swiftModules.contains) ?? parts[sources + 1]
    }
    if path.contains("libgcc") || symbol.name.hasPrefix("__aeabi") { return "libgcc" }
    return parts.count >= 2 ? parts[parts.count - 2] : parts.isEmpty ? "(no file)" : "(no folder)"
  }

  /// The path below the folder in which the compiler ran, with `.` and `..` taken out.
  static func shortened(_ path: String, below directory: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    let joined = (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    let prefix = directory.hasSuffix("/") ? directory : directory + "/"
    return !directory.isEmpty && joined.hasPrefix(prefix)
      ? String(joined.dropFirst(prefix.count)) : joined
  }
}
