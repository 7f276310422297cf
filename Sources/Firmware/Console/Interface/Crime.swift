// ConsoleInterface/Crime.swift: ways to misbehave, each really done by the task that is asked.
// For this app alone: no other firmware wants a request that makes a server break its own rules.

import Apus
import CApus
import CApusMisdeeds

/// Asks a task to commit a crime; answered only if the board let it pass.
public struct Crash: Request {
  public static var operation: UInt16 { Operation.crash }
  /// A `Crime`; any other value is answered, too.
  public var crime: UInt32
  public init(_ crime: Crime) { self.crime = crime.rawValue }
}

/// A crime, and by its name the fault that it ends in.
public enum Crime: UInt32 {
  case memory, device, stack, bus, text, illegal, trap, divide, invalid, unaligned, breakpoint
  case slice, usage, service, panic, refused
  /// Committed by the supervisor, on request.
  case injected

  /// How many there are.
  public static var count: UInt32 { 17 }

  /// What to type for it.
  public var name: StaticString {
    switch self {
    case .memory: "memory"
    case .device: "device"
    case .stack: "stack"
    case .bus: "bus"
    case .text: "text"
    case .illegal: "illegal"
    case .trap: "trap"
    case .divide: "divide"
    case .invalid: "invalid"
    case .unaligned: "unaligned"
    case .breakpoint: "breakpoint"
    case .slice: "slice"
    case .usage: "usage"
    case .service: "service"
    case .panic: "panic"
    case .refused: "refused"
    case .injected: "injected"
    }
  }
}

extension Crash {
  /// Commits the crime; returns if nothing came of it.
  @inline(never)
  public func commit() {
    guard let crime = Crime(rawValue: crime) else { return }
    switch crime {
    case .memory: _ = apus_load(0x2000_0008)  // The kernel's RAM, on every board.
    case .device: _ = apus_load(0x4000_F000)  // A device that no task of this app owns.
    case .stack: apus_misdeed_stack()
    case .bus: _ = apus_load(0xE000_ED28)  // The system control space, closed to the unprivileged.
    case .text: apus_misdeed_text()
    case .illegal: apus_misdeed_illegal()
    case .trap: fatalError("asked to trap")
    case .divide: apus_misdeed_divide()
    case .invalid: apus_misdeed_state()
    case .unaligned: apus_misdeed_unaligned()
    case .breakpoint: apus_misdeed_breakpoint()
    case .slice:
      send(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 0x2000_0000), count: 4))
    case .usage: _ = apus_ask(99, 0, 0)
    case .service: Call.restartTask(1)
    // It would clear the terminal and begin a line of its own, if the shell printed it as it is.
    case .panic: Apus.panic("asked to panic\u{1B}[2J\r\n\u{7F}\u{85}\"")
    case .refused: send(UnsafeRawBufferPointer(start: nil, count: 0))
    case .injected: break
    }
  }

  /// Sends the supervisor what it does not understand.
  private func send(_ message: UnsafeRawBufferPointer) {
    _ = Call.send(
      message, operation: 0xFFFF, to: TaskID(index: 0),
      reply: UnsafeMutableRawBufferPointer(start: nil, count: 0))
  }
}
