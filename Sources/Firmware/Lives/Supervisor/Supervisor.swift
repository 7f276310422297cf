// LivesSupervisor/Supervisor.swift: a new life for every faulted task, and a reset for who asks.
// Calls: none. Called by: none. Notifications: fault; reset, from diary.

import Apus

struct Supervisor: TaskProgram {
  mutating func run() -> Never {
    while true {
      let bits = Call.receiveNotifications(Notification.fault | Notification.reset)
      if bits & Notification.reset != 0 { Call.resetMachine() }
      while let index = Call.findFaultedTask(from: 1) { Call.restartTask(index) }
    }
  }
}
