// SoakSecond/Second.swift: the least important task: when it runs, everybody else waits.
// Calls: supervisor, desk. Notifies: first.

import Apus
import SoakInterface

struct Second: TaskProgram {
  mutating func run() -> Never {
    var customer = Customer(1, desk: Peer.desk, supervisor: Peer.supervisor)
    while true {
      customer.makeSeries()
      // The other may have died since: its present life is meant.
      var first = Peer.first
      repeat { first = Call.refreshTaskID(first) } while Call.post(1, to: first) != .success
    }
  }
}
