// MirrorKit/Tally+Text.swift: a tally for people: the counts, and what has not been seen.
// The same counts give the same text.

import ApusABI

extension Tally {
  /// The counts as lines of text, the most frequent first.
  public var text: String {
    let callTexts = calls.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      "\(Self.name($0.key)) \($0.value)"
    }
    let faultTexts = faults.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { "\($0.key) \($0.value)" }
    return """
        calls       \(calls.values.reduce(0, +)): \(list(callTexts))
        ticks       \(ticks)
        interrupts  \(interrupts)
        faults      \(faults.values.reduce(0, +)): \(list(faultTexts))
        restarts    \(restarts), boots \(boots)
        copied      \(copiedByteCount) bytes by the kernel
        compared    \(comparedByteCount) bytes
      """
  }

  /// The coverage as a table: each call with what became of it, faults, details, resets.
  public var coverage: String {
    var lines: [(String, String)] = []
    let numbers = Set(calls.keys).union(0...Call.last.rawValue).sorted()
    for number in numbers {
      let results = (outcomes[number] ?? [:]).sorted { $0.key < $1.key }
      lines.append((Self.name(number), list(results.map { "\($0.key.text) \($0.value)" })))
    }
    lines.append(("", ""))
    lines.append(("faults", counts(FaultKind.counted) { faults[$0] }))
    lines.append(("misuses", counts(UsageError.counted) { misuses[$0] }))
    lines.append(("refusals", counts(RefusalReason.counted) { refusals[$0] }))
    lines.append(("resets", counts(ResetCause.counted) { resets[UInt32($0.rawValue)] }))
    let width = lines.map(\.0.count).max() ?? 0
    return lines.map { name, text in
      name.isEmpty
        ? "" : "  \(name)\(String(repeating: " ", count: width - name.count))  \(text)"
    }.joined(separator: "\n")
  }

  /// What the contract has and no run of this tally has seen, by name; sorted as the contract is.
  public var missing: [String] {
    var names: [String] = []
    for call in (0...Call.last.rawValue).compactMap(Call.init(rawValue:)) {
      let seen = outcomes[call.rawValue] ?? [:]
      names += Outcome.all(of: call).filter { seen[$0] == nil }.map { "\(call): \($0.text)" }
    }
    names += FaultKind.counted.filter { faults[$0] == nil }.map { "fault: \($0)" }
    names += UsageError.counted.filter { misuses[$0] == nil }.map { "misuse: \($0)" }
    names += RefusalReason.counted.filter { refusals[$0] == nil }.map { "refusal: \($0)" }
    names += ResetCause.counted.filter { resets[UInt32($0.rawValue)] == nil }.map { "reset: \($0)" }
    if interrupts == 0 { names.append("an interrupt") }
    if ticks == 0 { names.append("a tick") }
    return names
  }

  private static func name(_ number: UInt32) -> String {
    Call(rawValue: number).map { "\($0)" } ?? "unknown"
  }

  private func counts<Kind>(_ kinds: [Kind], _ count: (Kind) -> Int?) -> String {
    list(kinds.map { "\($0) \(count($0) ?? 0)" })
  }

  private func list(_ texts: [String]) -> String {
    texts.isEmpty ? "none" : texts.joined(separator: ", ")
  }
}

extension FaultKind {
  /// Every kind that a task can be stopped by.
  static let counted = (1...UInt8.max).compactMap(FaultKind.init(rawValue:))
}

extension UsageError {
  static let counted = (1...255).compactMap(UsageError.init(rawValue:))
}

extension RefusalReason {
  static let counted = (0...255).compactMap(RefusalReason.init(rawValue:))
}

extension ResetCause {
  /// The causes that a kernel without defects leaves behind.
  static let counted: [ResetCause] = [.requested, .supervisorFault]
}
