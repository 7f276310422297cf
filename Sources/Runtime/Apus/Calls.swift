// Apus/Calls.swift: the calls that every task may make, one function per call, as in the contract.
// Nothing here keeps state or checks an argument: the kernel does, and faults the caller.

import CApus

/// The result of a call that moves bytes.
public struct Answer: Equatable, Sendable {
  /// The outcome, from the kernel or from the server.
  public var code: ResponseCode
  /// The length of the reply, or the number of bytes moved; meaningless after a dead code.
  public var byteCount: Int

  /// Composes an answer.
  @inline(__always)
  public init(code: ResponseCode, byteCount: Int) {
    self.code = code
    self.byteCount = byteCount
  }
}

/// What `receive` returns: a message, or notifications if `sender` is `TaskID.kernel`.
public struct Envelope: Sendable {
  /// The sender in the low half, its operation in the upper half.
  let senderWord: UInt
  /// The length of the message in bytes, or the notifications.
  let word: UInt
  /// The size of the client's reply buffer in bytes.
  public let replyCapacity: Int
  /// The number of leases that came with the message.
  public let leaseCount: Int

  @inline(__always)
  init(_ message: ApusMessage) {
    senderWord = UInt(message.sender)
    word = UInt(message.byteCount)
    replyCapacity = Int(bitPattern: UInt(message.replyCapacity))
    leaseCount = Int(bitPattern: UInt(message.leaseCount))
  }

  /// Who sent it.
  @inline(__always)
  public var sender: TaskID { TaskID(rawValue: UInt16(truncatingIfNeeded: senderWord)) }

  /// What the client asks for.
  @inline(__always)
  public var operation: UInt16 { UInt16(truncatingIfNeeded: senderWord &>> 16) }

  /// The length of the message in bytes.
  @inline(__always)
  public var byteCount: Int { Int(bitPattern: word) }

  /// The bits received, if this is no message; `nil` if it is one.
  @inline(__always)
  public var notifications: UInt32? {
    sender == .kernel ? UInt32(truncatingIfNeeded: word) : nil
  }
}

extension Call {
  /// Sends `message` to `target` and waits for its reply.
  ///
  /// - Returns: the server's code, or a dead code if the server died since `target` was made.
  /// - Faults: `usage` if the manifest does not let the caller send there, or for more than 256
  ///   bytes; `badSlice` for memory that is not the caller's.
  @inline(__always)
  public static func send(
    _ message: UnsafeRawBufferPointer, operation: UInt16, to target: TaskID,
    reply: UnsafeMutableRawBufferPointer
  ) -> Answer {
    let answer = apus_send_plain(
      register(Call.send.rawValue), word(target, operation), address(message), count(message),
      address(reply), count(reply))
    return Answer(
      code: ResponseCode(rawValue: UInt32(truncatingIfNeeded: answer.code)),
      byteCount: Int(bitPattern: UInt(answer.byteCount)))
  }

  /// Sends `message` together with `leases`, which hold until the reply.
  @inline(__always)
  public static func send(
    _ message: UnsafeRawBufferPointer, operation: UInt16, to target: TaskID,
    reply: UnsafeMutableRawBufferPointer, lending leases: UnsafeBufferPointer<Loan>
  ) -> Answer {
    let answer = apus_send(
      register(Call.send.rawValue), word(target, operation), address(message), count(message),
      address(reply), count(reply), UInt(bitPattern: leases.baseAddress),
      UInt(bitPattern: leases.count))
    return Answer(
      code: ResponseCode(rawValue: UInt32(truncatingIfNeeded: answer.code)),
      byteCount: Int(bitPattern: UInt(answer.byteCount)))
  }

  /// Waits for a message, which is stored in `buffer`, or for one of `notifications`.
  ///
  /// A message longer than the buffer is cut; its full length is reported.
  @inline(__always)
  public static func receive(
    into buffer: UnsafeMutableRawBufferPointer, notifications: UInt32 = 0
  ) -> Envelope {
    Envelope(
      apus_receive(
        register(Call.receive.rawValue), address(buffer), count(buffer), register(notifications)))
  }

  /// Waits for one of `notifications`, and clears those that it returns.
  @inline(__always)
  @discardableResult
  public static func receiveNotifications(_ notifications: UInt32) -> UInt32 {
    UInt32(
      truncatingIfNeeded: apus_wait(
        register(Call.receiveNotifications.rawValue), register(notifications)))
  }

  /// Wakes `client` with `message` as its reply.
  ///
  /// Nothing happens if it no longer waits.
  @inline(__always)
  public static func reply(
    to client: TaskID, code: UInt16 = 0, _ message: UnsafeRawBufferPointer
  ) {
    apus_reply(
      register(Call.reply.rawValue), word(client, code), address(message), count(message))
  }

  /// Wakes `client` with `code` and no bytes.
  @inline(__always)
  public static func reply(to client: TaskID, code: UInt16 = 0) {
    apus_reply(register(Call.reply.rawValue), word(client, code), 0, 0)
  }

  /// Replies and receives in one exception: the steady state of a server.
  @inline(__always)
  public static func replyAndReceive(
    to client: TaskID, code: UInt16 = 0, _ message: UnsafeRawBufferPointer,
    into buffer: UnsafeMutableRawBufferPointer, notifications: UInt32 = 0
  ) -> Envelope {
    var serving = ApusServing(into: buffer, notifications: notifications)
    return replyAndReceive(to: client, code: code, message, serving: &serving)
  }

  /// The same for a loop, which keeps the constant arguments in `serving`.
  @inline(__always)
  static func replyAndReceive(
    to client: TaskID, code: UInt16 = 0, _ message: UnsafeRawBufferPointer,
    serving: inout ApusServing
  ) -> Envelope {
    Envelope(
      apus_reply_and_receive(&serving, word(client, code), address(message), count(message)))
  }

  /// Faults `client` for its message: the only way to fault another task.
  @inline(__always)
  public static func replyFault(to client: TaskID, _ reason: RefusalReason) {
    _ = apus_ask(register(Call.replyFault.rawValue), word(client, reason.rawValue), 0)
  }

  /// Posts `bits` to `target`; a notification that is already posted stays a single one.
  ///
  /// - Faults: `usage` if the manifest does not let the caller post there, or for a bit that no
  ///   task may post to the target.
  @inline(__always)
  @discardableResult
  public static func post(_ bits: UInt32, to target: TaskID) -> ResponseCode {
    ResponseCode(
      rawValue: UInt32(
        truncatingIfNeeded: apus_ask(
          register(Call.post.rawValue), UInt(target.rawValue), register(bits))))
  }

  /// The same task in its current life.
  ///
  /// - Faults: `usage` if the caller may neither send nor post to it; the supervisor may ask about
  ///   every task.
  @inline(__always)
  public static func refreshTaskID(_ task: TaskID) -> TaskID {
    TaskID(
      rawValue: UInt16(
        truncatingIfNeeded: apus_ask(
          register(Call.refreshTaskID.rawValue), UInt(task.rawValue), 0)))
  }

  /// Enables the interrupts that post one of `notifications`, or masks them.
  ///
  /// The kernel masks an interrupt when it posts it; its owner enables it again after each one.
  @inline(__always)
  public static func irqControl(_ notifications: UInt32, _ control: UInt32) {
    _ = apus_ask(
      register(Call.irqControl.rawValue), register(notifications), register(control))
  }

  /// The state of the interrupts that post one of `notifications`: bits of `InterruptStatus`.
  @inline(__always)
  public static func irqStatus(_ notifications: UInt32) -> UInt32 {
    UInt32(
      truncatingIfNeeded: apus_ask(
        register(Call.irqStatus.rawValue), register(notifications), 0))
  }

  /// Stops the caller for good with `text`, which its supervisor may read.
  @inline(__always)
  public static func panic(_ text: UnsafeRawBufferPointer) -> Never {
    apus_end(register(Call.panic.rawValue), address(text), count(text))
  }

  // The words of a call. A register is as wide as a pointer, on the host too.

  @inline(__always)
  static func register(_ value: UInt32) -> UInt { UInt(truncatingIfNeeded: value) }

  @inline(__always)
  static func word(_ task: TaskID, _ upper: UInt16) -> UInt {
    UInt(task.rawValue) | UInt(upper) &<< 16
  }

  @inline(__always)
  static func address(_ slice: UnsafeRawBufferPointer) -> UInt {
    UInt(bitPattern: slice.baseAddress)
  }

  @inline(__always)
  static func address(_ slice: UnsafeMutableRawBufferPointer) -> UInt {
    UInt(bitPattern: slice.baseAddress)
  }

  @inline(__always)
  static func count(_ slice: UnsafeRawBufferPointer) -> UInt { UInt(bitPattern: slice.count) }

  @inline(__always)
  static func count(_ slice: UnsafeMutableRawBufferPointer) -> UInt {
    UInt(bitPattern: slice.count)
  }
}

extension ApusServing {
  /// The arguments that a server's loop passes each time.
  @inline(__always)
  init(into buffer: UnsafeMutableRawBufferPointer, notifications: UInt32) {
    self.init(
      number: Call.register(Call.replyAndReceive.rawValue), buffer: Call.address(buffer),
      bufferBytes: Call.count(buffer), notifications: Call.register(notifications))
  }
}
