// ApusSimulator/Timing/Costs.swift: what a passage through the kernel and a task's code cost.
// One instruction is one cycle here: emulation shows neither wait states nor pipelines.

import ApusABI
import ImagePlan

/// What steps cost, in instructions, which are cycles of the board's clock here.
///
/// The table is measured on release images (`apus-verify costs`), each class of passages at its longest. What
/// no image did costs as much as the longest passage of the same call; what was never called, as the
/// longest call.
public struct Costs: Sendable {
  /// The measured length of each class of passages, without what is counted apart.
  public private(set) var passages: [String: ClosedRange<Int>]
  /// The measured lengths of tasks' code between two calls: the least, the deciles and the most, or
  /// one number if they are all the same.
  public private(set) var segments: [String: [Int]]
  /// Interrupts that have an owner: the kernel looks at each.
  public var interruptCount: Int
  /// Tasks with idle.
  public var taskCount: Int

  /// The lengths by way in and outcome.
  private var longest: [Int]

  /// What the kernel takes for each timer, each interrupt that it asks or finds, and at most for
  /// each task that it visits: the differences between the images that were measured.
  public static let instructionsPerTimer = 13
  public static let instructionsPerFiring = 47
  public static let instructionsPerInterrupt = 6
  public static let instructionsPerOwnInterrupt = 40
  public static let instructionsPerTaskAtMost = 32
  /// The tasks of the smaller image in which restarts were measured.
  static let measuredTaskCount = 7

  /// The measured table, for `app`.
  public init(for app: App) {
    self.init(
      passages: MeasuredCosts.passages, segments: MeasuredCosts.segments,
      interruptCount: Set(app.tasks.flatMap { $0.interrupts.map(\.number) }).count,
      taskCount: app.taskCount)
  }

  /// A table of one's own; a class is named as `Passage.kind` says.
  public init(
    passages: [String: ClosedRange<Int>], segments: [String: [Int]], interruptCount: Int,
    taskCount: Int
  ) {
    self.passages = passages
    self.segments = segments
    self.interruptCount = interruptCount
    self.taskCount = taskCount
    let overall = passages.values.map(\.upperBound).max() ?? 0
    longest = Passage.names.flatMap { name in
      let own = passages.filter { $0.key == name || $0.key.hasPrefix(name + " ") }
      let most = own.values.map(\.upperBound).max() ?? overall
      return (0..<Passage.Outcome.count).map { outcome in
        var passage = Passage(way: Passage.names.firstIndex(of: name) ?? 0)
        passage.outcome = Passage.Outcome(rawValue: outcome)
        return passages[passage.kind]?.upperBound ?? most
      }
    }
  }

  /// The length of a passage, from the handler's first instruction to the return.
  public func instructions(_ passage: Passage) -> Int {
    longest[passage.place] + apart(passage)
  }

  /// The part of a passage's length that is not in the table: loops and copies.
  public func apart(_ passage: Passage) -> Int {
    var sum = passage.copyInstructions + passage.timersVisited * Self.instructionsPerTimer
    // The first timer that fires is in the class.
    sum += max(0, passage.timersFired - 1) * Self.instructionsPerFiring
    switch Call(rawValue: UInt32(passage.way)) {
    case .irqControl, .irqStatus: sum += interruptCount * Self.instructionsPerOwnInterrupt
    case .restartTask:
      sum += interruptCount * Self.instructionsPerOwnInterrupt
      sum += max(0, taskCount - Self.measuredTaskCount) * Self.instructionsPerTaskAtMost
    case .findFaultedTask: sum += max(0, taskCount - Self.measuredTaskCount) * 8
    default:
      if passage.way == Passage.interrupt { sum += interruptCount * Self.instructionsPerInterrupt }
    }
    return sum
  }

  /// The most that a passage of this name takes, whatever happens in it.
  ///
  /// - Parameters:
  ///   - name: One of `Passage.names`.
  ///   - byteCount: The longest message that it moves; a reply and a receive move two.
  ///   - firings: The most timers that can be due at once.
  public func bound(_ name: String, byteCount: Int = 256, firings: Int? = nil) -> Int {
    guard let way = Passage.names.firstIndex(of: name) else { return 0 }
    var passage = Passage(way: way)
    passage.timersVisited = name == "tick" || name == "setTimer" ? taskCount : 0
    // Between ticks only the caller's own timer can be due.
    passage.timersFired = name == "setTimer" ? 1 : firings ?? passage.timersVisited
    let copies = name == "replyAndReceive" ? 2 : name == "send" || name == "receive" ? 1 : 0
    if copies > 0 || ["reply", "borrowRead", "borrowWrite", "readPanicText"].contains(name) {
      passage.copyInstructions =
        max(copies, 1)
        * Passage.copyInstructions(from: 1, to: 1, count: UInt32(byteCount))
    }
    let place = way * Passage.Outcome.count
    let most = longest[place..<place + Passage.Outcome.count].max() ?? 0
    return most + apart(passage)
  }

  /// The longest passage of all: for so long nobody can be preempted.
  public var longestPassage: Int { Passage.names.map { bound($0) }.max() ?? 0 }

  /// What a task of `module` computes before a call of that name, or before the first of a life; of
  /// a task that was not measured, what all of them do.
  func segment(_ module: String, before call: String) -> [Int] {
    segments["\(module) \(call)"] ?? segments["* \(call)"] ?? segments["*"] ?? [0]
  }
}

extension Passage {
  /// A passage in which nothing happened.
  init(way: Int) { self.way = way }
}
