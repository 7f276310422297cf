// TimelineKit/Model/Moment.swift: one passage through the kernel, as any source of a trace tells it.
// A fact, not yet an interpretation: what was asked, and what every task was when it was done.

import ApusABI

/// One entry into the kernel, and the whole of what it left.
///
/// A simulation and a board tell the same moments for the same run; only their times differ.
public struct Moment: Equatable, Sendable {
  /// The way into the kernel.
  public enum Door: Equatable, Sendable {
    /// A life of the machine begins; all tasks are new.
    case boot
    /// The running task's call; its number is in r11.
    case call
    case tick
    case interrupt(UInt32)
    /// The running task broke a rule of the core.
    case fault(FaultKind, address: UInt32)
  }

  /// When the kernel was entered, in nanoseconds since power-on.
  public var entered: UInt64
  /// When it was left, in nanoseconds; not before `entered`.
  public var left: UInt64
  /// The way in.
  public var door: Door
  /// The index of the task that ran.
  public var task: Int
  /// Its r4...r11 at the entry.
  public var registers: [UInt32]
  /// The kernel at the exit.
  public var after: KernelState

  /// Describes a passage.
  ///
  /// - Parameter registers: eight words, r4...r11 in this order.
  public init(
    entered: UInt64, left: UInt64, door: Door, task: Int, registers: [UInt32], after: KernelState
  ) {
    precondition(registers.count == 8, "\(registers.count) registers, not r4...r11")
    self.entered = entered
    self.left = left
    self.door = door
    self.task = task
    self.registers = registers
    self.after = after
  }

  /// The call that was made; nil for another door or a number without a meaning.
  public var call: Call? { door == .call ? Call(rawValue: registers[7]) : nil }
}

/// What a timeline needs of the kernel's state at one instant.
public struct KernelState: Equatable, Sendable {
  /// What it needs of a task.
  public struct Task: Equatable, Sendable {
    /// What the task does, or why it was stopped.
    public var state: TaskState
    /// Restarts ≪ 5 | index.
    public var life: UInt32
    /// Notifications posted and not yet received.
    public var pending: UInt32
    /// Whether its timer is set.
    public var isArmed: Bool
    /// Healthy: the timer's deadline in ticks.
    ///
    /// Faulted: address, and program counter in the upper half.
    public var words: UInt64
    /// Healthy: the timer's bits; faulted: the detail.
    public var bits: UInt32
    /// r4 and r5, where results stand.
    public var results: [UInt32]

    /// Describes a task.
    public init(
      state: TaskState = .runnable, life: UInt32, pending: UInt32 = 0, isArmed: Bool = false,
      words: UInt64 = 0, bits: UInt32 = 0, results: [UInt32] = [0, 0]
    ) {
      self.state = state
      self.life = life
      self.pending = pending
      self.isArmed = isArmed
      self.words = words
      self.bits = bits
      self.results = results
    }

    /// The number of its present life, as its identifier has it.
    public var generation: UInt16 { TaskID(rawValue: UInt16(truncatingIfNeeded: life)).generation }
  }

  /// The tasks in order of priority, idle last.
  public var tasks: [Task]
  /// The index of the task that runs next.
  public var current: Int
  /// Ticks since boot.
  public var now: UInt64

  /// Describes a kernel.
  public init(tasks: [Task], current: Int, now: UInt64) {
    self.tasks = tasks
    self.current = current
    self.now = now
  }
}

/// Whose timeline it is: the names that a moment does not know.
public struct Subject: Equatable, Sendable {
  /// A task's names.
  public struct Task: Equatable, Sendable {
    /// The name in the manifest.
    public var name: String
    /// Its notifications; the position is the bit.
    public var notifications: [String]

    /// Names a task.
    public init(_ name: String, notifications: [String] = []) {
      self.name = name
      self.notifications = notifications
    }
  }

  /// A line and who is told of it.
  public struct Line: Equatable, Sendable {
    /// The board's name.
    public var name: String
    /// The number as the NVIC counts.
    public var number: UInt32
    /// The index of its owner.
    public var owner: Int

    /// Names a line.
    public init(_ name: String, number: UInt32, owner: Int) {
      self.name = name
      self.number = number
      self.owner = owner
    }
  }

  /// The app's name.
  public var app: String
  /// Where it ran, for example "mps2-an385, simulated".
  public var place: String
  /// The tasks in order of priority, idle last.
  public var tasks: [Task]
  /// The interrupts that have an owner.
  public var lines: [Line]
  /// The period of the kernel's clock, in nanoseconds.
  public var tickNanoseconds: UInt64

  /// Composes a subject.
  public init(
    app: String, place: String, tasks: [Task], lines: [Line] = [],
    tickNanoseconds: UInt64 = 1_000_000
  ) {
    self.app = app
    self.place = place
    self.tasks = tasks
    self.lines = lines
    self.tickNanoseconds = tickNanoseconds
  }

  /// The names of the notifications in `bits` of task `index`, joined by "+".
  public func notifications(_ bits: UInt32, of index: Int) -> String {
    let names = index < tasks.count ? tasks[index].notifications : []
    let words = (0..<32).filter { bits & 1 << UInt32($0) != 0 }.map {
      $0 < names.count ? names[$0] : "bit \($0)"
    }
    return words.isEmpty ? "nothing" : words.joined(separator: "+")
  }
}
