// Intruder/Intruder.swift: takes the next address on its list in each life, and never returns.
// Calls: none. Called by: victim, who tells where its word lies. Notifications: none.
// An access that is let through ends in a panic, so that the supervisor's list shows it.

import Apus

struct Intruder: TaskProgram {
  mutating func run() -> Never {
    var told: InlineArray<2, UInt32> = [0, 0]
    _ = withUnsafeMutableBytes(of: &told) { Call.receive(into: $0) }
    let life = told[1]
    let address = address(in: life / 2, told[0])
    if life & 1 == 0 {
      _ = DeviceRegister(address, 0).value
    } else {
      DeviceRegister(address, 0).value = 0xBAD0_BAD0
    }
    Apus.panic("let through")
  }

  /// Each is read in one life and written in the next.
  private func address(in step: UInt32, _ victim: UInt32) -> UInt32 {
    switch step {
    case 0: 0x2000_0008  // The kernel's RAM.
    case 1: victim
    case 2: 0x0000_0000  // The kernel's flash, where a null pointer leads.
    case 3: 0x4000_4000  // A device on each board: the UART on three of them.
    case 4: 0x4000_C000  // The UART of the fourth.
    case 5: 0x2200_0000  // The bit-band alias of the kernel's RAM.
    default: 0x2FFF_FFFC  // No memory at all.
    }
  }
}
