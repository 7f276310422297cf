// Victim/Victim.swift: tells the intruder where its word lies, and looks whether it is still there.
// Calls: intruder. Called by: none. Notifications: timer.
// A changed word traps, which the supervisor would print as a fault of this task.

import Apus

struct TellAddress: Request {
  static var operation: UInt16 { 1 }
  var address: UInt32
}

struct Victim: TaskProgram {
  var word: UInt32 = 0x5AFE_5AFE

  mutating func run() -> Never {
    var intruder = Client(Peer.intruder)
    while true {
      let address = withUnsafeMutablePointer(to: &word) {
        UInt32(truncatingIfNeeded: UInt(bitPattern: $0))
      }
      _ = try? intruder.call(TellAddress(address: address))
      guard DeviceRegister(address, 0).value == 0x5AFE_5AFE else { fatalError("changed") }
      Time.sleep(1, with: Notification.timer)
    }
  }
}
