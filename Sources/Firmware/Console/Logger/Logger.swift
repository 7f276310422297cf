// ConsoleLogger/Logger.swift: the last 16 records of what happened.
// Calls: supervisor (when asked to misbehave). Called by: sensor, shell. Notifications: none.
// A restart loses the log, and begins it anew with a record of itself.

import Apus
import ConsoleInterface

struct Logger: Service {
  typealias Message = LogRecord

  var records: InlineArray<16, LogRecord> = InlineArray(repeating: .none)
  /// How many records were ever written; the last 16 of them are here.
  var written: UInt32 = 0

  mutating func run() -> Never {
    append(.start, 0, by: 3)
    serve()
  }

  mutating func handle(_ message: Incoming) -> Outcome {
    switch message.operation {
    case AppendRecord.operation:
      return message.answer(AppendRecord.self) { request in
        append(request.event, request.value, by: message.sender.index)
        return Nothing()
      }
    case ReadRecord.operation:
      guard let request = message.request(ReadRecord.self) else { return .refuse(.badMessageSize) }
      return read(request.index, for: message)
    case Crash.operation:
      return message.answer(Crash.self) {
        $0.commit()
        return Nothing()
      }
    default: return .refuse(.undefinedOperation)
    }
  }

  private mutating func append(_ event: Event, _ value: UInt32, by task: Int) {
    records[slot(written)] = LogRecord(
      tick: UInt32(truncatingIfNeeded: Time.now), task: UInt32(truncatingIfNeeded: task),
      event: event, value: value)
    written &+= 1
  }

  // Mutating, though it changes nothing: a method that only reads gets a copy of all records.
  private mutating func read(_ index: UInt32, for message: Incoming) -> Outcome {
    let held = min(written, 16)
    guard index < held else { return .code(2) }
    return message.reply(records[slot(written &- held &+ index)])
  }

  private func slot(_ number: UInt32) -> Int { Int(truncatingIfNeeded: number & 15) }
}
