// ApusSimulator/Programs/Program.swift: what runs in a task of a simulation, whatever it is made of.
// A program decides nothing about when it runs: it is asked for its next action.

import ApusABI
import ApusKernel

/// What a task does next.
public enum Action: Sendable {
  /// Makes a kernel call with these registers.
  case call(Registers)
  /// Breaks a rule of the core, as the MPU, the bus or the decoder would find.
  case fault(FaultKind, address: UInt32)
  /// Computes for so many cycles, and can be preempted at any of them.
  case compute(cycles: UInt64)
}

/// The code of one task: real sources on a fiber, a script, or something hostile.
public protocol Program: AnyObject {
  /// Begins a new life; nothing of an earlier one is left.
  func restart()

  /// The next action.
  ///
  /// - Parameters:
  ///   - registers: as the last call left them; zero in a new life.
  ///   - memory: the task's RAM, which it may read and change.
  func next(_ registers: Registers, _ memory: inout TaskMemory) -> Action
}

/// The RAM of one task.
public struct TaskMemory: Sendable {
  /// The address of the first byte.
  public let base: UInt32
  /// The bytes, as many as the window is long.
  public var bytes: [UInt8]

  /// Memory full of zeros.
  public init(base: UInt32, byteCount: Int) {
    self.base = base
    bytes = [UInt8](repeating: 0, count: byteCount)
  }

  /// The `count` bytes at `address`; nil if they are not all here.
  public subscript(address: UInt32, count: Int) -> ArraySlice<UInt8>? {
    let offset = Int(address &- base)
    guard count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
    return bytes[offset..<offset + count]
  }

  /// Writes `source` at `address`; nothing happens if it does not fit.
  public mutating func store(_ source: some Collection<UInt8>, at address: UInt32) {
    let offset = Int(address &- base)
    guard offset <= bytes.count, source.count <= bytes.count - offset else { return }
    bytes.replaceSubrange(offset..<offset + source.count, with: source)
  }

  /// The word at `address`, 0 if it is not here.
  public func word(_ address: UInt32) -> UInt32 {
    guard let bytes = self[address, 4] else { return 0 }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Writes a word.
  public mutating func store(word: UInt32, at address: UInt32) {
    store((0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }, at: address)
  }
}
