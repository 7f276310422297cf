// ConformanceEcho/Echo.swift: counts the witness's rounds, far from everything that is tried here.
// Calls: nobody. Called by: witness. It is never restarted, so a round that is lost is missed.

import Apus
import ConformanceInterface

struct Echo: Service {
  typealias Message = Round

  var count: UInt32 = 0

  mutating func handle(_ message: Incoming) -> Outcome {
    guard message.operation == Round.operation else { return .refuse(.undefinedOperation) }
    return message.answer(Round.self) { _ in
      count &+= 1
      return count
    }
  }
}
