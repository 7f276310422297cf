// ConsoleInterface/Supervision.swift: what the shell asks of the supervisor.
// The supervisor answers and never asks: it sends to nobody, so nobody can hold it up.

import Apus

/// What is kept of a task's last death.
public struct FaultRecord: BitwiseCopyable, Sendable {
  /// The state word at the fault; 0 if the task has never faulted.
  public var state: UInt32 = 0
  public var detail: UInt32 = 0
  public var address: UInt32 = 0
  public var programCounter: UInt32 = 0
  /// The generation that died.
  public var generation: UInt32 = 0

  public init() {}

  /// The kind of the fault, `none` if there was none.
  public var kind: FaultKind { TaskState(rawValue: state).fault ?? .none }
}

/// Asks for the health of task `index`; code 2 if there is none.
public struct InspectTask: Request {
  public static var operation: UInt16 { Operation.inspectTask }
  public typealias Reply = TaskReport
  public var index: UInt32
  public init(_ index: UInt32) { self.index = index }
}

/// A task's health.
public struct TaskReport: BitwiseCopyable, Sendable {
  /// The task in its present life, as the bits of a `TaskID`.
  public var task: UInt32 = 0
  /// The state word as it is now.
  public var state: UInt32 = 0
  /// How often the supervisor has restarted it.
  public var restarts: UInt32 = 0
  public var lastFault = FaultRecord()

  public init() {}
}

/// Asks for a fault that nobody has asked for yet.
public struct TakeFault: Request {
  public static var operation: UInt16 { Operation.takeFault }
  public typealias Reply = FaultReport
  public init() {}
}

/// A fault, and what became of the task; `index` 0 if there is none to tell of.
public struct FaultReport: BitwiseCopyable, Sendable {
  public var index: UInt32 = 0
  /// The ticks until its restart, 0 if it lives again.
  public var delay: UInt32 = 0
  /// The generation that lives now.
  public var generation: UInt32 = 0
  public var record = FaultRecord()

  public init() {}
}

/// Asks for the text of the last panic.
public struct ReadPanic: Request {
  public static var operation: UInt16 { Operation.readPanic }
  public typealias Reply = PanicText
  public init() {}
}

/// The last panic's text, cut at 64 bytes.
public struct PanicText: BitwiseCopyable, Sendable {
  public var count: UInt32 = 0
  public var bytes: InlineArray<64, UInt8> = InlineArray(repeating: 0)

  public init() {}
}

/// Asks what the last reset has left.
public struct ReadReset: Request {
  public static var operation: UInt16 { Operation.readReset }
  public typealias Reply = ResetRecord
  public init() {}
}

/// Asks for a fault of kind `injected` in task `index`; code 2 for a task that cannot have one.
public struct InjectFault: Request {
  public static var operation: UInt16 { Operation.inject }
  public var index: UInt32
  public init(_ index: UInt32) { self.index = index }
}

/// Asks for a reset of the machine; not answered.
public struct ResetMachine: Request {
  public static var operation: UInt16 { Operation.reset }
  public init() {}
}
