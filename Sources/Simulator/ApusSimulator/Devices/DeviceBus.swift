// ApusSimulator/Devices/DeviceBus.swift: devices as host objects, behind the addresses of their registers.
// Only a task that owns a device in the manifest reaches it; anyone else faults.

/// A device with registers of a word each, and interrupt lines.
public protocol Device: AnyObject {
  /// Reads the register at `offset` from the device's base.
  func load(_ offset: UInt32) -> UInt32
  /// Writes the register at `offset`.
  func store(_ offset: UInt32, _ value: UInt32)
  /// The lines that the device asks on now.
  var lines: LineSet { get }
  /// As after power-on.
  func reset()
  /// Lets time pass, up to `cycles` since power-on.
  func advance(to cycles: UInt64)
  /// When the device will next do something by itself, later than now; nil if it will not.
  var nextEvent: UInt64? { get }
}

extension Device {
  /// A device without a clock: it acts when it is spoken to.
  public func advance(to cycles: UInt64) {}
  public var nextEvent: UInt64? { nil }
}

/// Who owns which addresses.
public final class DeviceBus {
  private var rows: [(base: UInt32, size: UInt32, owner: Int, device: any Device)] = []
  /// The first byte of a task's RAM.
  var stackBase: (Int) -> UInt32 = { _ in 0 }

  /// A bus without devices.
  public init() {}

  /// Puts `device` at `base`, for task `owner`.
  public func attach(_ device: any Device, at base: UInt32, size: UInt32, owner: Int) {
    rows.append((base, size, owner, device))
  }

  /// The lines that any device asks on.
  var lines: LineSet { rows.reduce(LineSet()) { $0.union($1.device.lines) } }

  /// The next instant at which any device acts by itself.
  var nextEvent: UInt64? { rows.compactMap(\.device.nextEvent).min() }

  func advance(to cycles: UInt64) {
    for row in rows { row.device.advance(to: cycles) }
  }

  func reset() {
    for row in rows { row.device.reset() }
  }

  func load(_ address: UInt32, by task: Int) -> UInt32? {
    row(address, task).map { $0.device.load(address - $0.base) }
  }

  func store(_ address: UInt32, _ value: UInt32, by task: Int) -> Bool {
    guard let row = row(address, task) else { return false }
    row.device.store(address - row.base, value)
    return true
  }

  private func row(
    _ address: UInt32, _ task: Int
  ) -> (base: UInt32, size: UInt32, owner: Int, device: any Device)? {
    rows.first { $0.owner == task && address &- $0.base < $0.size && address & 3 == 0 }
  }
}

/// A UART of Arm's system design kit, with the host at its other end.
///
/// A byte sent is out at once. A byte for the task comes as soon as the receiver is on and free.
public final class SimulatedUART: Device {
  private let receiveLine: Int?
  private let transmitLine: Int?
  private var control: UInt32 = 0
  private var requests: UInt32 = 0
  private var received: UInt8?
  private var waiting: ArraySlice<UInt8> = []
  /// What was sent and not yet removed.
  public private(set) var output: [UInt8] = []

  /// Makes a UART that asks on these lines; one that is nil is not connected.
  public init(receiveLine: Int?, transmitLine: Int?) {
    self.receiveLine = receiveLine
    self.transmitLine = transmitLine
  }

  /// Gives the UART bytes, which wait at the other end until it can take them.
  public func type(_ bytes: some Sequence<UInt8>) {
    waiting += bytes
    accept()
  }

  /// Whether all that was typed has been read.
  public var isDrained: Bool { waiting.isEmpty && received == nil }

  /// What was sent and not yet removed, as text.
  public var text: String { String(decoding: output, as: UTF8.self) }

  /// Removes the first `count` bytes of what was sent.
  public func removeOutput(_ count: Int) {
    output.removeFirst(count)
  }

  public func reset() {
    control = 0
    requests = 0
    received = nil
  }

  public var lines: LineSet {
    var lines = LineSet()
    if requests & 1 != 0, let transmitLine { lines.insert(transmitLine) }
    if requests & 2 != 0, let receiveLine { lines.insert(receiveLine) }
    return lines
  }

  public func load(_ offset: UInt32) -> UInt32 {
    switch offset {
    case 0x00:
      let byte = received ?? 0
      received = nil
      accept()
      return UInt32(byte)
    case 0x04: return received == nil ? 0 : 2
    case 0x08: return control
    case 0x0C: return requests
    default: return 0
    }
  }

  public func store(_ offset: UInt32, _ value: UInt32) {
    switch offset {
    case 0x00:
      guard control & 1 != 0 else { return }
      output.append(UInt8(truncatingIfNeeded: value))
      if control & 4 != 0 { requests |= 1 }
    case 0x08:
      control = value
      accept()
    case 0x0C: requests &= ~value
    default: break
    }
  }

  private func accept() {
    guard control & 2 != 0, received == nil, let byte = waiting.popFirst() else { return }
    received = byte
    if control & 8 != 0 { requests |= 2 }
  }
}
