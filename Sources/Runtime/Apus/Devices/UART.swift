// Apus/Devices/UART.swift: the registers of the boards' UARTs, polled or with interrupts.
// Nothing here waits, and no state is kept: whoever owns the peripheral decides what to do.
//
// CMSDK: Arm DDI 0479, section 4.3. PL011: Arm DDI 0183, section 3.2. The clock gate and the pins
// of a Stellaris part lie in its system control block, which belongs to no task: a board on silicon
// needs them set before the image starts.

/// A UART of 8 data bits.
public struct UART: Sendable {
  /// The base address, from the generated `Peripheral`.
  let base: UInt32
  /// The register layout, from the generated `Image`: a constant, so only one is compiled.
  let layout: RegisterLayout

  /// Names a UART; nothing is touched yet.
  @inline(__always)
  public init(_ base: UInt32, _ layout: RegisterLayout) {
    self.base = base
    self.layout = layout
  }

  /// Switches the transmitter on, and with `interrupts` the receiver and both interrupts.
  @inline(__always)
  public func enable(interrupts: Bool = false) {
    switch layout {
    case .cmsdk, .stellaris:
      register(0x10).value = 16  // BAUDDIV: the lowest the hardware accepts.
      register(0x08).value = interrupts ? 0b1111 : 0b01
    case .pl011:
      register(0x30).value = interrupts ? 0x301 : 0x101  // CR: UARTEN, TXE, RXE.
      if interrupts { register(0x38).value = 0x70 }  // IMSC: receive, transmit, receive time-out.
    }
  }

  /// Switches the receiver off or on again, after `enable(interrupts: true)`.
  ///
  /// What comes meanwhile waits at the other end, if that end can wait; else it is lost.
  @inline(__always)
  public func setReceiver(isOn: Bool) {
    switch layout {
    case .cmsdk, .stellaris: register(0x08).value = isOn ? 0b1111 : 0b1101
    case .pl011: register(0x30).value = isOn ? 0x301 : 0x101
    }
  }

  /// Whether a byte can be written now.
  @inline(__always)
  public var hasRoom: Bool {
    switch layout {
    case .cmsdk, .stellaris: register(0x04).value & 1 == 0
    case .pl011: register(0x18).value & 0x20 == 0
    }
  }

  /// Whether a byte can be read now.
  @inline(__always)
  public var hasByte: Bool {
    switch layout {
    case .cmsdk, .stellaris: register(0x04).value & 2 != 0
    case .pl011: register(0x18).value & 0x10 == 0
    }
  }

  /// The byte read or written; see `hasByte` and `hasRoom`.
  @inline(__always)
  public var byte: UInt8 {
    get { UInt8(truncatingIfNeeded: register(0x00).value) }
    nonmutating set { register(0x00).value = UInt32(newValue) }
  }

  /// Takes the device's interrupt requests back, before what they ask for is done.
  @inline(__always)
  public func clearInterrupts() {
    switch layout {
    case .cmsdk, .stellaris: register(0x0C).value = 0b11
    case .pl011: register(0x44).value = 0x70
    }
  }

  /// Waits until there is room, and writes `byte`: for those who own no interrupt.
  @inline(__always)
  public func writeWaiting(_ byte: UInt8) {
    while !hasRoom {}
    self.byte = byte
  }

  @inline(__always)
  private func register(_ offset: UInt32) -> DeviceRegister { DeviceRegister(base, offset) }
}
