// ApusABI/ResetRecord.swift: why the machine was reset, kept for the next boot.
// It is in RAM that no load touches and no boot clears; the cause shows that it is valid.

/// Why the machine was reset: four words that survive the reset, for the next boot's supervisor.
public struct ResetRecord: Equatable, Sendable, BitwiseCopyable {
  /// A `ResetCause` in the low byte below a fixed mark; any other value means a cold start.
  public var cause: UInt32
  /// After the supervisor's death: its state word.
  public var state: UInt32
  /// After the supervisor's death: the fault's address.
  public var address: UInt32
  /// After the supervisor's or the kernel's death: the program counter.
  public var programCounter: UInt32

  /// Composes a record.
  public init(cause: ResetCause, state: UInt32 = 0, address: UInt32 = 0, programCounter: UInt32 = 0)
  {
    self.cause = Self.mark | UInt32(cause.rawValue)
    self.state = state
    self.address = address
    self.programCounter = programCounter
  }

  /// The upper three bytes of a valid `cause`: unlikely in RAM at power-on.
  public static let mark: UInt32 = 0x4150_5500
}

/// The causes a reset can have.
public enum ResetCause: UInt8, Sendable {
  /// Power-on, or anything else that left no record.
  case cold = 0
  /// The supervisor asked for it.
  case requested = 1
  /// The supervisor itself faulted.
  case supervisorFault = 2
  /// The kernel trapped: a defect in Apus.
  case kernelFault = 3
}
