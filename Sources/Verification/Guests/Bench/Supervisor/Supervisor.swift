// BenchSupervisor/Supervisor.swift: gives every faulted task a new life, at once.
// Calls: none. Called by: none. Notifications: fault.
// It keeps nothing between two faults; its own death resets the machine.

import Apus

struct Supervisor: TaskProgram {
  mutating func run() -> Never {
    while true {
      Call.receiveNotifications(Notification.fault)
      while let index = Call.findFaultedTask(from: 1) {
        Call.restartTask(index)
      }
    }
  }
}
