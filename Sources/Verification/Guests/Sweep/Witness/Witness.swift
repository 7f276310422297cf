// SweepWitness/Witness.swift: goes a round when told to, and runs only if everybody else waits.
// Calls: anchor, supervisor. Called by: nobody. It is never restarted: its count has no gap.

import Apus
import CApusTrials
import SweepInterface

struct Witness: TaskProgram {
  var sent: UInt32 = 0

  mutating func run() -> Never {
    var anchor = Client(Peer.anchor)
    var supervisor = Client(Peer.supervisor)
    while true {
      Call.receiveNotifications(Notification.go)
      sent &+= 1
      let nothing = Seen(count: 0, differences: 0)
      let first = Round(sent: sent, seen: nothing, differences: 0)
      let seen = (try? anchor.call(first)) ?? nothing
      // Not the lowest word: QEMU checks an unaligned store that begins in the hostile task's
      // memory at its first byte only, unless the edge is one of its pages'.
      let differences = Paint.differences(apus_trial_memory() &+ 4, words: 95)
      _ = try? supervisor.call(Round(sent: sent, seen: seen, differences: differences))
    }
  }
}
