// SweepHostile/Hostile.swift: fetches an order, executes one instruction, and dies of it.
// Calls: supervisor, anchor. Called by: nobody. It checks nothing, on purpose.

import Apus
import CApus
import CApusTrials
import SweepInterface

struct Hostile: TaskProgram {
  mutating func run() -> Never {
    let memory = apus_trial_memory()
    while true {
      _ = apus_send_plain(
        UInt(Call.send.rawValue), UInt(Peer.supervisor.rawValue) | UInt(Message.hello) &<< 16, 0, 0,
        UInt(memory &+ Order.offset), UInt(Order.byteCount))
      apus_trial()
    }
  }
}
