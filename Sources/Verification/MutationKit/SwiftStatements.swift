// MutationKit/SwiftStatements.swift: what is done to conditions, statements and whole functions.
// A statement is found by lines and brackets, as the project's formatter lays them out.

extension SwiftOperators {
  // MARK: - Conditions

  mutating func mutateConditions() {
    for index in tokens.all.indices {
      let word = text(index)
      guard ["if", "guard", "while"].contains(word), tokens.all[index].kind == .word else {
        continue
      }
      guard let end = endOfCondition(index + 1, word == "guard" ? "else" : "{") else { continue }
      for clause in clauses(index + 1, end)
      where !["let", "var", "case"].contains(text(clause.lowerBound)) {
        let condition = tokens.text(clause)
        // One comparison for equality is turned round as a comparison.
        let signs = clause.filter { tokens.all[$0].isBinary }.map { text($0) }
        if signs != ["=="] && signs != ["!="] {
          propose(.negate, clause, "!(\(condition))")
        }
        propose(.always, clause, "true")
        propose(.never, clause, "false")
      }
    }
  }

  /// The index of the token after a condition.
  private func endOfCondition(_ first: Int, _ mark: String) -> Int? {
    var index = first
    while index < tokens.all.count {
      if text(index) == mark { return index }
      if tokens.all[index].kind == .bracket { index = tokens.closing(index) }
      index += 1
    }
    return nil
  }

  /// The parts of a condition between its commas.
  private func clauses(_ first: Int, _ end: Int) -> [ClosedRange<Int>] {
    var found: [ClosedRange<Int>] = []
    var start = first
    var index = first
    while index <= end {
      if index == end || text(index) == "," {
        if start < index { found.append(start...index - 1) }
        start = index + 1
      } else if tokens.all[index].kind == .bracket {
        index = tokens.closing(index)
      }
      index += 1
    }
    return found
  }

  // MARK: - Functions

  /// Bodies that do nothing, or answer at once.
  mutating func mutateFunctions() {
    for index in tokens.all.indices where text(index) == "func" {
      guard let (body, result) = body(ofFunction: index), body.lowerBound + 1 < body.upperBound
      else { continue }
      let inner = body.lowerBound + 1...body.upperBound - 1
      switch result {
      case nil: propose(.empty, inner, "")
      case "Bool":
        propose(.empty, inner, "return true")
        propose(.empty, inner, "return false")
      case "UInt32": propose(.empty, inner, "return 0")
      case let type?: if type.hasSuffix("?") { propose(.empty, inner, "return nil") }
      }
      if result == nil { returnEarly(inner) }
    }
  }

  /// The brackets of a function's body, and what it returns.
  func body(ofFunction index: Int) -> (ClosedRange<Int>, String?)? {
    var open = index
    while text(open) != "(" {
      open += 1
      if open >= tokens.all.count { return nil }
    }
    var next = tokens.closing(open) + 1
    var result: String?
    if text(next) == "->" {
      let first = next + 1
      while next < tokens.all.count, text(next) != "{" {
        // A requirement has no body.
        if tokens.all[next].startsLine, text(next) != "{" { return nil }
        next += 1
      }
      if first < next { result = tokens.text(first...next - 1) }
    }
    guard text(next) == "{" else { return nil }
    return (next...tokens.closing(next), result)
  }

  /// A return before each statement of the body but the first.
  private mutating func returnEarly(_ body: ClosedRange<Int>) {
    for start in statementStarts(body).dropFirst() where !["let", "var"].contains(text(start)) {
      propose(.early, start...start, "if true { return }; " + text(start))
    }
  }

  // MARK: - Statements

  private static let declarations: Set<String> = [
    "if", "guard", "while", "for", "switch", "case", "default", "let", "var", "func", "static",
    "public", "private", "extension", "struct", "enum", "init", "else", "mutating", "nonmutating",
    "protocol", "get", "set", "unsafe", "internal", "fileprivate", "where",
  ]

  /// Leaves out each plain statement; a `return` loses its value.
  mutating func mutateStatements() {
    for (first, last) in statements() {
      let range = first...last
      let follows = text(first - 1)
      if text(first) == "return" {
        if first < last { propose(.drop, range, "return") }
        if first < last, text(first + 1) != "true", text(first + 1) != "false" {
          propose(.negate, first + 1...last, "!(\(tokens.text(first + 1...last)))")
        }
      } else {
        propose(.drop, range, follows == ":" ? "break" : "")
      }
    }
    swapCases()
  }

  /// The first and the last token of every plain statement.
  private func statements() -> [(Int, Int)] {
    let starts = statementStarts(0...max(0, tokens.all.count - 1), nested: true)
    return starts.compactMap { start in
      guard tokens.all[start].kind == .word, !Self.declarations.contains(text(start)) else {
        return nil
      }
      var end = start
      var index = start
      while index < tokens.all.count {
        let token = tokens.all[index]
        if index > start, text(index) == "}" || text(index) == ";" || begins(index) { break }
        // A statement with a block is not plain.
        if text(index) == "{" { return nil }
        if token.kind == .bracket { index = tokens.closing(index) }
        end = index
        index += 1
      }
      return (start, end)
    }
  }

  /// Whether a statement may begin at a token: on a new line, and not going on with the last.
  func begins(_ index: Int) -> Bool {
    guard tokens.all[index].startsLine, index > 0 else { return false }
    let token = tokens.all[index]
    let before = tokens.all[index - 1]
    if token.isBinary || token.text == "." || token.text == "else" { return false }
    if token.kind == .sign && token.text.hasPrefix(".") { return false }
    return !(before.isBinary || before.text == "," || before.text == "(" || before.text == "=")
  }

  /// Where statements begin in `range`; inside brackets only if `nested`.
  func statementStarts(_ range: ClosedRange<Int>, nested: Bool = false) -> [Int] {
    var starts: [Int] = []
    var index = range.lowerBound
    while index <= range.upperBound, index < tokens.all.count {
      let before = text(index - 1)
      let opens = index == range.lowerBound || ["{", "}", ";"].contains(before)
      let isCaseBody = before == ":" && isCase(index - 1)
      if text(index) != "}" && (opens || isCaseBody || begins(index)) { starts.append(index) }
      let isBracket = tokens.all[index].kind == .bracket && "([{".contains(text(index))
      if isBracket, !nested || text(index) != "{" { index = tokens.closing(index) }
      index += 1
    }
    return starts
  }

  /// Whether the colon ends the patterns of a case.
  private func isCase(_ colon: Int) -> Bool {
    var index = colon
    while index > 0, !tokens.all[index].startsLine { index -= 1 }
    // Patterns may go on on a second line.
    return text(index) == "case" || text(index) == "default"
      || (text(index) == "." && colon + 1 < tokens.all.count && tokens.all[colon + 1].startsLine)
  }

  /// Exchanges the patterns of neighbouring cases that have a line each.
  private mutating func swapCases() {
    let cases = tokens.all.indices.filter { text($0) == "case" && tokens.all[$0].startsLine }
    for (one, two) in zip(cases, cases.dropFirst()) {
      guard let first = tokens.all[one...].firstIndex(where: { $0.text == ":" }), first < two,
        let second = tokens.all[two...].firstIndex(where: { $0.text == ":" }),
        text(one + 1) == ".", text(two + 1) == ".",
        tokens.all[one + 1...two - 1].allSatisfy({ !$0.startsLine })
      else { continue }
      let (left, right) = (one + 1...first - 1, two + 1...second - 1)
      let between = tokens.range(left).upperBound..<tokens.range(right).lowerBound
      propose(
        .swap, one + 1...second - 1,
        tokens.text(right) + tokens.bytes(between) + tokens.text(left))
    }
  }
}
