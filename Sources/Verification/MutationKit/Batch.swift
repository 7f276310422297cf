// MutationKit/Batch.swift: many mutants of the kernel in one program, one of them awake at a time.
// Each is a copy of its function; the function itself hands over to the copy that a number names.

import Foundation

/// The kernel's sources with the copies in them.
struct Batch {
  /// The variable that says which mutant is awake; 0 is none.
  static let variable = """
    /// Which mutant of the kernel is awake; 0 is none.
    public nonisolated(unsafe) var mutantNumber = 0
    """

  /// The mutants that are in, by their numbers.
  private(set) var members: [Int: Mutant] = [:]
  /// Mutants outside any function: they need a program of their own.
  private(set) var outsiders: [Mutant] = []
  /// The text of each file, by its name.
  private(set) var texts: [String: String] = [:]
  /// The lines of each copy, by file and number.
  private var places: [String: [(lines: ClosedRange<Int>, number: Int)]] = [:]

  /// Composes the batch of `mutants`, but for those that `isRefused` by the compiler.
  init(_ mutants: [Mutant], sources: [String: [UInt8]], refused: Set<String> = []) {
    for (number, mutant) in mutants.enumerated() where !refused.contains(mutant.id) {
      members[number + 1] = mutant
    }
    for (file, source) in sources { compose(file, source) }
    for mutant in outsiders { members = members.filter { $0.value.id != mutant.id } }
  }

  /// The mutant at a place that the compiler complains of.
  func mutant(at file: String, _ line: Int) -> Mutant? {
    places[file]?.first { $0.lines.contains(line) }.flatMap { members[$0.number] }
  }

  private mutating func compose(_ file: String, _ source: [UInt8]) {
    let own = members.filter { $0.value.file == file }.sorted { $0.key < $1.key }
    let functions = Function.all(in: source)
    var groups: [Int: [(Int, Mutant)]] = [:]
    for (number, mutant) in own {
      let home = functions.firstIndex {
        $0.body.lowerBound < mutant.range.lowerBound
          && mutant.range.upperBound < $0.body.upperBound
      }
      if let home {
        groups[home, default: []].append((number, mutant))
      } else {
        outsiders.append(mutant)
      }
    }
    var text = ""
    var end = 0
    func take(_ upTo: Int) {
      text += String(decoding: source[end..<upTo], as: UTF8.self)
      end = upTo
    }
    for (index, function) in functions.enumerated() {
      guard let group = groups[index] else { continue }
      take(function.body.lowerBound + 1)
      let cases = group.map { "case \($0.0): return \(function.call($0.0))" }
      text += "switch mutantNumber { \(cases.joined(separator: "; ")); default: break };"
      text += function.isExpression ? " return " : " "
      take(function.body.upperBound + 1)
      for (number, mutant) in group {
        text += "\n"
        let first = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        text += function.copy(number, mutant, source)
        let last = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        places[file, default: []].append((first...last, number))
      }
    }
    take(source.count)
    // What is inlined everywhere would bring its copies everywhere.
    texts[file] = text.replacing("@inline(__always)", with: "@inline(never)")
  }
}

/// A function of the kernel, as far as copying it takes.
private struct Function {
  /// From the first modifier to behind the closing bracket; the name; from the opening bracket to
  /// before the closing one.
  var whole: Range<Int>
  var name: Range<Int>
  var body: Range<Int>
  var title: String
  var arguments: [String]
  /// The body is one expression without `return`.
  var isExpression: Bool

  static func all(in source: [UInt8]) -> [Function] {
    let operators = SwiftOperators(tokens: Tokens(source))
    let tokens = operators.tokens
    return tokens.all.indices.filter { tokens.all[$0].text == "func" }.compactMap { index in
      guard let (body, result) = operators.body(ofFunction: index) else { return nil }
      var first = index
      let modifiers = ["public", "private", "mutating", "static", "fileprivate"]
      while first > 0, modifiers.contains(tokens.all[first - 1].text) { first -= 1 }
      let bytes = tokens.range(body)
      let inner = body.lowerBound + 1
      let keywords = ["return", "if", "guard", "while", "switch", "let", "var"]
      let isExpression =
        result != nil && !keywords.contains(operators.text(inner))
        && operators.statementStarts(inner...body.upperBound - 1).count == 1
      return Function(
        whole: tokens.all[first].range.lowerBound..<bytes.upperBound,
        name: tokens.all[index + 1].range, body: bytes.lowerBound..<bytes.upperBound - 1,
        title: operators.text(index + 1), arguments: operators.forwarded(index + 2),
        isExpression: isExpression)
    }
  }

  /// The call of the copy for mutant `number` with the function's own arguments.
  func call(_ number: Int) -> String {
    "\(title)_\(number)(\(arguments.joined(separator: ", ")))"
  }

  /// The function with the mutation in it, under another name.
  func copy(_ number: Int, _ mutant: Mutant, _ source: [UInt8]) -> String {
    func text(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }
    let head = text(whole.lowerBound..<name.lowerBound).replacing("public ", with: "")
    return head + "\(title)_\(number)" + text(name.upperBound..<mutant.range.lowerBound)
      + mutant.replacement + text(mutant.range.upperBound..<whole.upperBound)
  }
}

extension SwiftOperators {
  /// What a function passes on to another of the same parameters, whose list opens at `open`.
  fileprivate func forwarded(_ open: Int) -> [String] {
    let close = tokens.closing(open)
    var words: [String] = []
    var first = open + 1
    for index in open + 1...close where index == close || text(index) == "," {
      if first < index {
        let label = text(first)
        let isPlain = text(first + 1) == ":"
        let name = isPlain ? label : text(first + 1)
        let isInout = (first...index).contains { text($0) == "inout" }
        let value = (isInout ? "&" : "") + name
        words.append(label == "_" ? value : "\(label): \(value)")
      }
      first = index + 1
    }
    return words
  }
}
