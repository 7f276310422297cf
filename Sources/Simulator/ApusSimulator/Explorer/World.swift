// ApusSimulator/Explorer/World.swift: kernel and machine together, and what makes two of them one.
// Nothing here judges a state; that is for `Check`.

import ApusABI
import ApusKernel

/// A whole system at an instant; a value, so that a step forward is a step of a copy.
///
/// The canonical form forgets what cannot matter, and this is all the abstraction there is:
/// - Every task lives its 2,048th life, so that each restart wraps the generation; what refers to
///   any former life refers to the one before.
/// - The time is 2^32 - 2, so that deadlines lie on both sides of the wrap; they keep their distance.
/// - Registers that the state of a task leaves without a reader are zero: all of a task that runs.
/// - Of a fault, only whether it was a refusal or a panic with a text is kept; a stopped task has no
///   bits.
struct World<let taskCount: Int>: BitwiseCopyable, Sendable {
  var kernel = Kernel<taskCount>()
  var machine = ToyMachine()

  static var idle: Int { taskCount - 1 }

  /// A system that has just booted, in canonical form.
  static var booted: Self {
    var world = Self()
    world.kernel.boot(&world.machine)
    world.kernel.now = Toy.presentTime
    for index in 0..<taskCount { world.kernel.tasks[index].life = Toy.presentLife(index) }
    return world
  }

  /// The stopped tasks, a bit each.
  var stoppedTasks: UInt32 {
    var bits: UInt32 = 0
    for index in 0..<taskCount where kernel.tasks[index].state.isFaulted { bits |= 1 << index }
    return bits
  }

  /// Whether no identifier names task `index` until a restart revives it.
  @inline(__always)
  func isGivenUp(_ index: Int) -> Bool { Int(kernel.tasks[index].life & 31) != index }

  /// Lets `event` happen.
  @inline(__always)
  mutating func step(_ event: UnsafePointer<Event>) {
    switch event.pointee.kind {
    case .call:
      kernel.tasks[Int(kernel.current)].registers = event.pointee.registers
      kernel.call(&machine)
    case .fault: kernel.fault(.memory, address: Toy.faultAddress, &machine)
    case .tick: kernel.tick(&machine)
    case .raise: machine.isPending = true
    case .take:
      machine.isPending = false
      kernel.interrupt(Toy.line, &machine)
    case .stray: kernel.interrupt(Toy.strayLine, &machine)
    }
  }

  /// Task `index` in canonical form, without the derived set of senders.
  @inline(__always)
  func canonicalTask(_ index: Int) -> ApusKernel.Task {
    let task = kernel.tasks[index]
    var result = ApusKernel.Task()
    result.stackPointer = task.stackPointer
    result.life = Toy.presentLife(index) | (isGivenUp(index) ? 31 : 0)
    if task.state.isFaulted {
      let isTold = task.state.fault == .panic && task.registers.r6 != 0
      let isRefused = task.state.fault == .refused
      result.state = TaskState.runnable.faulted(isTold ? .panic : isRefused ? .refused : .memory)
      result.state.rawValue |= task.state.rawValue & 0xFF
      if task.state.rawValue & 0xFF >= 3 {
        let peer = task.state.peer.index
        let isPresent = task.state.peer == kernel.tasks[peer].id
        let life = isPresent ? Toy.presentLife(peer) : Toy.formerLife(peer)
        result.state.rawValue |= life << 16
      }
      if isTold {
        result.registers.r5 = task.registers.r5
        result.registers.r6 = task.registers.r6
      }
      return result
    }
    result.pending = task.pending
    if kernel.armed.contains(index) {
      let deadline =
        UInt64(task.deadlineOrProgramCounter) << 32 | UInt64(task.deadlineOrAddress)
      let shifted = deadline &- kernel.now &+ Toy.presentTime
      result.deadlineOrAddress = UInt32(truncatingIfNeeded: shifted)
      result.deadlineOrProgramCounter = UInt32(truncatingIfNeeded: shifted >> 32)
      result.timerBitsOrDetail = task.timerBitsOrDetail
    }
    result.state.rawValue = task.state.rawValue & 0xFFFF
    switch task.state.activity {
    case .receiving:
      result.registers.r7 = task.registers.r7
      result.registers.r8 = task.registers.r8
      result.registers.r9 = task.registers.r9
    case .waiting: result.registers.r9 = task.registers.r9
    case .sending, .awaitingReply:
      let peer = task.state.peer.index
      result.state.rawValue |= Toy.presentLife(peer) << 16
      result.registers.r7 = task.registers.r7
      result.registers.r8 = task.registers.r8
      result.registers.r9 = task.registers.r10 == 0 ? 0 : task.registers.r9
      result.registers.r10 = task.registers.r10
      if task.state.activity == .sending {
        result.registers.r4 = task.registers.r4 & 0xFFFF_0000
        result.registers.r5 = task.registers.r5
        result.registers.r6 = task.registers.r6
      }
    case .runnable, nil: break
    }
    return result
  }

  /// Puts the derived words in place after the tasks have been.
  @inline(__always)
  mutating func derive() {
    kernel.now = Toy.presentTime
    kernel.runnable = .empty
    kernel.armed = .empty
    for index in 0..<taskCount {
      let task = kernel.tasks[index]
      if task.state == .runnable { kernel.runnable.insert(index) }
      if !task.state.isFaulted, task.timerBitsOrDetail != 0 { kernel.armed.insert(index) }
      if task.state.isSending { kernel.tasks[task.state.peer.index].senders.insert(index) }
    }
    kernel.current = UInt32(truncatingIfNeeded: kernel.runnable.first)
  }
}
