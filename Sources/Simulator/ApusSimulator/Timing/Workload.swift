// ApusSimulator/Timing/Workload.swift: what the tasks of an app do, declared: how often and how long.
// One declaration gives both the tasks of a simulation and the analysis of its worst case.

import ApusABI
import ApusKernel

/// The timing of an app's tasks, beside its manifest.
///
/// Servers answer every message with the same work, and wait for nothing meanwhile but for the
/// servers that they call; every other task works at the ticks of its timer or for its interrupt,
/// and then waits. A task without a declaration waits for ever.
public struct Workload: Sendable {
  /// A piece of work.
  public enum Work: Equatable, Sendable {
    /// So many cycles of the task's own.
    case compute(UInt64)
    /// A message of so many bytes to the server of that index, and its reply.
    case call(Int, byteCount: Int)
  }

  /// What makes a task work.
  public enum Release: Equatable, Sendable {
    /// Its timer, every so many ticks, from tick `first` on.
    case every(ticks: UInt64, first: UInt64)
    /// Its interrupt, which does not come more often than this.
    case interrupt(line: UInt32, minimumCycles: UInt64)
    /// A message.
    case message(replyByteCount: Int)
  }

  /// One task.
  public struct Activity: Sendable {
    public var release: Release
    public var work: [Work]

    /// Declares what is done at each release.
    public init(_ release: Release, _ work: [Work]) {
      self.release = release
      self.work = work
    }
  }

  /// The tasks that do something, by their index.
  public var activities: [Int: Activity]

  /// Declares a workload.
  public init(_ activities: [Int: Activity]) {
    self.activities = activities
  }

  /// A program for each of `count` tasks: exactly what is declared.
  public func programs(count: Int) -> [any Program] {
    (0..<count).map { index in
      guard let activity = activities[index] else { return Script {} }
      return DeclaredProgram(activity)
    }
  }
}

/// A task that does what is declared and nothing else.
public final class DeclaredProgram: Program {
  private let activity: Workload.Activity
  /// What is still to be done, the next one last.
  private var rest: [Action] = []
  private var deadline: UInt64 = 0
  private var isWaiting = false

  /// A task of this activity.
  public init(_ activity: Workload.Activity) {
    self.activity = activity
  }

  public func restart() {
    isWaiting = false
    rest = []
    switch activity.release {
    case .every(_, let first):
      deadline = first
      rest = [.call(Self.wait), .call(timer())]
    case .interrupt: rest = [.call(Self.wait), .call(Self.enable)]
    case .message: break
    }
  }

  public func next(_ registers: Registers, _ memory: inout TaskMemory) -> Action {
    if let action = rest.popLast() { return settle(action, memory) }
    guard case .message(let replyByteCount) = activity.release else {
      // Released: the work, then what leads to the next release.
      rest = [.call(Self.wait)]
      if case .every(let ticks, _) = activity.release {
        deadline += ticks
        rest.append(.call(timer()))
      } else {
        rest.append(.call(Self.enable))
      }
      rest += work
      return settle(rest.removeLast(), memory)
    }
    guard isWaiting else {
      isWaiting = true
      return settle(.call(Self.receive), memory)
    }
    var reply = Self.receive
    reply.r4 = registers.r4 & 0xFFFF
    reply.r6 = UInt32(replyByteCount)
    reply.r11 = Call.replyAndReceive.rawValue
    rest = [.call(reply)] + work
    return settle(rest.removeLast(), memory)
  }

  /// The work as actions, the first one last.
  private var work: [Action] {
    activity.work.reversed().map { work in
      switch work {
      case .compute(let cycles): return .compute(cycles: cycles)
      case .call(let server, let byteCount):
        var registers = Registers()
        registers.r4 = UInt32(server)
        registers.r6 = UInt32(byteCount)
        registers.r7 = 0x200
        registers.r8 = 256
        registers.r11 = Call.send.rawValue
        return .call(registers)
      }
    }
  }

  /// Offsets become addresses in the task's own memory.
  private func settle(_ action: Action, _ memory: TaskMemory) -> Action {
    guard case .call(var registers) = action,
      [.send, .receive, .replyAndReceive].contains(Call(rawValue: registers.r11))
    else { return action }
    registers.r5 &+= memory.base
    registers.r7 &+= memory.base
    return .call(registers)
  }

  private func timer() -> Registers {
    var registers = Registers()
    registers.r4 = UInt32(truncatingIfNeeded: deadline)
    registers.r5 = UInt32(truncatingIfNeeded: deadline >> 32)
    registers.r6 = 1
    registers.r11 = Call.setTimer.rawValue
    return registers
  }

  private static var wait: Registers {
    var registers = Registers()
    registers.r9 = 1
    registers.r11 = Call.receiveNotifications.rawValue
    return registers
  }

  private static var enable: Registers {
    var registers = Registers()
    registers.r4 = 1
    registers.r5 = InterruptControl.enable
    registers.r11 = Call.irqControl.rawValue
    return registers
  }

  private static var receive: Registers {
    var registers = Registers()
    registers.r7 = 0x200
    registers.r8 = 256
    registers.r11 = Call.receive.rawValue
    return registers
  }
}
