// Apus/Request.swift: one operation of a server as a type, and the client that asks for it.
// Nothing is encoded: a request travels as the bytes it has in memory.

/// A request of fixed size, together with the reply that it asks for.
///
/// Both sides compile the same declaration, so a message needs no description of itself. Every bit
/// pattern must be a value of both types, since the peer may send any: integers and arrays of
/// them are right, `Bool` and enums are not. At most 256 bytes each.
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
  /// What the server answers.
  associatedtype Reply: BitwiseCopyable = Nothing

  /// The number by which the server knows the operation; a literal, so that it costs nothing.
  static var operation: UInt16 { get }
}

/// A reply that says no more than that it came.
public struct Nothing: BitwiseCopyable, Sendable {
  /// Makes the one value there is.
  @inline(__always)
  public init() {}
}

/// Why a call brought no reply.
public struct CallError: Error, Equatable, Sendable {
  /// The server's or the kernel's code; never `success`.
  public var code: ResponseCode

  /// Names a code.
  @inline(__always)
  public init(_ code: ResponseCode) {
    self.code = code
  }

  /// The reply had another size than the request's `Reply`: the server was built from other sources.
  public static var malformedReply: CallError { CallError(ResponseCode(rawValue: 0xFFFF)) }

  /// Whether the server has died since the client last knew it.
  @inline(__always)
  public var isDeath: Bool { code.deadGeneration != nil }
}

/// A client of the server `task`, which it follows through its lives.
public struct Client: Sendable {
  /// The server, in the life that the client knows.
  public private(set) var task: TaskID

  /// Makes a client of a task, from the generated `Peer`.
  @inline(__always)
  public init(_ task: TaskID) {
    self.task = task
  }

  /// Sends `request` and waits for its reply.
  ///
  /// - Throws: a dead code, once for each life that ended: what the server knew is lost, and the
  ///   next call goes to the new life. Any other code is the server's own.
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

  /// Sends `request` again for as long as the server dies over it, at most `attempts` times.
  ///
  /// A server that was given up is not asked again: its dead code names no next life.
  ///
  /// For requests that do no harm if they are carried out twice.
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

  /// One exchange with one loan; the bytes lent outlive it, since the caller waits.
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

  /// Gives `send` the request's bytes and room for the reply, which is garbage unless it came.
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

  /// Makes an error of everything but a whole reply.
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
