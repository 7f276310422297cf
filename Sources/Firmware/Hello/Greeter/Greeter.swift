// HelloGreeter/Greeter.swift: greets on the UART, which it owns, and then tells each second.
// Calls: none. Called by: none. Notifications: timer.
// A restart is safe at any instruction: it greets again, and counts from 0.

import Apus

struct Greeter: TaskProgram {
  mutating func run() -> Never {
    var uart = UART(Peripheral.uart, Image.uartDriver)
    uart.enable()
    uart.print("Hello from Apus\r\n")
    var seconds: UInt32 = 0
    while true {
      Time.sleep(
        Time.ticks(milliseconds: 1_000, tickMicroseconds: Image.tickMicroseconds),
        with: Notification.timer)
      seconds &+= 1
      uart.print(decimal: seconds)
      uart.print(" s\r\n")
    }
  }
}
