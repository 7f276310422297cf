// Apus/Service.swift: the loop of a server, and one message as its handler sees it.
// A malformed message faults its sender: nothing here faults the server.

import CApus

/// A task that answers requests one at a time; a reply and the next receive are one exception.
///
/// ```swift
/// struct Increase: Request {
///   static var operation: UInt16 { 2 }
///   typealias Reply = UInt32  // the sum so far
///   var amount: UInt32
/// }
///
/// struct Counter: Service {
///   typealias Message = Increase  // the largest of all requests and replies
///   var sum: UInt32 = 0
///
///   mutating func handle(_ message: Incoming) -> Outcome {
///     switch message.operation {
///     case Increase.operation:
///       message.answer(Increase.self) { request in
///         sum &+= request.amount
///         return sum
///       }
///     default: .refuse(.undefinedOperation)
///     }
///   }
/// }
/// ```
public protocol Service: TaskProgram {
  /// A type as large as the largest request and the largest reply: both use one buffer.
  associatedtype Message: BitwiseCopyable

  /// The notifications to receive between messages; none by default.
  var notifications: UInt32 { get }

  /// Answers a message, or keeps its sender waiting.
  mutating func handle(_ message: Incoming) -> Outcome

  /// Does what the notifications `bits` ask for.
  mutating func notified(_ bits: UInt32)
}

/// What happens to the sender of a message.
public enum Outcome: Equatable, Sendable {
  /// It continues with this many bytes of the buffer as its reply.
  case reply(byteCount: Int)
  /// It continues with a code, 1...0xFFFE, and no bytes.
  case code(UInt16)
  /// It waits until it is replied to with `Call.reply`.
  case later
  /// Its message violates the server's contract: it is faulted.
  case refuse(RefusalReason)
}

/// A message, valid while its handler runs.
public struct Incoming {
  /// The sender, its operation, and what it offers.
  public let envelope: Envelope
  /// Holds the request, and then the reply.
  let buffer: UnsafeMutableRawBufferPointer

  @inline(__always)
  init(_ envelope: Envelope, _ buffer: UnsafeMutableRawBufferPointer) {
    self.envelope = envelope
    self.buffer = buffer
  }

  /// Creates a message from its parts, for tests of a handler.
  ///
  /// `buffer` must outlive the message, and hold its `byteCount` bytes.
  public init(testing envelope: Envelope, _ buffer: UnsafeMutableRawBufferPointer) {
    self.init(envelope, buffer)
  }

  /// Who sent it; the one to reply to, and to borrow from.
  @inline(__always)
  public var sender: TaskID { envelope.sender }

  /// What it asks for.
  @inline(__always)
  public var operation: UInt16 { envelope.operation }

  /// The request, or `nil` if the message has another size.
  @inline(__always)
  public func request<R: Request>(_ type: R.Type) -> R? {
    // Decided at compile time: the service's `Message` is the largest of its requests, or a trap.
    precondition(MemoryLayout<R>.size <= buffer.count, "Message is smaller than this request")
    guard envelope.byteCount == MemoryLayout<R>.size else { return nil }
    return buffer.load(as: R.self)
  }

  /// Stores `reply` in place of the request; refuses a client that has too little room for it.
  @inline(__always)
  public func reply<Reply: BitwiseCopyable>(_ reply: Reply) -> Outcome {
    let byteCount = MemoryLayout<Reply>.size
    precondition(byteCount <= buffer.count, "Message is smaller than this reply")
    guard envelope.replyCapacity >= byteCount else { return .refuse(.replyBufferTooSmall) }
    buffer.storeBytes(of: reply, as: Reply.self)
    return .reply(byteCount: byteCount)
  }

  /// Replies to a request of type `type` with the result of `body`, or refuses it for its size.
  @inline(__always)
  public func answer<R: Request>(_ type: R.Type, _ body: (R) -> R.Reply) -> Outcome {
    guard let request = request(type) else { return .refuse(.badMessageSize) }
    return reply(body(request))
  }
}

extension Service {
  public var notifications: UInt32 { 0 }

  public mutating func notified(_ bits: UInt32) {}

  /// Serves from the first instruction; a server with something to set up has a `run` of its own.
  public mutating func run() -> Never { serve() }

  /// Receives and answers for as long as the task lives.
  @inline(__always)
  public mutating func serve() -> Never {
    withUnsafeTemporaryAllocation(of: Message.self, capacity: 1) { memory in
      let buffer = UnsafeMutableRawBufferPointer(
        start: memory.baseAddress, count: MemoryLayout<Message>.size)
      while true {
        var serving = ApusServing(into: buffer, notifications: notifications)
        var envelope = Call.receive(into: buffer, notifications: notifications)
        var outcome = respond(to: envelope, buffer)
        // The steady state is a loop of its own, so that the call's registers stay loaded.
        while case .reply(let byteCount) = outcome {
          envelope = Call.replyAndReceive(
            to: envelope.sender,
            UnsafeRawBufferPointer(start: buffer.baseAddress, count: byteCount),
            serving: &serving)
          outcome = respond(to: envelope, buffer)
        }
        conclude(outcome, envelope.sender)
      }
    }
  }

  /// Passes a message to `handle`, or notifications, which need no reply, to `notified`.
  @inline(__always)
  private mutating func respond(
    to envelope: Envelope, _ buffer: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    // A server without notifications is never sent one: with the constant 0 this vanishes.
    if notifications != 0, let bits = envelope.notifications {
      notified(bits)
      return .later
    }
    return handle(Incoming(envelope, buffer))
  }

  /// Carries out every outcome that is not a plain reply.
  @inline(__always)
  private func conclude(_ outcome: Outcome, _ client: TaskID) {
    switch outcome {
    case .reply, .later: break
    case .code(let code): Call.reply(to: client, code: code)
    case .refuse(let reason): Call.replyFault(to: client, reason)
    }
  }
}
