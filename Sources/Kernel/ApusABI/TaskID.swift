// ApusABI/TaskID.swift: a task's identity in 16 bits, so "is it me, is it alive" is one compare.
// Nothing here knows how many tasks there are: an index may be out of range; the kernel checks it.

/// A task's index in the manifest and the generation of its current life.
///
/// The index is in the low 5 bits, the generation in the upper 11. A restart adds one to the
/// generation, so an identifier kept from an earlier life compares unequal to the current one. The
/// generation wraps after 2,048 restarts: an identifier kept for exactly that many restarts is
/// taken for the current one.
public struct TaskID: Equatable, Sendable, BitwiseCopyable {
  /// The identifier as it is in the low half of a register.
  public var rawValue: UInt16

  /// Wraps any 16 bits; the kernel decides whether the task exists.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// Creates the identifier of task `index` (0...31) in its life number `generation` (0...2,047).
  ///
  /// Higher bits of either are dropped.
  public init(index: Int, generation: UInt16 = 0) {
    rawValue = generation &<< 5 | UInt16(truncatingIfNeeded: index & 31)
  }

  /// The position in the manifest, which is also the priority: 0 is the most important.
  public var index: Int { Int(truncatingIfNeeded: rawValue & 31) }

  /// The number of restarts of the task, modulo 2,048.
  public var generation: UInt16 { rawValue &>> 5 }

  /// The sender of a received notification.
  ///
  /// No sender ever has this identifier: the idle task sends nothing, and neither does a task that
  /// was given up.
  public static let kernel = TaskID(rawValue: 0xFFFF)
}
