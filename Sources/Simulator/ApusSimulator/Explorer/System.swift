// ApusSimulator/Explorer/System.swift: which systems there are to explore: how many tasks, how bad.
// It only describes; the alphabets follow from it, and the kernel never sees it.

import ApusABI

/// A system to explore: tasks in order of priority, some of them well-formed, the others hostile.
///
/// A hostile task makes every call with every class of arguments, good and bad. A well-formed one
/// makes the calls that a correct program makes, names former lives as such a program may, and
/// crashes or panics at any point.
public struct ExploredSystem: Sendable, Equatable {
  /// The tasks of the image, idle among them.
  public var taskCount: Int
  /// The indices of the hostile tasks.
  var hostile: TaskSet

  /// Supervisor, server, client and idle; all three may do anything.
  public static let quick = ExploredSystem(taskCount: 4, hostile: TaskSet(rawValue: 7 << 29))

  /// Supervisor, server and client, well-formed, and a hostile task at priority `place` (1...3).
  public static func oneHostile(at place: Int = 3) -> ExploredSystem {
    ExploredSystem(taskCount: 5, hostile: TaskSet(place))
  }

  /// The system as Swift spells it.
  var expression: String {
    self == .quick
      ? ".quick"
      : self == .oneHostile(at: hostile.first)
        ? ".oneHostile(at: \(hostile.first))" : ".walk(tasks: \(idle))"
  }

  /// `tasks` tasks and idle, all hostile: what random walks go through.
  public static func walk(tasks: Int) -> ExploredSystem {
    let all = UInt32(truncatingIfNeeded: 0xFFFF_FFFF as UInt64 &<< UInt64(32 - tasks))
    return ExploredSystem(taskCount: tasks + 1, hostile: TaskSet(rawValue: all))
  }

  /// The index of the idle task.
  var idle: Int { taskCount - 1 }

  /// What task `index` is called in reports.
  func name(_ index: Int) -> String {
    if index == idle { return "idle" }
    let isOneHostile = hostile.rawValue.nonzeroBitCount == 1
    if isOneHostile, hostile.contains(index) { return "hostile" }
    let isShifted = isOneHostile && hostile.first < index
    let number = isShifted ? index - 1 : index
    let names = ["supervisor", "server", "client"]
    return number < names.count ? names[number] : "task \(index)"
  }

  /// The names of all tasks in order of priority.
  var names: [String] { (0..<taskCount).map(name) }

  /// The tasks and what they may do, in one line.
  public var summary: String {
    let tasks = (0..<idle).map { name($0) + (hostile.contains($0) ? "*" : "") }
    return "\(tasks.joined(separator: " > ")) > idle (* hostile)"
  }
}
