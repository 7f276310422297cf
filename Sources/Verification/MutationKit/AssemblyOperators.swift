// MutationKit/AssemblyOperators.swift: what is done to a line of assembly.
// A line is a label, a mnemonic and operands; comments and what only names or aligns are left alone.

/// Proposes every mutation of an assembly source.
struct AssemblyOperators {
  private let source: [UInt8]
  private var edits: [Edit] = []

  /// All mutants of `source`, in the order of its lines.
  static func mutants(of file: String, _ source: [UInt8]) -> [Mutant] {
    var operators = AssemblyOperators(source)
    operators.mutateLines()
    return Mutant.named(operators.edits, of: file, .assembly, source)
  }

  private init(_ source: [UInt8]) { self.source = source }

  /// A mnemonic or directive with its operands, each with its place in the file.
  private struct Line {
    var name: Range<Int>
    var operands: [Range<Int>]
    var whole: Range<Int>
  }

  /// Directives that neither make code nor data, but name, place or align them.
  private static let silent: Set<String> = [
    ".syntax", ".thumb", ".section", ".balign", ".global", ".type", ".macro", ".endm", "function",
    ".cpu", ".fpu",
  ]

  private mutating func mutateLines() {
    var start = 0
    var before: Line?
    while start < source.count {
      let end = source[start...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count
      if let line = line(start..<end), !Self.silent.contains(text(line.name)) {
        mutate(line)
        if let before { swapVectors(before, line) }
        before = line
      }
      start = end + 1
    }
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: source[range], as: UTF8.self)
  }

  private func line(_ range: Range<Int>) -> Line? {
    let bytes = Array(source[range])
    var end = bytes.count
    for index in bytes.indices.dropLast() where bytes[index] == 47 && bytes[index + 1] == 47 {
      end = index
      break
    }
    // A line of the preprocessor.
    if bytes.first == UInt8(ascii: "#") { return nil }
    let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
    var start = 0
    while start < end, isBlank(bytes[start]) { start += 1 }
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    // Labels stand alone on their lines.
    guard start < end, bytes[end - 1] != UInt8(ascii: ":") else { return nil }
    let base = range.lowerBound
    let nameEnd = bytes[start..<end].firstIndex(where: isBlank) ?? end
    var operands: [Range<Int>] = []
    var depth = 0
    var first = nameEnd
    for index in nameEnd...end where nameEnd < end {
      let byte = index < end ? bytes[index] : UInt8(ascii: ",")
      if "[{(".utf8.contains(byte) { depth += 1 }
      if "]})".utf8.contains(byte) { depth -= 1 }
      guard byte == UInt8(ascii: ","), depth == 0 || index == end else { continue }
      var (left, right) = (first, index)
      while left < right, isBlank(bytes[left]) { left += 1 }
      while right > left, isBlank(bytes[right - 1]) { right -= 1 }
      if left < right { operands.append(base + left..<base + right) }
      first = index + 1
    }
    return Line(
      name: base + start..<base + nameEnd, operands: operands, whole: base + start..<base + end)
  }

  private mutating func propose(_ kind: Operator, _ range: Range<Int>, _ replacement: String) {
    edits.append(Edit(kind, range, replacement))
  }

  // MARK: - Lines

  private mutating func mutate(_ line: Line) {
    let name = text(line.name)
    if name == ".equ" || name == ".space" || name == ".rept" || name == ".word" {
      if name == ".word", line.operands.count == 1 { propose(.drop, line.whole, "") }
      for operand in line.operands { mutateNumbers(operand) }
      return
    }
    if name.hasPrefix(".") { return }
    propose(.drop, line.whole, "")
    let takesSymbol = line.operands.count > 1 && text(line.operands[1]).hasPrefix("=")
    if let opposite = Self.opposites[name], !takesSymbol {
      let isBranch = name.hasPrefix("b")
      propose(isBranch ? .compare : .arithmetic, line.name, opposite)
    }
    if let less = Self.barriers[name] { propose(.barrier, line.name, less) }
    if let near = Self.neighbours[name] { propose(.compare, line.name, near) }
    for operand in line.operands { mutate(operand) }
    // The two that come first, as most others are constants.
    if line.operands.count >= 2, !text(line.operands[1]).hasPrefix("#"),
      !text(line.operands[1]).hasPrefix("=")
    {
      let (one, two) = (line.operands[0], line.operands[1])
      propose(
        .swap, one.lowerBound..<two.upperBound,
        text(two) + text(one.upperBound..<two.lowerBound) + text(one))
    }
  }

  /// The contrary of an instruction.
  private static let opposites = [
    "beq": "bne", "bne": "beq", "blo": "bhs", "bhs": "blo", "bhi": "bls", "bls": "bhi",
    "add": "sub", "adds": "subs", "subs": "adds", "sub": "add", "ldr": "str", "str": "ldr",
    "ldrb": "ldr", "strb": "str", "orr": "and", "lsls": "lsrs", "stmia": "stmdb",
    "stmdb": "stmia", "ldmia": "ldmdb", "strhs": "strlo", "mvn": "mov", "tst": "teq",
    "cmp": "cmn", "push": "pop", "pop": "push", "blx": "bx", "bl": "b", "vstmia": "vldmia",
    "vldmia": "vstmia",
  ]

  /// A barrier that does not wait for what this one waits for; without one it is a `drop`.
  private static let barriers = ["dsb": "dmb", "isb": "dsb"]

  /// A condition that differs in one case.
  private static let neighbours = [
    "blo": "bls", "bhs": "bhi", "bhi": "bhs", "bls": "blo", "beq": "bls", "bne": "bhi",
    "strhs": "strhi",
  ]

  // MARK: - Operands

  private mutating func mutate(_ operand: Range<Int>) {
    let words = text(operand)
    if words.hasSuffix("!") {
      propose(.writeback, operand.upperBound - 1..<operand.upperBound, "")
    }
    if words.hasPrefix("=") {
      if let other = Self.symbols[String(words.dropFirst())] {
        propose(.other, operand, "=" + other)
      }
      return
    }
    if let other = Self.symbols[words] { propose(.other, operand, other) }
    mutateRegisters(operand)
    if words.contains("#") { mutateNumbers(operand) }
  }

  /// Names that are easily taken for each other.
  private static let symbols = [
    "apus_call": "apus_tick", "apus_tick": "apus_interrupt", "apus_interrupt": "apus_fault",
    "apus_fault": "apus_call", "apus_resume": "apus_load_map", "apus_load_map": "apus_resume",
    "psp": "msp", "msp": "psp", "control": "primask", "__bss_end": "__bss_start",
    "apus_kernel_fault": "apus_reset", "hs": "lo",
    "__kernel_stack_top": "__bss_start", "1b": "2f", "apus_enter": "apus_resume",
  ]

  /// Each register becomes its neighbour.
  private mutating func mutateRegisters(_ operand: Range<Int>) {
    var index = operand.lowerBound
    while index < operand.upperBound {
      let isStart =
        index == operand.lowerBound || !Self.isWord(source[index - 1])
      guard isStart, source[index] == UInt8(ascii: "r") || source[index] == UInt8(ascii: "s") else {
        index += 1
        continue
      }
      var end = index + 1
      while end < operand.upperBound, Self.isWord(source[end]) { end += 1 }
      let isFloat = source[index] == UInt8(ascii: "s")
      if let number = Int(text(index + 1..<end)) {
        let other =
          isFloat ? (number == 31 ? 30 : number + 1) : (number == 12 ? 11 : number ^ 1)
        propose(.register, index..<end, (isFloat ? "s" : "r") + String(other))
      }
      index = end
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
  }

  /// Each number becomes one more and one less; a hexadecimal one loses its lowest bit instead.
  private mutating func mutateNumbers(_ operand: Range<Int>) {
    var index = operand.lowerBound
    while index < operand.upperBound {
      let isStart = index == operand.lowerBound || !Self.isWord(source[index - 1])
      guard isStart, (48...57).contains(source[index]) else {
        index += 1
        continue
      }
      var end = index
      while end < operand.upperBound, Self.isWord(source[end]) { end += 1 }
      let digits = text(index..<end)
      if digits.hasPrefix("0x"), let value = UInt64(digits.dropFirst(2), radix: 16) {
        propose(.constant, index..<end, "0x" + String(value ^ 1, radix: 16))
        let less = value & (value &- 1)
        propose(.constant, index..<end, "0x" + String(less, radix: 16))
      } else if let value = Int(digits) {
        propose(.constant, index..<end, String(value + 1))
        if value > 0 { propose(.constant, index..<end, String(value - 1)) }
      }
      index = end
    }
  }

  /// Exchanges two neighbouring words of the vector table.
  private mutating func swapVectors(_ one: Line, _ two: Line) {
    guard text(one.name) == ".word", text(two.name) == ".word", one.operands.count == 1,
      two.operands.count == 1
    else { return }
    let (left, right) = (one.operands[0], two.operands[0])
    if text(left) == text(right) { return }
    propose(
      .swap, left.lowerBound..<right.upperBound,
      text(right) + text(left.upperBound..<right.lowerBound) + text(left))
  }
}
