// TimelineKitTests/Stream.swift: a made-up run, one passage through the kernel at a time.
// It has no kernel: each step says what the kernel made of it, so that every turn can be told.

import ApusABI
import TimelineKit

/// Moments of four tasks: supervisor, server, client, idle.
struct Stream {
  static let subject = Subject(
    app: "toy", place: "paper",
    tasks: [
      .init("supervisor", notifications: ["fault"]),
      .init("server", notifications: ["line", "timer"]),
      .init("client", notifications: ["news"]), .init("idle"),
    ],
    lines: [.init("uart-rx", number: 5, owner: 1)])

  var builder = TimelineBuilder(subject)
  var state = KernelState(
    tasks: (0..<4).map { .init(life: UInt32($0)) }, current: 0, now: 0)
  var time: UInt64 = 0

  init() { add(.boot, by: 0) { _ in } }

  /// Ten microseconds later, something has happened.
  mutating func add(
    _ door: Moment.Door, by task: Int, _ registers: [UInt32] = [],
    _ change: (inout KernelState) -> Void
  ) {
    change(&state)
    let runnable = state.tasks.indices.first { state.tasks[$0].state == .runnable }
    state.current = runnable ?? 3
    let registers = registers + Array(repeating: 0, count: 8 - registers.count)
    builder.add(
      Moment(
        entered: time, left: time, door: door, task: task, registers: registers, after: state))
    time += 10_000
  }

  mutating func call(
    _ call: Call, by task: Int, _ registers: [UInt32] = [],
    _ change: (inout KernelState) -> Void
  ) {
    let all = registers + Array(repeating: 0, count: 7 - registers.count) + [call.rawValue]
    add(.call, by: task, all, change)
  }

  /// Supervisor and server wait; the client runs.
  mutating func settle() {
    call(.receive, by: 0) { $0.tasks[0].state = .receiving }
    call(.receive, by: 1) { $0.tasks[1].state = .receiving }
  }

  /// The client asks the server with operation 7 and four bytes.
  mutating func ask(isTaken: Bool = true) {
    call(.send, by: 2, [7 << 16 | 1, 0x100, 4]) {
      let server = TaskID(index: 1, generation: $0.tasks[1].generation)
      $0.tasks[2].state = isTaken ? .awaitingReply(from: server) : .sending(to: server)
      if isTaken { $0.tasks[1].state = .runnable }
    }
  }

  /// The server answers two bytes and waits again.
  mutating func answer() {
    call(.replyAndReceive, by: 1, [2]) {
      $0.tasks[2].state = .runnable
      $0.tasks[2].results = [0, 2]
      $0.tasks[1].state = .receiving
    }
  }

  /// The server reads what is not its own, while it serves.
  mutating func crash() {
    add(.fault(.memory, address: 0x2000_0008), by: 1) {
      $0.tasks[1].state = $0.tasks[1].state.faulted(.memory)
      $0.tasks[1].words = 0x1234_0000_0000 | 0x2000_0008
      $0.tasks[0].state = .runnable
    }
  }

  /// The supervisor gives the server a new life, and waits again.
  mutating func restart() {
    call(.restartTask, by: 0, [1]) {
      $0.tasks[1] = .init(life: 1 + 32)
      if $0.tasks[2].state.activity != .runnable {
        $0.tasks[2].state = .runnable
        $0.tasks[2].results = [ResponseCode.dead(generation: 1).rawValue, 0]
      }
    }
    call(.receive, by: 0) { $0.tasks[0].state = .receiving }
  }

  var timeline: Timeline { builder.timeline(until: time) }

  /// A question, an answer, and a question that its server dies of.
  static func story() -> Stream {
    var stream = Stream()
    stream.settle()
    stream.ask()
    stream.answer()
    stream.ask()
    stream.crash()
    stream.restart()
    stream.call(.receive, by: 1) { $0.tasks[1].state = .receiving }
    stream.call(.post, by: 2, [0, 1]) { $0.tasks[0].pending = 1 }
    return stream
  }
}
