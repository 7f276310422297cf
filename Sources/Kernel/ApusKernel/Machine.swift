// ApusKernel/Machine.swift: all that the kernel needs from its environment, as one small protocol.
// Nothing here decides anything. The port implements it with hardware, the simulator with arrays.

import ApusABI

/// The machine under the kernel.
///
/// The kernel calls `copy` and `word` only for ranges that it has found inside a task's window, so
/// an implementation need not check them again. All requirements but `copy` take constant time.
public protocol Machine {
  /// The constant facts about task `index`, which is in range.
  func descriptor(_ index: Int) -> TaskDescriptor

  /// The number of interrupts that the image owns.
  var interruptCount: Int { get }
  /// The owner of the interrupt in row `row` (0 ..< `interruptCount`) of the table.
  func interruptOwner(_ row: Int) -> InterruptOwner
  /// Masks interrupt `number`: it stays pending if it occurs.
  mutating func mask(_ number: UInt32)
  /// Unmasks interrupt `number`.
  mutating func unmask(_ number: UInt32)
  /// Clears interrupt `number` if it is pending.
  mutating func clearPending(_ number: UInt32)
  /// Whether `number` is enabled or pending, as bits of `InterruptStatus`.
  func status(_ number: UInt32) -> UInt32

  /// Copies `count` bytes (0...256) between ranges that do not overlap.
  mutating func copy(from source: UInt32, to destination: UInt32, count: UInt32)
  /// Reads the word at `address`, a multiple of 4.
  func word(at address: UInt32) -> UInt32

  /// Prepares the context from which a new life of task `index` starts: its frame, all of it inside
  /// the task's RAM, and whatever else the machine keeps for a task. Returns the stack pointer.
  mutating func firstFrame(_ index: Int) -> UInt32

  /// Resets the machine and leaves `record` for the next boot; returns only in the simulator.
  mutating func reset(_ record: ResetRecord)
  /// The record that the last reset left.
  func resetRecord() -> ResetRecord
}
