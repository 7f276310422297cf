// ApusCortexM/SystemRegisters.swift: the core's own registers, by name (DDI 0403E, B3).
// Entry.S has the ones that reset code needs; nothing here decides what to write.

import _Volatile

/// A register of the system control space: privileged, word-sized, at its architectural address.
struct SystemRegister {
  private let register: VolatileMappedRegister<UInt32>

  /// The caller passes the address that the architecture gives to this register.
  @inline(__always)
  private init(_ address: UInt) {
    register = unsafe VolatileMappedRegister(unsafeBitPattern: address)
  }

  /// Reads or writes the register, once for each use.
  @inline(__always)
  var value: UInt32 {
    get { register.load() }
    nonmutating set { register.store(newValue) }
  }

  /// SysTick's reload value and current value (B3.3).
  static var sysTickReload: Self { Self(0xE000_E014) }
  static var sysTickCurrent: Self { Self(0xE000_E018) }

  /// Interrupt control and state: bits 0...8 are the active exception (B3.2.4).
  static var interruptControlState: Self { Self(0xE000_ED04) }
  /// System handler control and state (B3.2.13).
  static var systemHandlerControl: Self { Self(0xE000_ED24) }
  /// Configurable fault status: write 1 to clear (B3.2.15).
  static var configurableFaultStatus: Self { Self(0xE000_ED28) }
  /// The address of a MemManage fault, if `configurableFaultStatus` says that it is valid.
  static var memoryFaultAddress: Self { Self(0xE000_ED34) }
  /// The address of a bus fault, if `configurableFaultStatus` says that it is valid.
  static var busFaultAddress: Self { Self(0xE000_ED38) }
  /// Coprocessor access (B3.2.20) and floating-point context control (B3.2.21).
  static var coprocessorAccess: Self { Self(0xE000_ED88) }
  static var floatingPointContext: Self { Self(0xE000_EF34) }

  /// The NVIC's words that hold interrupt `number`, one bit each (B3.4).
  static func setEnable(_ number: UInt32) -> Self { word(0xE000_E100, number) }
  static func clearEnable(_ number: UInt32) -> Self { word(0xE000_E180, number) }
  static func setPending(_ number: UInt32) -> Self { word(0xE000_E200, number) }
  static func clearPending(_ number: UInt32) -> Self { word(0xE000_E280, number) }

  @inline(__always)
  private static func word(_ base: UInt, _ number: UInt32) -> Self {
    Self(base &+ UInt(number &>> 5) &* 4)
  }
}
