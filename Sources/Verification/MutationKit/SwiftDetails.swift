// MutationKit/SwiftDetails.swift: what is easily overlooked: widths, limits, one of several conditions.
// Each operator has let a bug through once; the coarser ones are in the two files beside this.

extension SwiftOperators {
  mutating func mutateDetails() {
    for index in tokens.all.indices {
      switch tokens.all[index].kind {
      case .number: halveMask(index)
      case .word:
        narrow(index)
        takeSibling(index)
        if text(index) == "case", tokens.all[index].startsLine { dropPatterns(index) }
      case .sign where tokens.all[index].isBinary:
        touchLimit(index)
        ignoreParts(index)
        dropOperands(index)
      default: break
      }
    }
  }

  // MARK: - Widths

  /// A mask of half as many bits.
  private mutating func halveMask(_ index: Int) {
    let digits = text(index).replacing("_", with: "")
    guard digits.hasPrefix("0x"), let value = UInt64(digits.dropFirst(2), radix: 16) else { return }
    // All bits from the lowest on: a mask, and no address.
    guard value > 3, value & (value + 1) == 0 else { return }
    propose(.width, index...index, "0x" + String(value >> (value.nonzeroBitCount / 2), radix: 16))
  }

  private static let narrower = ["UInt64": "UInt32", "UInt32": "UInt16", "UInt16": "UInt8"]

  /// A conversion that loses the upper half on its way.
  private mutating func narrow(_ index: Int) {
    guard let narrow = Self.narrower[text(index)], text(index + 1) == "(" else { return }
    let values = arguments(index + 1)
    guard values.count == 1, let value = values.first else { return }
    propose(.width, value, "\(narrow)(truncatingIfNeeded: \(tokens.text(value)))")
  }

  // MARK: - Limits

  private static let limits = [
    "<=": ["=="], ">=": ["=="], "==": ["<=", ">="],
  ]

  /// Beyond the limit is the same as at it, or at it is the same as beyond.
  private mutating func touchLimit(_ index: Int) {
    // A case of an enum has no order.
    guard !(text(index + 1) == "." && text(index).hasSuffix("=")) else { return }
    for sign in Self.limits[text(index)] ?? [] { propose(.limit, index...index, sign) }
  }

  // MARK: - One of several

  /// The operand that ends before a sign at `index`, or begins after it, as far as signs of the
  /// strengths `weaker` or a bracket: a line's whole expression for `&&` and `||`.
  private func operand(
    of index: Int, before: Bool, until weaker: Set<String>
  ) -> ClosedRange<Int>? {
    var place = index
    var depth = 0
    while true {
      let next = place + (before ? -1 : 1)
      guard tokens.all.indices.contains(next) else { break }
      let token = tokens.all[next]
      if token.kind == .bracket {
        let opens = "([{".contains(token.text)
        depth += opens == before ? -1 : 1
        // A block is no part of an expression.
        if depth < 0 || token.text == "{" || token.text == "}" { break }
      } else if depth == 0 {
        if weaker.contains(token.text) || Self.ends.contains(token.text) { break }
        if !before, begins(next) { break }
      }
      place = next
      if before, depth == 0, begins(next) { break }
    }
    if place == index { return nil }
    return before ? place...index - 1 : index + 1...place
  }

  /// What no expression goes beyond.
  private static let ends: Set<String> = [
    "=", "return", ",", ":", ";", "if", "guard", "while", "else", "?", "in", "->", "|=", "&=", "^=",
    "+=", "-=", "&+=", "&-=",
  ]
  private static let logic: Set<String> = ["&&", "||"]
  private static let comparisons: Set<String> = ["==", "!=", "<", "<=", ">", ">="]

  /// One operand of a condition, or one flag of a set, is forgotten.
  private mutating func dropOperands(_ index: Int) {
    let sign = text(index)
    let weaker: Set<String>
    switch sign {
    case "&&": weaker = ["||"]
    case "||": weaker = []
    case "|", "&", "^": weaker = Self.logic.union(Self.comparisons).union(["|", "^", "+", "-"])
    default: return
    }
    // The nearest operand alone, so that of `a && b && c` each is left out once.
    let near = weaker.union(Self.logic).union(sign.count == 1 ? ["|", "^", "&"] : [])
    guard let left = operand(of: index, before: true, until: near),
      let right = operand(of: index, before: false, until: near)
    else { return }
    for kept in [right, left] {
      propose(.forget, left.lowerBound...right.upperBound, tokens.text(kept))
    }
  }

  /// A comparison of states that does not see why a task is stopped, or for whom it waits.
  private mutating func ignoreParts(_ index: Int) {
    guard text(index) == "==" || text(index) == "!=", text(index - 1).lowercased() == "state",
      let left = operand(of: index, before: true, until: Self.logic),
      let right = operand(of: index, before: false, until: Self.logic)
    else { return }
    let (one, two) = (tokens.text(left), tokens.text(right))
    for mask in ["0xFFFF_00FF", "0xFFFF"] {
      propose(
        .forget, left.lowerBound...right.upperBound,
        "(\(one).rawValue ^ (\(two) as TaskState).rawValue) & \(mask) \(text(index)) 0")
    }
  }

  /// One of the patterns of a case is forgotten, or goes to the next case.
  private mutating func dropPatterns(_ index: Int) {
    guard let colon = tokens.all[index...].firstIndex(where: { $0.text == ":" }) else { return }
    var patterns: [ClosedRange<Int>] = []
    var first = index + 1
    var place = first
    while place <= colon {
      if place == colon || text(place) == "," {
        if first < place { patterns.append(first...place - 1) }
        first = place + 1
      } else if tokens.all[place].kind == .bracket {
        place = tokens.closing(place)
      }
      place += 1
    }
    guard patterns.count > 1 else { return }
    let next = nextCase(index, colon)
    for (number, pattern) in patterns.enumerated() {
      let others = patterns.enumerated().filter { $0.offset != number }
        .map { tokens.text($0.element) }.joined(separator: ", ")
      if let next {
        let between = tokens.bytes(
          tokens.all[colon].range.lowerBound..<tokens.all[next].range.upperBound)
        propose(.forget, index + 1...next, others + between + " \(tokens.text(pattern)),")
      } else {
        propose(.forget, index + 1...colon - 1, others)
      }
    }
  }

  /// The next `case` of the same switch.
  private func nextCase(_ index: Int, _ colon: Int) -> Int? {
    var place = colon + 1
    while place < tokens.all.count {
      let token = tokens.all[place]
      if token.text == "case" && token.startsLine { return place }
      if token.text == "}" || token.text == "default" { return nil }
      if token.kind == .bracket { place = tokens.closing(place) }
      place += 1
    }
    return nil
  }

  // MARK: - Siblings

  /// Fields of the same type that mean nearly the same.
  private static let siblings = [
    "paddedRAM": "ram", "paddedFlash": "flash", "ram": "paddedRAM", "flash": "paddedFlash",
    "base": "size", "size": "base", "runnable": "armed", "armed": "runnable",
    "pending": "timerBitsOrDetail", "number": "task", "caller": "index", "index": "caller",
    "interruptCount": "taskCount", "taskCount": "interruptCount", "life": "pending",
    "notification": "bit", "attributes": "base",
  ]

  private mutating func takeSibling(_ index: Int) {
    let word = text(index)
    // A label and a declaration keep their names.
    let declarators = ["let", "var", "func", "in", "case", "for", "_"]
    if text(index + 1) == ":" || declarators.contains(text(index - 1)) { return }
    if let other = Self.siblings[word] { propose(.sibling, index...index, other) }
  }
}
