// ApusABI/ResponseCode.swift: what comes back in r4 of a call that can fail at run time.
// A code tells of a peer's fate, never of a mistake: mistakes are faults.

/// The outcome of a call: 0 for success, 1...0xFFFF from the kernel or the server, or a dead code.
///
/// A server's code has 16 bits, so that no server can forge a dead code.
public struct ResponseCode: Equatable, Sendable, BitwiseCopyable {
  /// The code as it travels in r4.
  public var rawValue: UInt32

  /// Wraps any 32 bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The call did what it says.
  public static let success = ResponseCode(rawValue: 0)

  /// Of a borrow: the lender is not waiting for us, or its lease does not hold, lacks the right or
  /// is shorter than the offset; nothing moved.
  public static let defect = ResponseCode(rawValue: 1)

  /// Of a kernel service: there is no such task, or it is not in a state for this.
  public static let badArgument = ResponseCode(rawValue: 2)

  /// The lowest dead code; the 11 bits below it are the peer's present generation.
  static let deadBase: UInt32 = 0xFFFF_F800

  /// Says that the peer died, and carries its present generation (0...2,047), the last one if it
  /// was given up.
  public static func dead(generation: UInt16) -> ResponseCode {
    ResponseCode(rawValue: deadBase | UInt32(generation))
  }

  /// The peer's present generation if this is a dead code, `nil` otherwise.
  public var deadGeneration: UInt16? {
    rawValue >= Self.deadBase ? UInt16(truncatingIfNeeded: rawValue & 0x7FF) : nil
  }
}
