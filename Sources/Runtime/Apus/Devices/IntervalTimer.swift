// Apus/Devices/IntervalTimer.swift: a board timer that interrupts its owner at a fixed interval.
// Nothing here knows the kernel's ticks: this is hardware of its own, for drivers that need it.
//
// CMSDK: Arm DDI 0479, section 4.1. General-purpose timer: TI SPMS036, section 9; its clock gate
// belongs to no task, and a board on silicon needs it set before the image starts.

/// A timer that counts the board's clock down, over and over.
public struct IntervalTimer: Sendable {
  let base: UInt32
  let layout: RegisterLayout

  /// Names a timer; nothing is touched yet.
  @inline(__always)
  public init(_ base: UInt32, _ layout: RegisterLayout) {
    self.base = base
    self.layout = layout
  }

  /// Interrupts every `cycles` of the board's clock from now on.
  @inline(__always)
  public func start(every cycles: UInt32) {
    switch layout {
    case .stellaris:
      register(0x0C).value = 0  // GPTMCTL: off while it is set up.
      register(0x00).value = 0  // GPTMCFG: one timer of 32 bits.
      register(0x04).value = 2  // GPTMTAMR: periodic.
      register(0x28).value = cycles  // GPTMTAILR.
      register(0x18).value = 1  // GPTMIMR: the time-out of A.
      register(0x0C).value = 1
    case .cmsdk, .pl011:
      register(0x08).value = cycles  // RELOAD.
      register(0x04).value = cycles  // VALUE: the first interval is a whole one.
      register(0x00).value = 0b1001  // CTRL: count, and interrupt at zero.
    }
  }

  /// Takes the interrupt request back; the next interval is already running.
  @inline(__always)
  public func clearInterrupt() {
    switch layout {
    case .stellaris: register(0x24).value = 1
    case .cmsdk, .pl011: register(0x0C).value = 1
    }
  }

  @inline(__always)
  private func register(_ offset: UInt32) -> DeviceRegister { DeviceRegister(base, offset) }
}
