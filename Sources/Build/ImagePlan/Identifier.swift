// ImagePlan/Identifier.swift: the manifest's names as Swift names: uart-rx -> uartRx, UartRx.
// Two names that would become one are refused by `App`, never renamed.

/// Spells the manifest's names in Swift.
enum Identifier {
  /// Whether `name` can stand in a manifest: a lower-case letter, then letters, digits, hyphens.
  static func isName(_ name: String) -> Bool {
    guard let first = name.first, ("a"..."z").contains(first), name.last != "-" else {
      return false
    }
    return name.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
      && !name.contains("--")
  }

  /// Whether `name` can be a folder, a struct and part of a module's name.
  static func isTypeName(_ name: String) -> Bool {
    guard let first = name.first, ("A"..."Z").contains(first) else { return false }
    return name.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
    }
  }

  /// The words of `name` joined, each capitalised.
  static func upperCamelCase(_ name: String) -> String {
    name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// The words of `name` joined, each but the first capitalised; in backticks if Swift needs it.
  static func lowerCamelCase(_ name: String) -> String {
    let joined = upperCamelCase(name)
    let lower = joined.prefix(1).lowercased() + joined.dropFirst()
    return keywords.contains(lower) ? "`\(lower)`" : lower
  }

  private static let keywords: Set<String> = [
    "as", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do", "else",
    "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if",
    "import", "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup",
    "private", "protocol", "public", "repeat", "rethrows", "return", "self", "static", "struct",
    "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias", "var", "where",
    "while",
  ]
}
