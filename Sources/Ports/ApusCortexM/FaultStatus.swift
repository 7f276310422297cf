// ApusCortexM/FaultStatus.swift: translates the core's fault status into the contract's kinds.
// It computes and reads no register, so the host can test every bit (DDI 0403E, B3.2.15).

import ApusABI

/// The configurable fault status register (CFSR): MemManage in bits 0...7, bus 8...15, usage above.
public struct FaultStatus: Equatable, Sendable {
  /// The register as read.
  public var rawValue: UInt32

  /// Wraps a value that was read.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// An exception frame could not be pushed or popped: MUNSTKERR, MSTKERR, MLSPERR and the same
  /// three of the bus (UNSTKERR, STKERR, LSPERR), which a stack pointer into the PPB causes.
  static let stacking: UInt32 = 0x0000_3838
  static let instructionAccess: UInt32 = 1 << 0
  static let dataAccess: UInt32 = 1 << 1
  static let memoryAddressValid: UInt32 = 1 << 7
  /// The other bits of the bus fault byte: IBUSERR, PRECISERR, IMPRECISERR and BFARVALID.
  static let bus: UInt32 = 0xFF00
  static let busAddressValid: UInt32 = 1 << 15
  static let undefinedInstruction: UInt32 = 1 << 16
  static let divideByZero: UInt32 = 1 << 25

  /// The kind of fault.
  ///
  /// No bit at all means that the core took a breakpoint as a HardFault.
  ///
  /// A frame that does not fit is tested first: a push below the stack is a refused store *and*
  /// leaves no room for the fault's own frame, and the second tells more.
  @inline(__always)
  public var kind: FaultKind {
    if rawValue & Self.stacking != 0 { return .stackOverflow }
    if rawValue & Self.instructionAccess != 0 { return .illegalText }
    if rawValue & Self.dataAccess != 0 { return .memory }
    if rawValue & Self.bus != 0 { return .bus }
    if rawValue & Self.undefinedInstruction != 0 { return .illegalInstruction }
    if rawValue & Self.divideByZero != 0 { return .divideByZero }
    return rawValue == 0 ? .breakpoint : .invalidOperation
  }
}
