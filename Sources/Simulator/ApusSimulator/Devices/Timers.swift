// ApusSimulator/Devices/Timers.swift: devices that act by themselves: an interval timer, and a script.
// Their time is the simulation's: they are told how late it is, and say when they will act next.

/// A timer of Arm's system design kit: it counts down at the board's clock and asks at zero.
public final class IntervalTimer: Device {
  private let line: Int
  private var control: UInt32 = 0
  private var reload: UInt32 = 0
  private var isAsking = false
  private var now: UInt64 = 0
  /// When the count reaches zero; nil while it stands still.
  private var zero: UInt64?
  /// What the count is while it stands still.
  private var value: UInt32 = 0

  /// Makes a timer that asks on `line`.
  public init(line: Int) {
    self.line = line
  }

  public var lines: LineSet { isAsking ? LineSet(line) : LineSet() }
  public var nextEvent: UInt64? { zero }

  public func reset() {
    (control, reload, value, isAsking, zero) = (0, 0, 0, false, nil)
  }

  public func advance(to cycles: UInt64) {
    now = cycles
    while let zero, zero <= cycles {
      if control & 8 != 0 { isAsking = true }
      // A count of 0 reloads with 0: it stands still.
      self.zero = reload > 0 ? zero + UInt64(reload) + 1 : nil
    }
  }

  public func load(_ offset: UInt32) -> UInt32 {
    switch offset {
    case 0x00: control
    case 0x04: zero.map { UInt32(truncatingIfNeeded: $0 - now) } ?? value
    case 0x08: reload
    case 0x0C: isAsking ? 1 : 0
    default: 0
    }
  }

  public func store(_ offset: UInt32, _ value: UInt32) {
    switch offset {
    case 0x00: control = value
    case 0x04: self.value = value
    case 0x08: (reload, self.value) = (value, value)
    case 0x0C:
      if value & 1 != 0 { isAsking = false }
      return
    default: return
    }
    let count = zero.map { UInt32(truncatingIfNeeded: $0 - now) } ?? self.value
    let start = offset == 0x00 ? count : self.value
    zero = control & 1 != 0 && start > 0 ? now + UInt64(start) : nil
  }
}

/// A device that a test writes: registers that hold what was put there, and a plan of what it does.
///
/// ```swift
/// let sensor = ScriptedDevice(line: 8)
/// sensor.at(cycle: 25_000) { $0.registers[0x04] = 7; $0.isAsking = true }
/// sensor.onStore = { device, offset, _ in if offset == 0x0C { device.isAsking = false } }
/// simulation.devices.attach(sensor, at: 0x4000_0000, size: 0x1000, owner: 2)
/// ```
public final class ScriptedDevice: Device {
  private let line: Int
  private var plan: [(cycles: UInt64, body: (ScriptedDevice) -> Void)] = []
  /// What a load of each offset gives; 0 where nothing stands.
  public var registers: [UInt32: UInt32] = [:]
  /// Whether it asks on its line now.
  public var isAsking = false
  /// What was stored, in order.
  public private(set) var stores: [(offset: UInt32, value: UInt32)] = []
  /// Called after each store.
  public var onStore: ((ScriptedDevice, UInt32, UInt32) -> Void)?
  /// Called before each load.
  public var onLoad: ((ScriptedDevice, UInt32) -> Void)?

  /// Makes a device that asks on `line`.
  public init(line: Int) {
    self.line = line
  }

  /// Does `body` when so many cycles have passed since power-on.
  public func at(cycle: UInt64, _ body: @escaping (ScriptedDevice) -> Void) {
    plan.insert((cycle, body), at: plan.firstIndex { $0.cycles > cycle } ?? plan.count)
  }

  public var lines: LineSet { isAsking ? LineSet(line) : LineSet() }
  public var nextEvent: UInt64? { plan.first?.cycles }

  public func reset() {
    registers = [:]
    isAsking = false
  }

  public func advance(to cycles: UInt64) {
    while let next = plan.first, next.cycles <= cycles {
      plan.removeFirst()
      next.body(self)
    }
  }

  public func load(_ offset: UInt32) -> UInt32 {
    onLoad?(self, offset)
    return registers[offset] ?? 0
  }

  public func store(_ offset: UInt32, _ value: UInt32) {
    stores.append((offset, value))
    registers[offset] = value
    onStore?(self, offset, value)
  }
}
