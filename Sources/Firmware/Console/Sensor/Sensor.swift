// ConsoleSensor/Sensor.swift: a thermometer that takes a sample every half second.
// Calls: logger, supervisor (when asked to misbehave). Called by: shell. Notifications: timer.
// A restart is safe at any instruction: it counts its samples from 0 again.

import Apus
import ConsoleInterface

struct Sensor: Service {
  /// As large as any of its requests and replies.
  typealias Message = Sample

  var sample = Sample(number: 0, millidegrees: 20_000)
  var logger = Client(Peer.logger)

  var notifications: UInt32 { Notification.timer }

  mutating func run() -> Never {
    startInterval()
    serve()
  }

  mutating func notified(_ bits: UInt32) {
    takeSample()
    startInterval()
  }

  mutating func handle(_ message: Incoming) -> Outcome {
    switch message.operation {
    case ReadSample.operation: return message.answer(ReadSample.self) { _ in sample }
    case FillSamples.operation: return fill(for: message)
    case Crash.operation:
      return message.answer(Crash.self) {
        $0.commit()
        return Nothing()
      }
    default: return .refuse(.undefinedOperation)
    }
  }

  private func startInterval() {
    let ticks = Time.ticks(milliseconds: 500, tickMicroseconds: Image.tickMicroseconds)
    Call.setTimer(Time.deadline(after: ticks, from: Time.now), notifications: Notification.timer)
  }

  /// The board has no thermometer: the temperature climbs by 0.125 degrees, 20 to 28 degrees.
  private mutating func takeSample() {
    sample.number &+= 1
    sample.millidegrees = 20_000 &+ (sample.number & 63) &* 125
    // Every eighth sample is worth a record. A logger that died has lost its log anyway.
    if sample.number & 7 == 0 {
      _ = try? logger.call(AppendRecord(.sample, sample.millidegrees))
    }
  }

  /// Fills the client's own memory: nothing of it travels as a message.
  private func fill(for message: Incoming) -> Outcome {
    guard let info = Call.borrowInfo(from: message.sender) else { return .refuse(.badLeases) }
    guard info.rights & Lease.write != 0 else { return .refuse(.badLeases) }
    var next: UInt8 = 0
    var filled = 0
    while filled < info.byteCount {
      var chunk = TextBuffer<8>()
      while !chunk.isFull, filled &+ chunk.count < info.byteCount {
        next &+= 1
        chunk.write(next)
      }
      let offset = filled
      let answer = chunk.withUnsafeBytes {
        Call.borrowWrite(to: message.sender, offset: offset, $0)
      }
      guard answer.code == .success, answer.byteCount > 0 else { break }
      filled &+= answer.byteCount
    }
    return message.reply(UInt32(truncatingIfNeeded: filled))
  }
}
