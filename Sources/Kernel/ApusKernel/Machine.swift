// ApusKernel/Machine.swift: all that the kernel needs of the world, as one small protocol.
// Nothing here decides anything. The port implements it with hardware, the simulator with arrays.

import ApusABI

/// The machine under the kernel.
///
/// The kernel calls `copy` and `word` only for ranges that it has found inside a task's window, so
/// an implementation need not check them again. Every requirement takes constant time but `copy`.
public protocol Machine {
  /// The fixed facts of task `index`, which is in range.
  func descriptor(_ index: Int) -> TaskDescriptor

  /// How many interrupts the image owns.
  var interruptCount: Int { get }
  /// The owner of the interrupt in row `row` (0 ..< `interruptCount`) of the table.
  func interruptOwner(_ row: Int) -> InterruptOwner
  /// Masks interrupt `number`: it stays pending if it comes.
  mutating func mask(_ number: UInt32)
  /// Lets interrupt `number` through.
  mutating func unmask(_ number: UInt32)
  /// Forgets interrupt `number` if it is pending.
  mutating func clearPending(_ number: UInt32)
  /// Whether `number` is enabled or pending, as bits of `InterruptStatus`.
  func status(_ number: UInt32) -> UInt32

  /// Copies `count` bytes (0...256) between ranges that do not overlap.
  mutating func copy(from source: UInt32, to destination: UInt32, count: UInt32)
  /// Reads the word at `address`, a multiple of 4.
  func word(at address: UInt32) -> UInt32

  /// Prepares the context from which a new life of task `index` starts: its frame, all of it inside
  /// the task's RAM, and whatever the machine keeps of a task besides. Returns the stack pointer.
  mutating func firstFrame(_ index: Int) -> UInt32

  /// Resets the machine, leaving `record` for its next life; returns only on a machine of arrays.
  mutating func reset(_ record: ResetRecord)
  /// What the machine's last life left.
  func resetRecord() -> ResetRecord
}
