// FootprintKit/Model/FootprintError.swift: a failure with its sentence and its exit code.
// Numbers are spelled here, too, so that every output agrees.

/// A failure that ends the command.
public struct FootprintError: Error, Sendable, Equatable, CustomStringConvertible {
  /// How the tool ends, the same for every command.
  public enum Exit: Int32, Sendable {
    /// The answer is no: over budget, too little stack, a region over-full.
    case no = 1
    /// Input that cannot be read.
    case unreadable = 2
    /// The tool contradicts itself or the machine: sums do not add up, measured > static.
    case unsound = 3
  }

  public var exit: Exit
  /// What is wrong with both numbers, where, and what to try: lower case, no full stop.
  public var description: String

  public init(_ exit: Exit, _ description: String) {
    self.exit = exit
    self.description = description
  }
}

/// A number with separators between thousands: `4,096`.
public func thousands(_ value: Int) -> String {
  var digits = String(value.magnitude)
  var result = ""
  while digits.count > 3 {
    result = "," + digits.suffix(3) + result
    digits.removeLast(3)
  }
  return (value < 0 ? "-" : "") + digits + result
}

/// A share in percent with one digit: `12.5 %`.
func percent(_ part: Int, of whole: Int) -> String {
  guard whole > 0 else { return "-" }
  let tenths = (part * 1000 + whole / 2) / whole
  return "\(tenths / 10).\(tenths % 10) %"
}
