// ApusABI/ResponseCode.swift: what a call that can fail at run time returns in r4.
// A code reports what happened to a peer, never a mistake: mistakes are faults.

/// The outcome of a call: 0 for success, 1...0xFFFF from the kernel or the server, or a dead code.
///
/// A server's code has 16 bits, so no server can forge a dead code.
public struct ResponseCode: Equatable, Sendable, BitwiseCopyable {
  /// The code as it is in r4.
  public var rawValue: UInt32

  /// Wraps any 32 bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The call succeeded.
  public static let success = ResponseCode(rawValue: 0)

  /// For a borrow: the lender is not waiting for the caller, or its lease is not valid, lacks the
  /// right or is shorter than the offset; nothing was moved.
  public static let defect = ResponseCode(rawValue: 1)

  /// For a kernel service: there is no such task, or its state does not allow this.
  public static let badArgument = ResponseCode(rawValue: 2)

  /// The lowest dead code; the low 11 bits are the peer's current generation.
  static let deadBase: UInt32 = 0xFFFF_F800

  /// Says that the peer died, and contains its current generation (0...2,047), or its last one if
  /// it was given up.
  public static func dead(generation: UInt16) -> ResponseCode {
    ResponseCode(rawValue: deadBase | UInt32(generation))
  }

  /// The peer's current generation if this is a dead code, `nil` otherwise.
  public var deadGeneration: UInt16? {
    rawValue >= Self.deadBase ? UInt16(truncatingIfNeeded: rawValue & 0x7FF) : nil
  }
}
