// Victim/Victim.swift: tells the intruder where its word lies, and looks whether it is still there.
// Calls: intruder. Called by: none. Notifications: timer.
// A changed word traps, which the supervisor would print as a fault of this task.

import Apus

/// Where the word lies, and in which life the intruder is: it may not ask about itself.
struct TellAddress: Request {
  static var operation: UInt16 { 1 }
  var address: UInt32
  var life: UInt32
}

struct Victim: TaskProgram {
  var word: UInt32 = 0x5AFE_5AFE

  mutating func run() -> Never {
    var intruder = Client(Peer.intruder)
    while true {
      let address = withUnsafeMutablePointer(to: &word) {
        UInt32(truncatingIfNeeded: UInt(bitPattern: $0))
      }
      let life = UInt32(Call.refreshTaskID(Peer.intruder).generation)
      _ = try? intruder.call(TellAddress(address: address, life: life))
      guard DeviceRegister(address, 0).value == 0x5AFE_5AFE else { fatalError("changed") }
      Time.sleep(1, with: Notification.timer)
    }
  }
}
