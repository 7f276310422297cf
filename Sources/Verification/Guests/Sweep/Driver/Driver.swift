// SweepDriver/Driver.swift: sets the board's timer to the count that it is told, and waits for it.
// Calls: supervisor. Called by: nobody. Notifications: alarm, from timer0.

import Apus
import SweepInterface

struct Driver: TaskProgram {
  mutating func run() -> Never {
    let timer = IntervalTimer(Peripheral.timer0, Image.timer0Driver)
    var supervisor = Client(Peer.supervisor)
    while true {
      Call.irqControl(Notification.alarm, InterruptControl.enable | InterruptControl.clearPending)
      guard let count = try? supervisor.call(Alarm()) else { continue }
      timer.start(every: count)
      Call.receiveNotifications(Notification.alarm)
      stop()
      timer.clearInterrupt()
    }
  }

  /// Lets the timer rest: of its intervals, only the first is wanted.
  private func stop() {
    let offset: UInt32 = Image.timer0Driver == .stellaris ? 0x0C : 0x00
    DeviceRegister(Peripheral.timer0, offset).value = 0
  }
}
