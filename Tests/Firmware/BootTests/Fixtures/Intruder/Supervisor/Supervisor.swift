// Supervisor/Supervisor.swift: prints each fault as numbers, and gives the task its next life.
// Calls: none. Called by: none. Notifications: fault.
// One line a fault: index, generation, kind, address, program counter.

import Apus

struct Supervisor: TaskProgram {
  mutating func run() -> Never {
    var uart = UART(Peripheral.uart, Image.uartDriver)
    uart.enable()
    while true {
      Call.receiveNotifications(Notification.fault)
      while let index = Call.findFaultedTask(from: 1) {
        if let status = Call.taskStatus(index) {
          uart.print(decimal: UInt32(truncatingIfNeeded: index))
          uart.print(" ")
          uart.print(decimal: UInt32(status.task.generation))
          uart.print(" ")
          uart.print(decimal: (status.state.rawValue &>> 8) & 0xFF)
          uart.print(" ")
          uart.print(hex: status.address)
          uart.print(" ")
          uart.print(hex: status.programCounter)
          uart.print("\r\n")
        }
        Call.restartTask(index)
      }
    }
  }
}
