// PlainText/PlainText.swift: text that somebody else wrote, spelled so that it does nothing where it
// is shown: a guest's words, a name from a foreign ELF, a value from a file.
// On the target `Apus.ByteSink.print(untrusted:)` does the same for a task's words.

extension StringProtocol {
  /// The text with every character that is not seen spelled out, as `\n` or `\u001b`.
  ///
  /// Control characters move a terminal's cursor and begin lines that nobody of ours wrote; some
  /// that only format turn the direction of reading. The text stays one line. O(length).
  public var spelledOut: String { spelledOut(except: []) }

  /// The text with the same spelled out in each of its lines, whose ends and tabs stay.
  ///
  /// JSON keeps its meaning: the spelling is that of its strings. O(length).
  public var spelledOutByLine: String { spelledOut(except: ["\n", "\t"]) }

  private func spelledOut(except kept: Set<UnicodeScalar>) -> String {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return String(self) }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isSeen || kept.contains(scalar) {
        text.append(scalar)
      } else {
        text.append(contentsOf: scalar.spelling.unicodeScalars)
      }
    }
    return String(text)
  }
}

extension UnicodeScalar {
  /// Whether it shows where it stands, and does nothing else.
  fileprivate var isSeen: Bool {
    if isASCII { return value >= 0x20 && value < 0x7F }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return false
    default: return true
    }
  }

  fileprivate var spelling: String {
    switch self {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default:
      return UTF16.encode(self)?.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }.joined() ?? ""
    }
  }
}
