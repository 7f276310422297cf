// MirrorKit/Event.swift: what happened to the kernel: one way in, and all that it brought along.
// An event is data; it is observed on the target and handed to the kernel on the host.

import ApusABI
import ApusCortexM
import ApusKernel
import PlainText

/// One entry into the kernel.
public struct Event: Equatable, Sendable {
  /// The way in.
  public enum Door: Equatable, Sendable {
    /// The reset handler has cleared the kernel's memory.
    case boot
    /// `svc`, with its number in r11.
    case call
    case tick
    case interrupt(UInt32)
    /// The core's fault status, and its address or 0.
    case fault(status: UInt32, address: UInt32)
  }

  /// The position in the run; the first boot is 0.
  public var number: Int
  public var door: Door
  /// The index of the task that ran.
  public var task: Int
  /// Its r4...r11, as the entry code has saved them.
  public var registers: Registers
  /// Its stack pointer.
  public var stackPointer: UInt32

  /// Describes an entry.
  public init(
    number: Int, door: Door, task: Int = 0, registers: Registers = Registers(),
    stackPointer: UInt32 = 0
  ) {
    self.number = number
    self.door = door
    self.task = task
    self.registers = registers
    self.stackPointer = stackPointer
  }

  /// One line, with the task's name.
  func summary(_ layout: Layout) -> String {
    let what =
      switch door {
      case .boot: "boot"
      case .call: "call \(Call(rawValue: registers.r11).map { "\($0)" } ?? "\(registers.r11)")"
      case .tick: "tick"
      case .interrupt(let number): "interrupt \(number)"
      case .fault(let status, let address):
        "fault \(FaultStatus(rawValue: status).kind), status \(hex(status)) at \(hex(address))"
      }
    return door == .boot ? "\(number) \(what)" : "\(number) \(what), \(layout.name(task)) ran"
  }

  /// The registers, four a line.
  var registerLines: [String] {
    let r = registers
    let words = [r.r4, r.r5, r.r6, r.r7, r.r8, r.r9, r.r10, r.r11]
    let texts = words.enumerated().map { "r\($0 + 4) \(hex($1))" } + ["sp \(hex(stackPointer))"]
    return [texts[..<4], texts[4...]].map { $0.joined(separator: "  ") }
  }
}
