// Apus/Leases.swift: lending memory with a message, and borrowing it in the server.
// A lease lasts as long as its lender waits; nothing here outlives the call that lends.

import CApus

/// A loan of the sender's memory: `ApusABI.Lease`, with an address as wide as the machine's.
public typealias Loan = ApusLease

extension Loan {
  /// Lends `bytes` for reading.
  @inline(__always)
  public init(reading bytes: UnsafeRawBufferPointer) {
    self.init(
      address: UInt(bitPattern: bytes.baseAddress), byteCount: UInt(bitPattern: bytes.count),
      rights: UInt(Lease.read))
  }

  /// Lends `bytes` for writing; reading is allowed too if `readable`.
  @inline(__always)
  public init(writing bytes: UnsafeMutableRawBufferPointer, readable: Bool = false) {
    self.init(
      address: UInt(bitPattern: bytes.baseAddress), byteCount: UInt(bitPattern: bytes.count),
      rights: UInt(readable ? Lease.read | Lease.write : Lease.write))
  }
}

/// A loan of a client, as the server sees it.
public struct LeaseInfo: Equatable, Sendable {
  /// The length of the loan in bytes.
  public var byteCount: Int
  /// A union of `Lease.read` and `Lease.write`.
  public var rights: UInt32

  /// Composes an answer.
  @inline(__always)
  public init(byteCount: Int, rights: UInt32) {
    self.byteCount = byteCount
    self.rights = rights
  }
}

extension Call {
  /// Copies bytes of lease `lease` of `lender`, from `offset` on, into `own`.
  ///
  /// - Returns: `defect` if the lender no longer waits for the caller or its lease is not valid;
  ///   else the number of bytes moved, at most 256.
  /// - Faults: `usage` for a number for which the lender gave no lease; `badSlice` for memory that
  ///   is not the caller's, whatever the lender does.
  @inline(__always)
  public static func borrowRead(
    from lender: TaskID, lease: Int = 0, offset: Int = 0,
    into own: UnsafeMutableRawBufferPointer
  ) -> Answer {
    borrow(.borrowRead, lender, lease, offset, address(own), count(own))
  }

  /// Copies `own` into lease `lease` of `lender`, from `offset` on.
  @inline(__always)
  public static func borrowWrite(
    to lender: TaskID, lease: Int = 0, offset: Int = 0, _ own: UnsafeRawBufferPointer
  ) -> Answer {
    borrow(.borrowWrite, lender, lease, offset, address(own), count(own))
  }

  /// The length and the rights of lease `lease` of `lender`; `nil` if it is not valid.
  @inline(__always)
  public static func borrowInfo(from lender: TaskID, lease: Int = 0) -> LeaseInfo? {
    let words = apus_inspect(
      register(Call.borrowInfo.rawValue), word(lender, UInt16(truncatingIfNeeded: lease)))
    guard words.r4 == 0 else { return nil }
    return LeaseInfo(
      byteCount: Int(bitPattern: UInt(words.r5)), rights: UInt32(truncatingIfNeeded: words.r6))
  }

  @inline(__always)
  private static func borrow(
    _ call: Call, _ lender: TaskID, _ lease: Int, _ offset: Int, _ own: UInt, _ ownBytes: UInt
  ) -> Answer {
    let answer = apus_borrow(
      register(call.rawValue), word(lender, UInt16(truncatingIfNeeded: lease)), own, ownBytes,
      UInt(bitPattern: offset))
    return Answer(
      code: ResponseCode(rawValue: UInt32(truncatingIfNeeded: answer.code)),
      byteCount: Int(bitPattern: UInt(answer.byteCount)))
  }
}
