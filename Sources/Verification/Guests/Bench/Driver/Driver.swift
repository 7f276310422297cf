// BenchDriver/Driver.swift: waits for the interrupt of a board timer, over and over.
// Calls: none. Called by: none. Notifications: alarm, from timer0, every 7 ms.
// A restart sets the timer up anew; at most one interval is lost.

import Apus
import CApusMarkers

struct Driver: TaskProgram {
  mutating func run() -> Never {
    let timer = IntervalTimer(Peripheral.timer0, Image.timer0Driver)
    // No multiple of the tick, so that the interrupt meets every phase of it.
    timer.start(every: Image.clockHertz / 1_000_000 * 7_003)
    while true {
      Call.irqControl(Notification.alarm, InterruptControl.enable)
      Call.receiveNotifications(Notification.alarm)
      apus_marker_driver_awake()
      timer.clearInterrupt()
    }
  }
}
