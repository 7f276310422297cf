// SoakFirst/First.swift: the customer who waits, after each series, until the other has made one.
// Calls: supervisor, desk. Posted to by: second. A bit that is lost would stop it for good.

import Apus
import SoakInterface

struct First: TaskProgram {
  mutating func run() -> Never {
    var customer = Customer(0, desk: Peer.desk, supervisor: Peer.supervisor)
    while true {
      customer.makeSeries()
      if Call.receiveNotifications(Notification.go) != Notification.go {
        customer.complain(.wrongBits)
      }
    }
  }
}
