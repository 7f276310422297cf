// ApusKernel/Kernel.swift: the kernel is a value, and these are its entry points.
// It holds no pointer and knows no hardware: a copy of it is a snapshot.

import ApusABI

/// The whole state of the kernel, and all of its policy.
///
/// The machine enters it through `call`, `tick`, `interrupt` or `fault`. At each of these entries,
/// a procedure changes the state, then the most important runnable task becomes `current`. A task's
/// index is its priority, 0 the most important; the last task is the kernel's own idle task, which
/// never blocks, so there is always a task to run.
///
/// No entry takes longer than O(tasks) + O(interrupts) + O(256 bytes).
public struct Kernel<let taskCount: Int>: Sendable, BitwiseCopyable {
  /// The tasks in order of priority.
  ///
  /// The port finds their registers here: keep it first.
  public var tasks = InlineArray<taskCount, Task>(repeating: Task())
  /// Ticks since boot.
  public var now: UInt64 = 0
  /// The tasks that can run: derived from their states and changed only together with them.
  public var runnable = TaskSet.empty
  /// The tasks whose timer is set.
  public var armed = TaskSet.empty
  /// The index of the task that runs.
  public var current: UInt32 = 0

  /// A kernel before boot: all zero.
  public init() {}

  /// The index of the idle task.
  @inline(__always)
  var idle: Int { taskCount - 1 }

  /// Begins the first life of every task; the supervisor becomes current.
  public mutating func boot(_ machine: inout some Machine) {
    var index = 0
    while index < taskCount {
      tasks[index].life = UInt32(truncatingIfNeeded: index)
      tasks[index].stackPointer = machine.firstFrame(index)
      runnable.insert(index)
      index &+= 1
    }
  }

  /// One tick of time has passed.
  public mutating func tick(_ machine: inout some Machine) {
    now &+= 1
    expireTimers()
    reschedule()
  }

  /// Interrupt `number` has been taken: masks it and notifies its owner.
  ///
  /// The owner enables it again after it has served the device. An interrupt without an owner
  /// stays masked.
  public mutating func interrupt(_ number: UInt32, _ machine: inout some Machine) {
    machine.mask(number)
    var row = 0
    while row < machine.interruptCount {
      let owner = machine.interruptOwner(row)
      if owner.number == number { post(owner.notification, to: owner.task) }
      row &+= 1
    }
    reschedule()
  }

  /// The running task violated a rule of the core.
  public mutating func fault(_ kind: FaultKind, address: UInt32, _ machine: inout some Machine) {
    fault(Int(truncatingIfNeeded: current), kind, address: address, &machine)
    reschedule()
  }

  /// Makes the most important runnable task current.
  ///
  /// Each entry point calls it once, at its end.
  @inline(__always)
  mutating func reschedule() {
    current = UInt32(truncatingIfNeeded: runnable.first)
  }

  /// Makes a blocked task runnable.
  ///
  /// With `block`, the only place where a healthy task's state changes.
  @inline(__always)
  mutating func wake(_ index: Int) {
    tasks[index].state = .runnable
    runnable.insert(index)
  }

  /// Makes a runnable task wait in `state`.
  @inline(__always)
  mutating func block(_ index: Int, _ state: TaskState) {
    tasks[index].state = state
    runnable.remove(index)
  }
}
