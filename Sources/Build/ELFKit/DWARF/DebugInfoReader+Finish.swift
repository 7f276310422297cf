// ELFKit/DWARF/DebugInfoReader+Finish.swift: resolves references once every entry is known.
// Chains of references are followed a bounded number of steps: a hostile file may close a ring.

extension DebugInfoReader {
  private static let maximumSteps = 16

  /// The finished lists, in the file's order.
  func finish() -> DebugInfo {
    var result = info
    result.functions = functions.map { function in
      let entry = resolved(function.entry)
      return DebugFunction(
        name: entry.name, linkageName: entry.linkageName, address: function.address,
        byteCount: function.byteCount, place: entry.place, unit: function.unit)
    }
    result.variables = variables.map { variable in
      let entry = resolved(variable.entry)
      let type = typeNameAndSize(entry.type)
      return DebugVariable(
        name: entry.name, linkageName: entry.linkageName, address: variable.address,
        byteCount: type.byteCount, typeName: type.name, place: entry.place, unit: variable.unit)
    }
    return result
  }

  /// Fills what is missing from the entries that `entry` names as its origin.
  private func resolved(_ entry: NamedEntry) -> NamedEntry {
    var result = entry
    var next = entry.origin
    for _ in 0..<Self.maximumSteps {
      guard let offset = next, let origin = names[offset] else { break }
      if result.name.isEmpty { result.name = origin.name }
      if result.linkageName.isEmpty { result.linkageName = origin.linkageName }
      if result.place.file.isEmpty { result.place = origin.place }
      if result.type == nil { result.type = origin.type }
      next = origin.origin
    }
    return result
  }

  private func typeNameAndSize(_ type: Int?) -> (name: String, byteCount: Int) {
    var name = ""
    var factor = 1
    var next = type
    for _ in 0..<Self.maximumSteps {
      guard let offset = next, let entry = types[offset] else { break }
      if name.isEmpty { name = entry.name }
      if let byteCount = entry.byteCount {
        let product = byteCount.multipliedReportingOverflow(by: factor)
        return (name, product.overflow ? 0 : product.partialValue)
      }
      if let count = entry.count {
        let product = factor.multipliedReportingOverflow(by: count)
        factor = product.overflow ? 0 : product.partialValue
      }
      next = entry.base
    }
    return (name, 0)
  }
}
