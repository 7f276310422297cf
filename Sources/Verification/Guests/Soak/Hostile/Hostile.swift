// SoakHostile/Hostile.swift: carries out whatever the supervisor thinks of, and dies of it or not.
// Calls: supervisor, desk. Called by: none. A restart is all it lives for.

import Apus
import CApus
import CApusTrials
import SoakInterface

struct Hostile: TaskProgram {
  mutating func run() -> Never {
    var memory = apus_trial_memory()
    var operation = UInt(SoakInterface.Operation.hello)
    while true {
      let target = UInt(Peer.supervisor.rawValue) | operation &<< 16
      _ = withUnsafeMutablePointer(to: &memory) {
        apus_send_plain(
          UInt(Call.send.rawValue), target, UInt(bitPattern: $0), 4,
          UInt($0.pointee &+ 16), 64)
      }
      operation = UInt(SoakInterface.Operation.unpunished)
      apus_trial()
    }
  }
}
