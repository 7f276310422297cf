// ApusKernel/Task.swift: what the kernel stores for a task, in 64 bytes.
// The size is a power of two on purpose: a shift turns an index into an address.

import ApusABI

/// The registers of a task that calls use, as the entry code saved them.
///
/// r0...r3, r12 and the rest stay in the frame that the hardware pushed on the task's own stack, of
/// which the kernel reads only the program counter of a fault.
public struct Registers: Equatable, Sendable, BitwiseCopyable {
  public var r4: UInt32 = 0
  public var r5: UInt32 = 0
  public var r6: UInt32 = 0
  public var r7: UInt32 = 0
  public var r8: UInt32 = 0
  public var r9: UInt32 = 0
  public var r10: UInt32 = 0
  public var r11: UInt32 = 0

  /// All zero, as every life begins.
  public init() {}
}

/// One task's control block.
///
/// All zero is a healthy, runnable task of generation 0.
public struct Task: Equatable, Sendable, BitwiseCopyable {
  /// r4...r11 while the task does not run.
  ///
  /// The entry code of the port writes here: keep this member first.
  public var registers = Registers()
  /// The process stack pointer while the task does not run.
  ///
  /// The entry code also writes here.
  public var stackPointer: UInt32 = 0
  /// Notifications posted and not yet received.
  public var pending: UInt32 = 0
  /// Healthy: the low word of the timer's deadline in ticks.
  ///
  /// Faulted: the fault's address.
  public var deadlineOrAddress: UInt32 = 0
  /// Healthy: the high word of the deadline.
  ///
  /// Faulted: the program counter.
  public var deadlineOrProgramCounter: UInt32 = 0
  /// Healthy: the notifications that the timer posts.
  ///
  /// Faulted: the fault's detail.
  public var timerBitsOrDetail: UInt32 = 0
  /// What the task does, or why it was stopped.
  public var state = TaskState.runnable
  /// Number of restarts ≪ 5 | index: the low half is the current `TaskID`.
  ///
  /// 31 in place of the index means that the task was given up, and no identifier names it.
  public var life: UInt32 = 0
  /// The tasks whose state is `sending` to this one: derived, so a receive need not search.
  public var senders = TaskSet.empty

  /// A task before boot.
  public init() {}

  /// The identifier of the current life.
  public var id: TaskID { TaskID(rawValue: UInt16(truncatingIfNeeded: life)) }

  /// What a caller with an identifier of an earlier life gets.
  var deadCode: UInt32 { ResponseCode.dead(generation: id.generation).rawValue }
}
