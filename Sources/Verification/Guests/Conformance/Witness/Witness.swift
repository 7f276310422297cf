// ConformanceWitness/Witness.swift: goes a round when told to, and runs only if everybody else waits.
// Calls: echo, supervisor. Called by: nobody. It is never restarted: its count has no gap.

import Apus
import ConformanceInterface

struct Witness: TaskProgram {
  var sent: UInt32 = 0

  mutating func run() -> Never {
    var echo = Client(Peer.echo)
    var supervisor = Client(Peer.supervisor)
    while true {
      Call.receiveNotifications(Notification.go)
      sent &+= 1
      let echoed = (try? echo.call(Round(sent: sent, echoed: 0))) ?? 0
      _ = try? supervisor.call(Round(sent: sent, echoed: echoed))
    }
  }
}
