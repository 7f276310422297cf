// ApusABI/Lease.swift: a loan of the sender's memory to the server, while the sender waits.
// The table of leases stays in the sender's memory; the kernel reads one entry at each borrow.

/// One entry of a sender's table of leases: 12 bytes, word-aligned.
public struct Lease: Equatable, Sendable, BitwiseCopyable {
  /// The first byte lent.
  public var address: UInt32
  /// The length in bytes.
  ///
  /// A lease may be longer than one borrow can move.
  public var byteCount: UInt32
  /// What the borrower may do: a union of `read` and `write`; any other bit is the lender's fault.
  public var rights: UInt32

  /// Describes a loan; it is checked when it is used.
  public init(address: UInt32, byteCount: UInt32, rights: UInt32) {
    self.address = address
    self.byteCount = byteCount
    self.rights = rights
  }

  /// The borrower may read.
  public static let read: UInt32 = 1
  /// The borrower may write.
  public static let write: UInt32 = 2
  /// The size of an entry, which is also the distance between two entries.
  public static let stride: UInt32 = 12
}
