// MutationKit/Mutant.swift: one small change of one source file, with a name that lasts.
// It says what is changed, never what becomes of it.

/// The sources that are mutated; each has oracles of its own.
public enum Part: String, Sendable, CaseIterable, Codable {
  /// The portable kernel, in Swift: judged on the host first.
  case kernel
  /// The port to the core, in Swift: judged by images.
  case port
  /// The port's assembly: judged by images.
  case assembly
  /// The planner's tables: judged by the planner's tests.
  case planner

  /// The folder of the part's files, from the repository's root.
  public var folder: String {
    switch self {
    case .kernel: "Sources/Kernel/ApusKernel"
    case .port: "Sources/Ports/ApusCortexM"
    case .assembly: "Sources/Ports/ApusCortexM/Assembly"
    case .planner: "Sources/Build/ImagePlan"
    }
  }

  /// What the part's files end in.
  var suffix: String {
    switch self {
    case .kernel, .port: ".swift"
    case .assembly: ".S"
    case .planner: "Tables.swift"
    }
  }
}

/// What is done to a source; each name says what goes wrong.
public enum Operator: String, Sendable, CaseIterable, Codable {
  /// A condition is turned round.
  case negate
  /// A condition always holds: a guard is skipped.
  case always
  /// A condition never holds: what it guards is skipped.
  case never
  /// A statement or an instruction is left out.
  case drop
  /// A procedure does nothing, a function answers at once.
  case empty
  /// A procedure returns before a statement.
  case early
  /// A comparison is off by one, or asks for the contrary.
  case compare
  /// A constant is one more, one less, or lacks its lowest bit.
  case constant
  /// `&&` and `||` are exchanged.
  case logic
  /// An arithmetic or bitwise operator, or an instruction, is exchanged for its opposite.
  case arithmetic
  /// A register is exchanged for its neighbour.
  case register
  /// Two neighbouring arguments, operands or cases change places.
  case swap
  /// A name is exchanged for that of its counterpart.
  case other
  /// An address register is not advanced.
  case writeback
  /// A mask or a conversion keeps half of its bits.
  case width
  /// At a limit is the same as beyond it, or beyond it the same as at it.
  case limit
  /// One of several is forgotten: an operand of a condition, a flag, a pattern, a part of a state.
  case forget
  /// A field is exchanged for another of its type.
  case sibling
  /// A barrier waits for less.
  case barrier
}

extension Operator {
  /// Those that make what is easily overlooked; there is no score of them yet.
  public static let fine: Set<Operator> = [.width, .limit, .forget, .sibling, .barrier]
  /// Those that the score is about.
  public static let coarse = Set(allCases).subtracting(fine)
}

/// A mutant: the bytes `range` of `file` replaced by `replacement`.
public struct Mutant: Sendable, Equatable {
  /// `file:line:operator:occurrence`, unique in a tree and the same in every run.
  public var id: String
  public var part: Part
  /// The file's name without its folder.
  public var file: String
  /// The line of the change, from 1.
  public var line: Int
  public var `operator`: Operator
  /// The changed lines before and after, without the space around them.
  public var before: String
  public var after: String
  /// The bytes of the file that are replaced.
  public var range: Range<Int>
  public var replacement: String

  /// The change as two lines.
  public var change: String { "  - \(before)\n  + \(after.isEmpty ? "(nothing)" : after)" }

  /// The file's text with the change.
  public func apply(to source: [UInt8]) -> [UInt8] {
    Array(source[..<range.lowerBound]) + Array(replacement.utf8)
      + Array(source[range.upperBound...])
  }
}

/// A change that an operator proposes, before it has a name.
struct Edit {
  var kind: Operator
  var range: Range<Int>
  var replacement: String

  init(_ kind: Operator, _ range: Range<Int>, _ replacement: String) {
    (self.kind, self.range, self.replacement) = (kind, range, replacement)
  }
}

extension Mutant {
  /// Gives each of `edits` its name, in the order of the text; edits that change nothing are left out.
  static func named(_ edits: [Edit], of file: String, _ part: Part, _ source: [UInt8]) -> [Mutant] {
    var occurrences: [String: Int] = [:]
    var seen: Set<String> = []
    let starts = [0] + source.indices.filter { source[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    let sorted = edits.enumerated().sorted {
      ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
    }.map(\.element)
    return sorted.compactMap { edit in
      let line = starts.lastIndex { $0 <= edit.range.lowerBound } ?? 0
      let last = starts.lastIndex { $0 < max(edit.range.upperBound, 1) } ?? line
      let end = max(last, line) + 1 < starts.count ? starts[max(last, line) + 1] - 1 : source.count
      let whole = starts[line]..<max(end, edit.range.upperBound)
      let before = source[whole]
      let after =
        source[whole.lowerBound..<edit.range.lowerBound] + Array(edit.replacement.utf8)
        + source[edit.range.upperBound..<whole.upperBound]
      // Two operators may come to the same text; the first has it.
      guard Array(before) != Array(after), seen.insert("\(line) \(Array(after).hashText)").inserted
      else { return nil }
      let stem = "\(file):\(line + 1):\(edit.kind.rawValue)"
      let occurrence = occurrences[stem, default: 0]
      occurrences[stem] = occurrence + 1
      return Mutant(
        id: "\(stem):\(occurrence)", part: part, file: file, line: line + 1, operator: edit.kind,
        before: squeezed(before), after: squeezed(after), range: edit.range,
        replacement: edit.replacement)
    }
  }

  /// The text as one line, without comments at the ends of lines; of many lines the ends only.
  private static func squeezed(_ bytes: some Collection<UInt8>) -> String {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .map { line in
        let end = line.firstRange(of: "//")?.lowerBound ?? line.endIndex
        return line[..<end].split(separator: " ").joined(separator: " ")
      }
      .filter { !$0.isEmpty }
    return lines.count > 4
      ? "\(lines[0]) ... \(lines[lines.count - 1])" : lines.joined(separator: " ")
  }
}

extension [UInt8] {
  /// The bytes as text, to compare by.
  fileprivate var hashText: String { String(decoding: self, as: UTF8.self) }
}
