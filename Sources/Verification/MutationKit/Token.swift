// MutationKit/Token.swift: as much of Swift's grammar as mutation needs: words, signs, brackets.
// No types and no scopes: whether a mutant means anything, the compiler says.

/// A word, a number, a sign or a bracket.
struct Token: Equatable {
  enum Kind {
    case word, number, string, sign, bracket, punctuation
  }
  var kind: Kind
  var text: String
  var range: Range<Int>
  /// Whether it is the first of its line.
  var startsLine: Bool
  /// A sign with space on both sides.
  var isBinary = false
}

/// The tokens of a Swift source, without comments, attributes, imports and `#if` lines.
struct Tokens {
  private(set) var all: [Token] = []
  fileprivate let source: [UInt8]
  private var place = 0
  private var isFresh = true

  init(_ source: [UInt8]) {
    self.source = source
    while place < source.count { next() }
    dropAttributes()
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    place + offset < source.count ? source[place + offset] : 0
  }

  private mutating func next() {
    switch byte() {
    case UInt8(ascii: "\n"):
      isFresh = true
      place += 1
    case UInt8(ascii: " "), UInt8(ascii: "\t"): place += 1
    case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"): skipLine()
    case UInt8(ascii: "#"): skipLine()
    case UInt8(ascii: "\""): string()
    case let first where Self.isDigit(first): take(.number) { Self.isWord($0) }
    case let first where Self.isWord(first) || first == UInt8(ascii: "@"):
      take(.word) { Self.isWord($0) }
      if all.last?.text == "import", all.last?.startsLine == true {
        all.removeLast()
        skipLine()
      }
    case let first where "()[]{}".utf8.contains(first): take(.bracket) { _ in false }
    case let first where Self.signs.contains(first): take(.sign) { Self.signs.contains($0) }
    default: take(.punctuation) { _ in false }
    }
  }

  private static let signs = Set("/=-+!*%<>&|^~?.".utf8)

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
      || byte == UInt8(ascii: "$") || byte >= 128
  }

  private mutating func skipLine() {
    while place < source.count, byte() != UInt8(ascii: "\n") { place += 1 }
  }

  private mutating func take(_ kind: Token.Kind, while isPart: (UInt8) -> Bool) {
    let start = place
    place += 1
    while place < source.count, isPart(byte()) { place += 1 }
    let blanks = [UInt8(ascii: " "), UInt8(ascii: "\n")]
    add(
      kind, start,
      isBinary: kind == .sign && start > 0 && blanks.contains(source[start - 1])
        && blanks.contains(byte()))
  }

  private mutating func string() {
    let start = place
    let isLong = byte(1) == byte() && byte(2) == byte()
    place += isLong ? 3 : 1
    while place < source.count {
      if byte() == UInt8(ascii: "\\") {
        place += 2
      } else if byte() == UInt8(ascii: "\""), !isLong || (byte(1) == byte() && byte(2) == byte()) {
        place += isLong ? 3 : 1
        break
      } else {
        place += 1
      }
    }
    add(.string, start)
  }

  private mutating func add(_ kind: Token.Kind, _ start: Int, isBinary: Bool = false) {
    let text = String(decoding: source[start..<place], as: UTF8.self)
    all.append(
      Token(
        kind: kind, text: text, range: start..<place, startsLine: isFresh, isBinary: isBinary))
    isFresh = false
  }

  /// Attributes say how code is compiled, not what it does.
  private mutating func dropAttributes() {
    var kept: [Token] = []
    var index = 0
    while index < all.count {
      guard all[index].text.hasPrefix("@") else {
        kept.append(all[index])
        index += 1
        continue
      }
      let isFirst = all[index].startsLine
      index += 1
      if index < all.count, all[index].text == "(",
        all[index].range.lowerBound == all[index - 1].range.upperBound
      {
        index = closing(index) + 1
      }
      if isFirst, index < all.count { all[index].startsLine = true }
    }
    all = kept
  }

  /// The index of the bracket that closes the one at `index`.
  func closing(_ index: Int) -> Int {
    var depth = 0
    for other in index..<all.count where all[other].kind == .bracket {
      depth += "([{".contains(all[other].text) ? 1 : -1
      if depth == 0 { return other }
    }
    return all.count - 1
  }

  /// The source between two tokens, both included.
  func text(_ tokens: ClosedRange<Int>) -> String {
    String(decoding: source[range(tokens)], as: UTF8.self)
  }

  /// The bytes between two tokens, both included.
  func range(_ tokens: ClosedRange<Int>) -> Range<Int> {
    all[tokens.lowerBound].range.lowerBound..<all[tokens.upperBound].range.upperBound
  }
}

extension Tokens {
  /// The source in `range`.
  func bytes(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }
}
