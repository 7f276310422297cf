// ImagePlan/Board.swift: what a board offers, as read from its board.yaml.
// Facts about hardware only: nothing here depends on an app.

/// A board: memories, protection unit, clock, devices, and the QEMU machine that models it.
public struct Board: Codable, Equatable, Sendable {
  /// The name, which is its folder's in `boards/`.
  public var name: String
  /// The core.
  public var processor: Processor
  /// Whether the core has a floating-point unit, whose registers a task switch must save.
  public var hasFloatingPoint: Bool
  /// The core's and SysTick's clock in hertz, as it runs after reset.
  public var clockHertz: Int
  /// The number of external interrupts, and of their words in the vector table (1...240).
  public var interruptCount: Int
  /// The memory that holds vectors, kernel and tasks.
  public var flash: Window
  /// The memory that holds stacks and the kernel's state.
  public var ram: Window
  /// The number of regions of the memory protection unit.
  public var regionCount: Int
  /// The devices that a task may own.
  public var peripherals: [Peripheral]
  /// The interrupts that a task may own; two names may share a number.
  public var interrupts: [Interrupt]
  /// The value of QEMU's option `-M`.
  public var machine: String

  /// A device's registers.
  public struct Peripheral: Codable, Equatable, Sendable {
    /// The logical name that apps use.
    public var name: String
    /// The device's registers.
    public var window: Window
    /// Which driver knows these registers, if several do the same job on different boards.
    public var driver: Driver?
    /// Whether the device moves memory by itself, where no MPU sees it.
    public var movesMemory: Bool

    /// Describes a device.
    public init(name: String, window: Window, driver: Driver? = nil, movesMemory: Bool = false) {
      self.name = name
      self.window = window
      self.driver = driver
      self.movesMemory = movesMemory
    }
  }

  /// An interrupt line.
  public struct Interrupt: Codable, Equatable, Sendable {
    /// The logical name that apps use.
    public var name: String
    /// The line as the NVIC counts, from 0.
    public var number: Int

    /// Names a line.
    public init(name: String, number: Int) {
      self.name = name
      self.number = number
    }
  }
}

/// A core that Apus runs on: Armv7-M with its protection unit.
public enum Processor: String, Codable, CaseIterable, Sendable {
  case cortexM3 = "cortex-m3"
  case cortexM4 = "cortex-m4"
  case cortexM7 = "cortex-m7"
}

/// The register layouts that differ between boards for the same job, as `Apus.RegisterLayout`
/// names them.
public enum Driver: String, Codable, CaseIterable, Sendable {
  /// Arm's Cortex-M System Design Kit, on the MPS2 boards.
  case cmsdk
  /// Arm's PrimeCell UART.
  case pl011
  /// The general-purpose timer of the Stellaris family.
  case stellaris
}
