// Apus/Supervision.swift: the kernel services, which are for the supervisor alone.
// A bad index gives a code, never a fault; any other task that makes one of these calls is faulted.

import CApus

/// What the kernel knows about a task's health.
public struct TaskStatus: Equatable, Sendable {
  /// The task in its current life; its generation is the count of restarts, modulo 2,048.
  ///
  /// Its index is 31 if the task was given up.
  public var task: TaskID
  /// What it does, or did when it was stopped, and why it was stopped.
  public var state: TaskState
  /// More about the fault: a `UsageError`, or a refusal.
  public var detail: UInt32
  /// The address that the fault refers to, 0 if there is none.
  public var address: UInt32
  /// The instruction that faulted, 0 if it could not be read.
  public var programCounter: UInt32

  /// Composes a status.
  @inline(__always)
  public init(
    task: TaskID, state: TaskState, detail: UInt32, address: UInt32, programCounter: UInt32
  ) {
    self.task = task
    self.state = state
    self.detail = detail
    self.address = address
    self.programCounter = programCounter
  }
}

extension Call {
  /// The health of task `index`; `nil` if there is no such task.
  @inline(__always)
  public static func taskStatus(_ index: Int) -> TaskStatus? {
    let words = apus_inspect(register(Call.taskStatus.rawValue), UInt(bitPattern: index))
    guard words.r4 == 0 else { return nil }
    return TaskStatus(
      task: TaskID(rawValue: UInt16(truncatingIfNeeded: words.r5)),
      state: TaskState(rawValue: UInt32(truncatingIfNeeded: words.r6)),
      detail: UInt32(truncatingIfNeeded: words.r7),
      address: UInt32(truncatingIfNeeded: words.r8),
      programCounter: UInt32(truncatingIfNeeded: words.r9))
  }

  /// Gives task `index` a new life; the tasks that wait for it get the dead code.
  @inline(__always)
  @discardableResult
  public static func restartTask(_ index: Int) -> ResponseCode {
    service(.restartTask, index)
  }

  /// Gives up task `index`, which must be stopped.
  ///
  /// All tasks that wait for it or call it later get the dead code. `restartTask` revives it.
  ///
  /// - Returns: `badArgument` if there is no such task or it is not stopped.
  @inline(__always)
  @discardableResult
  public static func giveUp(_ index: Int) -> ResponseCode {
    service(.giveUp, index)
  }

  /// Stops task `index` with a fault of kind `injected`.
  @inline(__always)
  @discardableResult
  public static func injectFault(_ index: Int) -> ResponseCode {
    service(.injectFault, index)
  }

  /// The first faulted task from `index` on that was not given up, or `nil` when none is left.
  ///
  /// Task 0 is the supervisor, whose own fault resets the machine: so 0 means none.
  @inline(__always)
  public static func findFaultedTask(from index: Int) -> Int? {
    let found = apus_ask(register(Call.findFaultedTask.rawValue), UInt(bitPattern: index), 0)
    return found == 0 ? nil : Int(bitPattern: UInt(found))
  }

  /// Copies the text with which task `index` panicked into `buffer`.
  @inline(__always)
  public static func readPanicText(
    _ index: Int, into buffer: UnsafeMutableRawBufferPointer
  ) -> Answer {
    let answer = apus_read_panic_text(
      register(Call.readPanicText.rawValue), UInt(bitPattern: index), address(buffer),
      count(buffer))
    return Answer(
      code: ResponseCode(rawValue: UInt32(truncatingIfNeeded: answer.code)),
      byteCount: Int(bitPattern: UInt(answer.byteCount)))
  }

  /// Resets the machine and leaves a record for the next boot.
  @inline(__always)
  public static func resetMachine() -> Never {
    apus_end(register(Call.resetMachine.rawValue), 0, 0)
  }

  /// The record that the last reset left; without its mark in `cause`, power-on left noise.
  @inline(__always)
  public static func readResetRecord() -> ResetRecord {
    let words = apus_inspect(register(Call.readResetRecord.rawValue), 0)
    var record = ResetRecord(cause: .cold)
    record.cause = UInt32(truncatingIfNeeded: words.r4)
    record.state = UInt32(truncatingIfNeeded: words.r5)
    record.address = UInt32(truncatingIfNeeded: words.r6)
    record.programCounter = UInt32(truncatingIfNeeded: words.r7)
    return record
  }

  @inline(__always)
  private static func service(_ call: Call, _ index: Int) -> ResponseCode {
    ResponseCode(
      rawValue: UInt32(
        truncatingIfNeeded: apus_ask(register(call.rawValue), UInt(bitPattern: index), 0)))
  }
}
