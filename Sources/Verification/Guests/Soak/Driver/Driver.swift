// SoakDriver/Driver.swift: counts the interrupts of a board timer that comes as often as it can.
// Calls: supervisor. Called by: none. Notifications: alarm. A restart sets the timer up anew.

import Apus
import CApusMisdeeds
import SoakInterface

struct Driver: TaskProgram {
  mutating func run() -> Never {
    var supervisor = Client(Peer.supervisor)
    let timer = IntervalTimer(Peripheral.timer0, Image.timer0Driver)
    var series: UInt32 = 0
    while true {
      // A lull, now and then a storm: a whole call, or a few instructions, between two interrupts.
      timer.start(every: series & 3 == 1 ? 600 &+ (mixed(series, 1) & 0x3FF) : 20_000)
      var rest: UInt32 = 8
      while rest > 0 {
        Call.irqControl(Notification.alarm, InterruptControl.enable)
        if Call.receiveNotifications(Notification.alarm) != Notification.alarm {
          _ = try? supervisor.call(Complaint(.wrongBits))
        }
        timer.clearInterrupt()
        rest &-= 1
      }
      _ = try? supervisor.call(Storm(count: 8))
      series &+= 1
      if mixed(series, 5) & 0x1F == 0 { apus_misdeed_illegal() }
    }
  }
}
