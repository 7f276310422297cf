// ApusABI/Tables.swift: what the planner writes into flash and the kernel reads from there.
// Tests check the layouts: the planner writes words, the kernel reads structs.

/// The constant facts about a task: 32 bytes, eight words in this order.
///
/// The windows are not first: at offset 0 the compiler loads a base and a size with two `ldr`, at
/// any other with one `ldrd`, which saves 8 bytes, and 4 instructions for a message and its reply.
public struct TaskDescriptor: Equatable, Sendable, BitwiseCopyable {
  /// The notifications that tasks may post to it; all others can come only from an interrupt, its
  /// own timer or the kernel.
  public var postable: UInt32
  /// The stack pointer at the first instruction, a multiple of 8, inside or at the end of RAM.
  public var stackTop: UInt32
  /// First byte of the task's RAM: its exact window, not the rounded MPU region.
  public var ramBase: UInt32
  /// The size of the RAM in bytes.
  public var ramSize: UInt32
  /// First byte of the task's code and constants, which is its first instruction.
  public var flashBase: UInt32
  /// The size of the flash in bytes.
  public var flashSize: UInt32
  /// The tasks that it may send to: bit 31 is task 0, bit 0 is task 31.
  public var calls: UInt32
  /// The tasks that it may post to, in the same order.
  public var notifies: UInt32

  /// Describes a task in the order of its words.
  public init(
    postable: UInt32, stackTop: UInt32, ramBase: UInt32, ramSize: UInt32, flashBase: UInt32,
    flashSize: UInt32, calls: UInt32, notifies: UInt32
  ) {
    self.postable = postable
    self.stackTop = stackTop
    self.ramBase = ramBase
    self.ramSize = ramSize
    self.flashBase = flashBase
    self.flashSize = flashSize
    self.calls = calls
    self.notifies = notifies
  }
}

/// The task that is notified of an interrupt: one word of the table that the planner writes.
///
/// Bits 0...7 are the interrupt's number, 8...15 the owner's index, 16...23 its notification bit.
public struct InterruptOwner: Equatable, Sendable, BitwiseCopyable {
  /// The word as it is in flash.
  public var rawValue: UInt32

  /// Wraps a word of the table.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Gives interrupt `number` (0...239) to `task` as notification `bit` (0...31).
  public init(number: Int, task: Int, bit: Int) {
    rawValue = UInt32(truncatingIfNeeded: number & 0xFF | (task & 31) &<< 8 | (bit & 31) &<< 16)
  }

  /// The interrupt's number in the NVIC, from 0.
  public var number: UInt32 { rawValue & 0xFF }
  /// The index of the task that is notified.
  public var task: Int { Int(truncatingIfNeeded: (rawValue &>> 8) & 0xFF) }
  /// The notification that is posted, as a mask of one bit.
  public var notification: UInt32 { 1 &<< (rawValue &>> 16) }
}

/// A set of tasks as one word: bit 31 is task 0, so counting leading zeros finds the most important
/// one.
public struct TaskSet: Equatable, Sendable, BitwiseCopyable {
  /// The word.
  public var rawValue: UInt32

  /// Wraps a word.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The set of one task, `index` 0...31.
  public init(_ index: Int) {
    rawValue = 0x8000_0000 &>> UInt32(truncatingIfNeeded: index)
  }

  /// The empty set.
  public static let empty = TaskSet(rawValue: 0)
  /// Whether the set contains no task.
  public var isEmpty: Bool { rawValue == 0 }
  /// The index of the most important task in the set; 32 if there is none.
  public var first: Int { rawValue.leadingZeroBitCount }
  /// Whether task `index` (0...31) is in the set.
  public func contains(_ index: Int) -> Bool {
    rawValue &<< UInt32(truncatingIfNeeded: index) & 0x8000_0000 != 0
  }
  /// Adds task `index` (0...31).
  public mutating func insert(_ index: Int) { rawValue |= TaskSet(index).rawValue }
  /// Removes task `index` (0...31).
  public mutating func remove(_ index: Int) { rawValue &= ~TaskSet(index).rawValue }
}
