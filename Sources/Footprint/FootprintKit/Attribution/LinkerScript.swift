// FootprintKit/Attribution/LinkerScript.swift: the MEMORY command of a GNU or LLVM linker script.
// Nothing else of the script is read: where things went is in the ELF.

/// Reads the memories that a linker script declares.
public enum LinkerScript {
  /// The memories of every MEMORY command, in the script's order.
  ///
  /// - Throws: `unreadable` with the entry that could not be understood.
  public static func memories(_ script: String) throws(FootprintError) -> [Memory] {
    var tokens = Tokens(script)
    var result: [Memory] = []
    while let token = tokens.next() {
      guard token == "MEMORY", tokens.next() == "{" else { continue }
      while let name = tokens.next(), name != "}" {
        result.append(try entry(name, &tokens, known: result))
      }
    }
    return result
  }

  private static func entry(
    _ name: String, _ tokens: inout Tokens, known: [Memory]
  ) throws(FootprintError) -> Memory {
    var attributes = ""
    var token = tokens.next()
    if token == "(" {
      while let word = tokens.next(), word != ")" { attributes += word }
      token = tokens.next()
    }
    guard token == ":" else { throw failure(name) }
    var origin: Int?
    var length: Int?
    for _ in 0..<2 {
      let key = tokens.next()?.uppercased()
      guard tokens.next() == "=" else { throw failure(name) }
      let value = tokens.expression(known: known)
      switch key {
      case "ORIGIN", "ORG", "O": origin = value
      case "LENGTH", "LEN", "L": length = value
      default: throw failure(name)
      }
      tokens.skip(",")
    }
    guard let origin, let start = UInt32(exactly: origin), let length, length >= 0 else {
      throw failure(name)
    }
    let writes = attributes.lowercased().contains("w") && !attributes.contains("!")
    let kind: Region.Kind = attributes.isEmpty ? Memory.kind(of: start) : writes ? .ram : .flash
    return Memory(name: name, kind: kind, origin: start, length: length)
  }

  private static func failure(_ name: String) -> FootprintError {
    FootprintError(
      .unreadable,
      "cannot read memory '\(name)' of the linker script; try: --region \(name)=0x08000000,512K")
  }

  /// A number as linker scripts spell it: `0x100`, `64K`, `1M`.
  static func number(_ text: String) -> Int? {
    var digits = Substring(text.trimming())
    var factor = 1
    switch digits.last {
    case "k", "K": factor = 1024
    case "m", "M": factor = 1024 * 1024
    default: break
    }
    if factor > 1 { digits.removeLast() }
    let isHex = digits.hasPrefix("0x") || digits.hasPrefix("0X")
    let value = isHex ? Int(digits.dropFirst(2), radix: 16) : Int(digits)
    guard let value, value >= 0 else { return nil }
    let product = value.multipliedReportingOverflow(by: factor)
    return product.overflow ? nil : product.partialValue
  }

  /// The words and punctuation of a script, without comments.
  private struct Tokens {
    private var words: [String] = []
    private var index = 0

    init(_ script: String) {
      var word = ""
      var isComment = false
      let characters = Array(script.unicodeScalars)
      var position = 0
      func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_"
          || scalar == "."
      }
      while position < characters.count {
        let scalar = characters[position]
        let next = position + 1 < characters.count ? characters[position + 1] : " "
        if isComment {
          if scalar == "*", next == "/" {
            isComment = false
            position += 1
          }
        } else if scalar == "/", next == "*" {
          isComment = true
          position += 1
        } else if isWord(scalar) {
          word.unicodeScalars.append(scalar)
        } else {
          if !word.isEmpty { words.append(word) }
          word = ""
          if !scalar.properties.isWhitespace { words.append(String(scalar)) }
        }
        position += 1
      }
      if !word.isEmpty { words.append(word) }
    }

    mutating func next() -> String? {
      guard index < words.count else { return nil }
      defer { index += 1 }
      return words[index]
    }

    mutating func skip(_ word: String) {
      if index < words.count, words[index] == word { index += 1 }
    }

    /// Sums and differences of numbers and of ORIGIN() and LENGTH(); nil for anything else.
    mutating func expression(known: [Memory]) -> Int? {
      var total = term(known)
      while index < words.count, words[index] == "+" || words[index] == "-" {
        let isPlus = next() == "+"
        guard let left = total, let right = term(known) else { return nil }
        let sum =
          isPlus ? left.addingReportingOverflow(right) : left.subtractingReportingOverflow(right)
        total = sum.overflow ? nil : sum.partialValue
      }
      return total
    }

    private mutating func term(_ known: [Memory]) -> Int? {
      guard let word = next() else { return nil }
      switch word {
      case "ORIGIN", "LENGTH":
        guard next() == "(", let name = next(), next() == ")",
          let memory = known.first(where: { $0.name == name })
        else { return nil }
        return word == "ORIGIN" ? Int(memory.origin) : memory.length
      case "(":
        let value = expression(known: known)
        return next() == ")" ? value : nil
      default: return LinkerScript.number(word)
      }
    }
  }
}

extension String {
  /// The text without white space at its ends.
  func trimming() -> String {
    let scalars = unicodeScalars.drop { $0.properties.isWhitespace }
    var view = String.UnicodeScalarView(scalars)
    while let last = view.last, last.properties.isWhitespace { view.removeLast() }
    return String(view)
  }
}
