// BenchServer/Server.swift: answers each exchange, and nothing else.
// Calls: none. Called by: client. Notifications: none.
// It keeps no state, so a restart loses nothing.

import Apus
import BenchInterface

struct Server: Service {
  typealias Message = Exchange

  mutating func handle(_ message: Incoming) -> Outcome {
    switch message.operation {
    case Exchange.operation:
      message.answer(Exchange.self) { request in
        var reply = request
        reply.number &+= 1
        return reply
      }
    default: .refuse(.undefinedOperation)
    }
  }
}
