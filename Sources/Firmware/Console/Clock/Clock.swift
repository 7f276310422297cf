// ConsoleClock/Clock.swift: tells how long the machine has been running.
// Calls: supervisor (when asked to misbehave). Called by: shell. Notifications: none.
// It keeps nothing: the kernel counts the ticks, so a restart loses none.

import Apus
import ConsoleInterface

struct Clock: Service {
  typealias Message = UInt32

  mutating func handle(_ message: Incoming) -> Outcome {
    switch message.operation {
    case ReadUptime.operation:
      message.answer(ReadUptime.self) { _ in
        UInt32(truncatingIfNeeded: Time.now) &* (Image.tickMicroseconds / 1_000)
      }
    case Crash.operation:
      message.answer(Crash.self) {
        $0.commit()
        return Nothing()
      }
    default: .refuse(.undefinedOperation)
    }
  }
}
