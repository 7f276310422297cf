// ApusABI/Call.swift: the numbers of the kernel calls and the registers they use.
// A call is `svc #0` (the immediate is ignored) with its number in r11 and its arguments in
// r4...r10; results come back in the same registers, and every register that a call does not name
// as a result keeps its value. The kernel never reads an argument from the task's stack.

/// A kernel call, by its number in r11.
///
/// Any other number is a fault of the caller.
///
/// | call | arguments | results |
/// |---|---|---|
/// | `send` | r4 target, operation ≪ 16; r5, r6 message; r7, r8 reply buffer; r9, r10 leases | r4 code, r5 reply length |
/// | `receive` | r7, r8 buffer; r9 notification mask | r4 sender, operation ≪ 16; r5 length or bits; r6 reply capacity; r10 leases |
/// | `receiveNotifications` | r9 notification mask | r4 `TaskID.kernel`; r5 bits |
/// | `reply` | r4 client, code ≪ 16; r5, r6 message | |
/// | `replyAndReceive` | as `reply` and `receive` | as `receive` |
/// | `replyFault` | r4 client, reason ≪ 16 | |
/// | `setTimer` | r4, r5 deadline; r6 bits, 0 to disarm | |
/// | `getTimer` | | r4, r5 now; r6, r7 deadline; r8 bits, 0 if disarmed |
/// | `borrowRead`, `borrowWrite` | r4 lender, lease ≪ 16; r5, r6 own slice; r7 offset | r4 code, r5 bytes moved |
/// | `borrowInfo` | r4 lender, lease ≪ 16 | r4 code, r5 length, r6 rights |
/// | `irqControl` | r4 notification mask; r5 `InterruptControl` | |
/// | `irqStatus` | r4 notification mask | r4 `InterruptStatus` |
/// | `post` | r4 target; r5 bits | r4 code |
/// | `refreshTaskID` | r4 task | r4 the same task in its present life |
/// | `panic` | r5, r6 text | never returns |
/// | `taskStatus` | r4 index | r4 code, r5 life, r6 state, r7 detail, r8 address, r9 program counter |
/// | `restartTask` | r4 index | r4 code |
/// | `injectFault` | r4 index | r4 code |
/// | `findFaultedTask` | r4 first index | r4 index, or 0 when none is left |
/// | `readPanicText` | r4 index; r7, r8 buffer | r4 code, r5 bytes copied |
/// | `resetMachine` | | never returns |
/// | `readResetRecord` | | r4...r7 the words of `ResetRecord` |
/// | `giveUp` | r4 index of a stopped task | r4 code |
///
/// Every slice is a pair: address, then length in bytes. In every call, r5 and r6 describe what a
/// task sends, and r7 and r8 the buffer that it receives into: so one routine in the kernel moves
/// messages, replies and panic texts. All slices of a call are checked when it is made, even those
/// that are used later or never; length 0 means none. `replyAndReceive` is `reply`, then `receive`:
/// the reply has been delivered when the buffer is checked.
public enum Call: UInt32, Sendable {
  case send = 0
  case receive = 1
  case receiveNotifications = 2
  case reply = 3
  case replyAndReceive = 4
  case replyFault = 5
  case setTimer = 6
  case getTimer = 7
  case borrowRead = 8
  case borrowWrite = 9
  case borrowInfo = 10
  case irqControl = 11
  case irqStatus = 12
  case post = 13
  case refreshTaskID = 14
  case panic = 15
  // From here on for the supervisor alone; anyone else faults.
  case taskStatus = 16
  case restartTask = 17
  case injectFault = 18
  case findFaultedTask = 19
  case readPanicText = 20
  case resetMachine = 21
  case readResetRecord = 22
  case giveUp = 23

  /// The first of the calls that only the supervisor may make.
  public static let firstService: UInt32 = 16
  /// The last call; no higher number is a call.
  public static let last = Call.giveUp
}

/// Limits of the contract, the same for every image.
public enum Limit {
  /// The most tasks an image can have, including the kernel's idle task.
  public static let taskCount = 32
  /// The longest message or reply, and the most that one borrow moves, in bytes.
  public static let messageBytes: UInt32 = 256
}

/// What `irqControl` may do, as bits of r5; any other bit is a fault of the caller.
public enum InterruptControl {
  /// Enables the interrupts; without it they are masked.
  public static let enable: UInt32 = 1
  /// Clears an interrupt that is pending but not yet taken.
  public static let clearPending: UInt32 = 2
}

/// What `irqStatus` returns, as bits of r4: the union over all interrupts that the mask names.
public enum InterruptStatus {
  /// The interrupt can be taken.
  public static let enabled: UInt32 = 1
  /// The device requests the interrupt, and it has not been taken.
  public static let pending: UInt32 = 2
  /// A notification of the mask is posted, and its owner has not received it.
  public static let posted: UInt32 = 4
}

/// The notification bit that the kernel posts to the supervisor when a task faults.
public let faultNotification: UInt32 = 1
