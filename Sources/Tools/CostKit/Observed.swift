// CostKit/Observed.swift: one passage through the kernel of a release image, as QEMU showed it.
// Data only: what it cost, and the kernel's whole state before and after.

import ApusABI
import ApusKernel
import ApusSimulator

/// A passage that was seen and counted.
public struct Observed: Sendable {
  /// The way in.
  public enum Door: Int, Sendable {
    case call, tick, interrupt, fault
  }

  /// The way in.
  public var door: Door
  /// The number of the exception that was running, as the processor status tells.
  public var exception: UInt32
  /// The bytes of the kernel's state, with the running task's registers saved.
  public var before: [UInt8]
  /// The same at the exit.
  public var after: [UInt8]
  /// Instructions from the handler's first to the exception return.
  public var instructions: Int
  /// Instructions of tasks since the passage before.
  public var instructionsBefore: Int

  /// The kernel that the bytes are, for an image of `taskCount` tasks.
  static func kernel<let taskCount: Int>(_ bytes: [UInt8]) -> Kernel<taskCount> {
    var kernel = Kernel<taskCount>()
    withUnsafeMutableBytes(of: &kernel) { $0.copyBytes(from: bytes.prefix($0.count)) }
    return kernel
  }

  /// What the simulator knows of such a passage.
  public func passage<let taskCount: Int>(_ type: Kernel<taskCount>.Type) -> Passage {
    let before: Kernel<taskCount> = Self.kernel(before)
    let after: Kernel<taskCount> = Self.kernel(after)
    let door: TraceEvent.Door
    switch self.door {
    case .call: door = .call(before.tasks[Int(before.current)].registers)
    case .tick: door = .tick
    case .interrupt: door = .interrupt(exception - 16)
    case .fault:
      let task = after.tasks[Int(before.current)]
      door = .fault(task.state.fault ?? .none, address: task.deadlineOrAddress)
    }
    return Passage(door, before: before, after: after)
  }
}
