// Apus/Request.swift: one operation of a server as a type, and the client that calls it.
// Nothing is encoded: a request is sent as its bytes in memory.

/// A request of fixed size, together with the reply that it asks for.
///
/// Both sides compile the same declaration, so a message needs no description of itself. Every bit
/// pattern must be a value of both types, since the peer may send any: integers and arrays of
/// integers are suitable, `Bool` and enums are not. Each has at most 256 bytes.
///
/// ```swift
/// struct ReadTemperature: Request {
///   static var operation: UInt16 { 1 }
///   typealias Reply = Int32  // thousandths of a degree Celsius
/// }
///
/// var sensor = Client(Peer.sensor)
/// let temperature = try sensor.call(ReadTemperature())
/// ```
public protocol Request: BitwiseCopyable {
  /// What the server replies.
  associatedtype Reply: BitwiseCopyable = Nothing

  /// The number that identifies the operation to the server; a literal, so it costs nothing.
  static var operation: UInt16 { get }
}

/// A reply without contents.
public struct Nothing: BitwiseCopyable, Sendable {
  /// Creates the only value.
  @inline(__always)
  public init() {}
}

/// Why a call gave no reply.
public struct CallError: Error, Equatable, Sendable {
  /// The server's or the kernel's code; never `success`.
  public var code: ResponseCode

  /// Names a code.
  @inline(__always)
  public init(_ code: ResponseCode) {
    self.code = code
  }

  /// The reply did not have the size of `Reply`: the server was built from other sources.
  public static var malformedReply: CallError { CallError(ResponseCode(rawValue: 0xFFFF)) }

  /// Whether the server has died since the client last knew it.
  @inline(__always)
  public var isDeath: Bool { code.deadGeneration != nil }
}

/// A client of the server `task`; after a restart of the server it calls the new life.
public struct Client: Sendable {
  /// The server, in the life that the client knows.
  public private(set) var task: TaskID

  /// Creates a client of a task, from the generated `Peer`.
  @inline(__always)
  public init(_ task: TaskID) {
    self.task = task
  }

  /// Sends `request` and waits for its reply.
  ///
  /// - Throws: a dead code, once for each life that ended: the server's state is lost, and the next
  ///   call goes to the new life. Any other code is the server's own.
  @inline(__always)
  public mutating func call<R: Request>(_ request: R) throws(CallError) -> R.Reply {
    let (answer, reply) = exchange(request) { message, buffer, task in
      Call.send(message, operation: R.operation, to: task, reply: buffer)
    }
    return try check(answer, reply)
  }

  /// Sends `request` and lends `bytes`, which the server may read until it replies.
  @inline(__always)
  public mutating func call<R: Request>(
    _ request: R, lending bytes: UnsafeRawBufferPointer
  ) throws(CallError) -> R.Reply {
    try call(request, loan: Loan(reading: bytes))
  }

  /// Sends `request` and lends `bytes`, which the server may read until it replies.
  @inline(__always)
  public mutating func call<R: Request>(
    _ request: R, lending bytes: borrowing RawSpan
  ) throws(CallError) -> R.Reply {
    try call(request, loan: bytes.withUnsafeBytes { Loan(reading: $0) })
  }

  /// Sends `request` and lends `bytes`, which the server may read and write until it replies.
  @inline(__always)
  public mutating func call<R: Request>(
    _ request: R, lending bytes: inout MutableRawSpan
  ) throws(CallError) -> R.Reply {
    try call(request, loan: bytes.withUnsafeMutableBytes { Loan(writing: $0, readable: true) })
  }

  /// Sends `request` again while the server dies during the call, at most `attempts` times.
  ///
  /// A server that was given up is not called again: its dead code names no next life.
  ///
  /// Only for requests that are harmless if they are carried out twice.
  /// - Throws: the last attempt's dead code, or any other code at once.
  @inline(__always)
  public mutating func call<R: Request>(
    _ request: R, attempts: Int
  ) throws(CallError) -> R.Reply {
    var left = attempts
    while true {
      let known = task
      do throws(CallError) {
        return try call(request)
      } catch {
        left &-= 1
        if !error.isDeath || task == known || left <= 0 { throw error }
      }
    }
  }

  /// One exchange with one loan; the lent bytes outlive it, because the caller waits.
  @inline(__always)
  private mutating func call<R: Request>(
    _ request: R, loan: Loan
  ) throws(CallError) -> R.Reply {
    let (answer, reply) = exchange(request) { message, buffer, task in
      withUnsafePointer(to: loan) {
        Call.send(
          message, operation: R.operation, to: task, reply: buffer,
          lending: UnsafeBufferPointer(start: $0, count: 1))
      }
    }
    return try check(answer, reply)
  }

  /// Gives `send` the request's bytes and room for the reply, which is garbage if none came.
  @inline(__always)
  private func exchange<R: Request>(
    _ request: R,
    _ send: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer, TaskID) -> Answer
  ) -> (Answer, R.Reply) {
    withUnsafeTemporaryAllocation(of: R.Reply.self, capacity: 1) { reply in
      let room = UnsafeMutableRawBufferPointer(
        start: reply.baseAddress, count: MemoryLayout<R.Reply>.size)
      let answer = withUnsafeBytes(of: request) { send($0, room, task) }
      return (answer, reply[0])
    }
  }

  /// Turns everything except a complete reply into an error.
  @inline(__always)
  private mutating func check<Reply>(
    _ answer: Answer, _ reply: Reply
  ) throws(CallError) -> Reply {
    guard answer.code == .success else {
      if let generation = answer.code.deadGeneration {
        task = TaskID(index: task.index, generation: generation)
      }
      throw CallError(answer.code)
    }
    guard answer.byteCount == MemoryLayout<Reply>.size else { throw .malformedReply }
    return reply
  }
}
