// ApusABI/Fault.swift: why a task was stopped, as the supervisor reads it.
// A fault is always charged to the task that made the mistake; see `Kernel.fault`.

/// The kind of a fault, in bits 8...15 of a task's state word.
///
/// Zero means healthy.
public enum FaultKind: UInt8, Sendable {
  case none = 0
  /// The MPU refused a load or a store; the address is the one refused, if the core knows it.
  case memory = 1
  /// An exception frame did not fit the task's memory.
  ///
  /// The address is that of the push that went too far, or 0 if only the frame itself did.
  case stackOverflow = 2
  /// The bus refused an access, for example to the system control space.
  case bus = 3
  /// An instruction was fetched from memory that the task must not execute.
  case illegalText = 4
  /// An undefined instruction, including a Swift trap (`udf #0xfe`).
  case illegalInstruction = 5
  /// An integer division by zero.
  case divideByZero = 6
  /// Any other misuse of the core: Thumb bit clear, unaligned access, no coprocessor, bad return.
  case invalidOperation = 7
  /// A breakpoint instruction, with no debugger to handle it.
  case breakpoint = 8
  /// A slice given to a call lies outside the task's memory; the address is the slice's.
  case badSlice = 9
  /// A call that the contract forbids; the detail is a `UsageError`.
  case usage = 10
  /// The task panicked; its text can be read by the supervisor.
  case panic = 11
  /// The supervisor stopped it.
  case injected = 12
  /// A server refused the task's message; detail is the server's `TaskID`, `RefusalReason` ≪ 16.
  case refused = 13
}

/// What a call did wrong: the detail of a fault of kind `usage`.
public enum UsageError: UInt32, Sendable {
  /// The number in r11 is not a call.
  case unknownCall = 1
  /// The index names no task, or one that the manifest does not let the caller reach.
  case illegalTask = 2
  /// A task that is not the supervisor asked for a kernel service.
  case notSupervisor = 3
  /// A message is longer than 256 bytes, or a reply longer than that or than the client's buffer.
  case tooLong = 4
  /// The lender gave no lease of this number.
  case leaseOutOfRange = 5
  /// The mask names no notification that an interrupt of the caller posts.
  case noInterrupt = 6
  /// A word that selects what to do has a value without a meaning.
  case badSelector = 7
  /// No task may post one of the bits to the target.
  case notPostable = 8
}

/// Why a server refuses a client for good, with `replyFault`.
public enum RefusalReason: UInt16, Sendable {
  case undefinedOperation = 0
  case badMessageSize = 1
  case badMessageContents = 2
  case badLeases = 3
  case replyBufferTooSmall = 4
  case accessViolation = 5
}

/// What a task is doing, in the low byte of its state word.
///
/// A fault leaves it as it was.
public enum TaskActivity: UInt8, Sendable {
  case runnable = 0
  /// Waits for a message or a notification.
  case receiving = 1
  /// Waits for a notification only.
  case waiting = 2
  /// Waits for the peer to receive its message.
  case sending = 3
  /// Waits for the peer's reply.
  case awaitingReply = 4
}

/// A task's state in one word: activity in bits 0...7, fault kind in 8...15, peer in 16...31.
///
/// Zero is a healthy, runnable task, so cleared memory is a valid kernel at reset.
public struct TaskState: Equatable, Sendable, BitwiseCopyable {
  /// The word as `taskStatus` returns it in r6.
  public var rawValue: UInt32

  /// Wraps any 32 bits; unknown values read as `nil` below.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  public static let runnable = TaskState(rawValue: 0)
  public static let receiving = TaskState(rawValue: 1)
  public static let waiting = TaskState(rawValue: 2)
  /// Blocked until `peer` receives.
  public static func sending(to peer: TaskID) -> TaskState {
    TaskState(rawValue: 3 | UInt32(peer.rawValue) &<< 16)
  }
  /// Blocked until `peer` replies.
  public static func awaitingReply(from peer: TaskID) -> TaskState {
    TaskState(rawValue: 4 | UInt32(peer.rawValue) &<< 16)
  }

  /// The same activity, stopped by a fault of `kind`.
  public func faulted(_ kind: FaultKind) -> TaskState {
    TaskState(rawValue: rawValue & 0xFFFF_00FF | UInt32(kind.rawValue) &<< 8)
  }

  /// Whether a fault has stopped the task.
  public var isFaulted: Bool { rawValue & 0xFF00 != 0 }
  /// What the task does, or did when it faulted; `nil` for a value without a meaning.
  public var activity: TaskActivity? {
    TaskActivity(rawValue: UInt8(truncatingIfNeeded: rawValue))
  }
  /// Whether the task is healthy and waits for its peer to receive.
  public var isSending: Bool { rawValue & 0xFFFF == Self.sending(to: TaskID(rawValue: 0)).rawValue }
  /// Why the task was stopped; `nil` for a value without a meaning.
  public var fault: FaultKind? { FaultKind(rawValue: UInt8(truncatingIfNeeded: rawValue &>> 8)) }
  /// The task it waits for; meaningful when `sending` or `awaitingReply`.
  public var peer: TaskID { TaskID(rawValue: UInt16(truncatingIfNeeded: rawValue &>> 16)) }
}
