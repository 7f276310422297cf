// MutationKit/SwiftOperators.swift: what is done to single tokens of Swift, and to arguments.
// Statements and conditions are in SwiftStatements.swift.

/// Proposes every mutation of a Swift source.
struct SwiftOperators {
  let tokens: Tokens
  var edits: [Edit] = []

  /// All mutants of `source`, in the order of its lines.
  static func mutants(of file: String, _ part: Part, _ source: [UInt8]) -> [Mutant] {
    var operators = SwiftOperators(tokens: Tokens(source))
    for index in operators.tokens.all.indices { operators.mutateToken(index) }
    operators.mutateFunctions()
    operators.mutateConditions()
    operators.mutateStatements()
    // Last: of two changes with the same text, the coarser operator has it.
    operators.mutateDetails()
    return Mutant.named(operators.edits, of: file, part, source)
  }

  func text(_ index: Int) -> String {
    tokens.all.indices.contains(index) ? tokens.all[index].text : ""
  }

  mutating func propose(_ kind: Operator, _ range: ClosedRange<Int>, _ replacement: String) {
    edits.append(Edit(kind, tokens.range(range), replacement))
  }

  // MARK: - Tokens

  private mutating func mutateToken(_ index: Int) {
    let token = tokens.all[index]
    switch token.kind {
    case .sign:
      if token.isBinary, let (kind, sign) = Self.opposites[token.text] {
        propose(kind, index...index, sign)
      } else if token.text == "~" {
        propose(.arithmetic, index...index, "")
      }
      if token.isBinary, token.text == "?" { mutateTernary(index) }
    case .number: mutateNumber(index)
    case .word: mutateWord(index)
    case .bracket where token.text == "(": swapArguments(index)
    default: break
    }
  }

  /// What a sign becomes; `=` is left to the dropping of statements.
  private static let opposites: [String: (Operator, String)] = [
    "<": (.compare, "<="), "<=": (.compare, "<"), ">": (.compare, ">="), ">=": (.compare, ">"),
    "==": (.compare, "!="), "!=": (.compare, "=="), "&&": (.logic, "||"), "||": (.logic, "&&"),
    "&+": (.arithmetic, "&-"), "&-": (.arithmetic, "&+"), "+": (.arithmetic, "-"),
    "-": (.arithmetic, "+"), "&*": (.arithmetic, "&+"), "*": (.arithmetic, "+"),
    "&<<": (.arithmetic, "&>>"), "&>>": (.arithmetic, "&<<"), "<<": (.arithmetic, ">>"),
    "&": (.arithmetic, "|"), "|": (.arithmetic, "&"), "^": (.arithmetic, "|"),
    "|=": (.arithmetic, "="), "&=": (.arithmetic, "="), "^=": (.arithmetic, "|="),
    "&+=": (.arithmetic, "&-="), "+=": (.arithmetic, "-="), "-=": (.arithmetic, "+="),
  ]

  private mutating func mutateNumber(_ index: Int) {
    let digits = text(index).replacing("_", with: "")
    // An index of a tuple or a generic count is no constant of the program.
    guard text(index - 1) != "." || text(index + 1).hasPrefix(".") else { return }
    if digits.hasPrefix("0x"), let value = UInt64(digits.dropFirst(2), radix: 16) {
      propose(.constant, index...index, "0x" + String(value + 1, radix: 16))
      if value != 0 {
        propose(.constant, index...index, "0x" + String(value & (value - 1), radix: 16))
      }
    } else if let value = UInt64(digits) {
      propose(.constant, index...index, String(value + 1))
      if value > 0 { propose(.constant, index...index, String(value - 1)) }
    }
  }

  private static let registers = [
    "r4": "r5", "r5": "r4", "r6": "r7", "r7": "r6", "r8": "r9", "r9": "r8", "r10": "r9",
    "r11": "r10",
  ]

  /// Names that are easily taken for each other.
  private static let counterparts = [
    "true": "false", "false": "true", "sender": "receiver", "receiver": "sender",
    "source": "destination", "destination": "source", "capacity": "length",
    "ramBase": "flashBase", "ramSize": "flashSize", "flashBase": "ramBase",
    "flashSize": "ramSize", "mask": "unmask", "unmask": "mask", "read": "write", "write": "read",
    "insert": "remove", "remove": "insert", "calls": "notifies", "notifies": "calls",
    "receiving": "waiting", "waiting": "receiving", "sending": "awaitingReply",
    "awaitingReply": "sending", "success": "defect", "defect": "success",
    "badArgument": "success", "deadCode": "life", "isSending": "isFaulted",
    "deadlineOrAddress": "deadlineOrProgramCounter",
    "deadlineOrProgramCounter": "deadlineOrAddress", "enabled": "pending", "posted": "pending",
    "min": "max", "supervisorFault": "requested", "requested": "supervisorFault",
    "setEnable": "clearEnable", "clearEnable": "setEnable", "setPending": "clearPending",
    "memory": "bus", "bus": "memory", "memoryFaultAddress": "busFaultAddress",
    "busFaultAddress": "memoryFaultAddress", "illegalText": "memory",
    "illegalInstruction": "divideByZero", "divideByZero": "illegalInstruction",
    "breakpoint": "invalidOperation", "invalidOperation": "breakpoint", "stackTop": "entry",
    "entry": "stackTop", "illegalTask": "tooLong", "tooLong": "illegalTask",
    "leaseOutOfRange": "badSelector", "badSelector": "leaseOutOfRange",
    "noInterrupt": "badSelector", "badSlice": "panic", "panic": "badSlice", "refused": "injected",
    "injected": "refused", "unknownCall": "notSupervisor", "notSupervisor": "unknownCall",
    "load": "store", "sysTickReload": "sysTickCurrent", "sysTickCurrent": "sysTickReload",
  ]

  private mutating func mutateWord(_ index: Int) {
    let word = text(index)
    // A label, a declaration and the name of a function keep their names.
    let declarators = ["let", "var", "func", "in", "case", "for", "_"]
    if text(index + 1) == ":" || declarators.contains(text(index - 1)) { return }
    if text(index - 1) == ".", let other = Self.registers[word] {
      propose(.register, index...index, other)
    } else if let other = Self.counterparts[word] {
      propose(.other, index...index, other)
    }
  }

  /// `condition ? one : other` with the condition turned round.
  private mutating func mutateTernary(_ index: Int) {
    var first = index
    var depth = 0
    while first > 0 {
      let before = tokens.all[first - 1]
      if before.kind == .bracket {
        depth += ")]}".contains(before.text) ? 1 : -1
        if depth < 0 { break }
      }
      let isBoundary =
        ["=", "return", ","].contains(before.text) || tokens.all[first].startsLine
      if depth == 0 && isBoundary && before.text != "==" { break }
      first -= 1
    }
    if first < index {
      propose(.negate, first...index - 1, "!(\(tokens.text(first...index - 1)))")
    }
  }

  // MARK: - Arguments

  private mutating func swapArguments(_ index: Int) {
    let name = text(index - 1)
    let isCall = index > 0 && tokens.all[index - 1].kind == .word
    guard isCall, !["init"].contains(name), !["func", "case"].contains(text(index - 2)) else {
      return
    }
    let values = arguments(index)
    for (left, right) in zip(values, values.dropFirst()) {
      let (one, two) = (tokens.text(left), tokens.text(right))
      // What has not the same type, as far as that can be seen, does not compile.
      let differs = one.hasPrefix(".") != two.hasPrefix(".") || one.hasPrefix("&")
      if one == two || differs || two.hasPrefix("&") || two == "machine" { continue }
      let between = tokens.range(left).upperBound..<tokens.range(right).lowerBound
      propose(.swap, left.lowerBound...right.upperBound, two + tokens.bytes(between) + one)
    }
  }

  /// The values of a call's arguments, without their labels.
  func arguments(_ open: Int) -> [ClosedRange<Int>] {
    let close = tokens.closing(open)
    var values: [ClosedRange<Int>] = []
    var first = open + 1
    var index = first
    while index <= close {
      if index == close || text(index) == "," {
        if text(first + 1) == ":" { first += 2 }
        if first < index { values.append(first...index - 1) }
        first = index + 1
      } else if tokens.all[index].kind == .bracket {
        index = tokens.closing(index)
      }
      index += 1
    }
    return values
  }
}
