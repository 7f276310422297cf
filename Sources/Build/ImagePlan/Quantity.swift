// ImagePlan/Quantity.swift: numbers as people write them: 0x4000_4000, 4 KB, 12.5 MHz, 100 us.
// Nothing is rounded: a quantity that is no whole number of its unit does not parse.

/// Reads the scalars of app.yaml and board.yaml that are numbers.
enum Quantity {
  /// A whole number, decimal or with `0x`, underscores allowed between digits.
  static func integer(_ text: String) -> Int? {
    let digits = text.replacing("_", with: "")
    guard let first = text.first, first.isASCII, first.isNumber, text.last != "_" else {
      return nil
    }
    return digits.hasPrefix("0x") ? Int(digits.dropFirst(2), radix: 16) : Int(digits)
  }

  /// A number of bytes: an integer, or one followed by B, KB (1,024) or MB.
  static func bytes(_ text: String) -> Int? {
    scaled(text, units: ["B": 1, "KB": 1024, "MB": 1024 * 1024])
  }

  /// A frequency in hertz: an integer, or a decimal number followed by Hz, kHz or MHz.
  static func hertz(_ text: String) -> Int? {
    scaled(text, units: ["Hz": 1, "kHz": 1_000, "MHz": 1_000_000])
  }

  /// A duration in microseconds: a decimal number followed by us, ms or s, never without.
  static func microseconds(_ text: String) -> Int? {
    guard text.last?.isLetter == true else { return nil }
    return scaled(text, units: ["us": 1, "ms": 1_000, "s": 1_000_000])
  }

  private static func scaled(_ text: String, units: [String: Int]) -> Int? {
    if let plain = integer(text) { return plain }
    let number = text.prefix { !$0.isLetter && $0 != " " }
    let unit = text.dropFirst(number.count).drop { $0 == " " }
    guard let scale = units[String(unit)] else { return nil }
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = integer(String(parts[0])) else { return nil }
    let (scaledWhole, overflow) = whole.multipliedReportingOverflow(by: scale)
    guard !overflow else { return nil }
    guard parts.count == 2 else { return scaledWhole }
    // The fraction in units of the smallest step: 12.5 MHz is 12 MHz and 5 x 100,000 Hz.
    var step = scale
    var fraction = 0
    for character in parts[1] {
      guard let digit = character.wholeNumberValue, step.isMultiple(of: 10) else { return nil }
      step /= 10
      fraction += digit * step
    }
    return parts[1].isEmpty ? nil : scaledWhole + fraction
  }
}
