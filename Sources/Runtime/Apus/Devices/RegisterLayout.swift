// Apus/Devices/RegisterLayout.swift: which register layout a peripheral of the board has.
// A generated constant of this type picks one at compile time; the others leave no byte behind.

import CApus

/// The register layouts known here; `board.yaml` uses the same words for them.
public enum RegisterLayout: UInt8, Sendable {
  /// Arm's Cortex-M System Design Kit, on the MPS2 boards.
  case cmsdk
  /// Arm's PrimeCell UART.
  case pl011
  /// The general-purpose timer of the Stellaris family.
  case stellaris
}

/// A device register: each load and each store happens exactly once, in the order written.
public struct DeviceRegister: Sendable {
  /// Where the register is; the planner has given the task its region, or the MPU faults it.
  let address: UInt32

  /// Names the register `offset` bytes into the device at `base`.
  @inline(__always)
  public init(_ base: UInt32, _ offset: UInt32) {
    address = base &+ offset
  }

  /// The register's value.
  @inline(__always)
  public var value: UInt32 {
    get { apus_load(address) }
    nonmutating set { apus_store(address, newValue) }
  }
}
