// ApusKernelTests/System.swift: six tasks on a toy machine, and a way to let any of them act.
// A check compares the whole world after a door with what the test says: nothing else may change.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

typealias TestKernel = Kernel<6>

/// A kernel and its machine, booted.
struct System {
  static let idle = 5

  var kernel = TestKernel()
  var machine = ToyMachine(taskCount: 6)

  init() { kernel.boot(&machine) }

  // MARK: Places in a task's memory

  /// The first byte of the task's RAM.
  func ram(_ task: Int) -> UInt32 { machine.descriptors[task].ramBase }
  /// Where a task keeps its table of leases, what it sends, what it receives and what it lends.
  func leases(_ task: Int) -> UInt32 { ram(task) }
  func outgoing(_ task: Int) -> UInt32 { ram(task) + 0x40 }
  func incoming(_ task: Int) -> UInt32 { ram(task) + 0x180 }
  func lent(_ task: Int) -> UInt32 { ram(task) + 0x2C0 }

  /// The present identifier of a task, as a register's low half, with a word above it.
  func id(_ task: Int, _ upper: UInt32 = 0) -> UInt32 {
    UInt32(kernel.tasks[task].id.rawValue) | upper << 16
  }

  // MARK: Letting tasks act

  /// Makes `task`, which must be able to run, the current one with these registers.
  ///
  /// Registers that are not given hold garbage, but for lengths at which the call would look: those
  /// are 0. This overrules the schedule, which the walk and the tests of `Kernel.swift` judge.
  mutating func prepare(
    _ task: Int, _ number: UInt32, r4: UInt32 = 0xA4A4_A4A4, r5: UInt32 = 0xA5A5_A5A5,
    r6: UInt32? = nil, r7: UInt32 = 0xA7A7_A7A7, r8: UInt32? = nil,
    r9: UInt32 = 0xA9A9_A9A9, r10: UInt32 = 0xAAAA_AAAA
  ) {
    precondition(kernel.tasks[task].state == .runnable, "task \(task) cannot run")
    var registers = Registers()
    let call = Call(rawValue: number)
    let gives: [Call?] = [.send, .reply, .replyAndReceive, .borrowRead, .borrowWrite]
    let takes: [Call?] = [.send, .receive, .replyAndReceive]
    (registers.r4, registers.r5, registers.r7) = (r4, r5, r7)
    registers.r6 = r6 ?? (gives.contains(call) ? 0 : 0xA6A6_A6A6)
    registers.r8 = r8 ?? (takes.contains(call) ? 0 : 0xA8A8_A8A8)
    (registers.r9, registers.r10, registers.r11) = (r9, r10, number)
    kernel.tasks[task].registers = registers
    kernel.current = UInt32(task)
  }

  /// Lets `task` make a call; returns its registers after it.
  @discardableResult
  mutating func call(
    _ task: Int, _ call: Call, r4: UInt32 = 0xA4A4_A4A4, r5: UInt32 = 0xA5A5_A5A5,
    r6: UInt32? = nil, r7: UInt32 = 0xA7A7_A7A7, r8: UInt32? = nil,
    r9: UInt32 = 0xA9A9_A9A9, r10: UInt32 = 0xAAAA_AAAA
  ) -> Registers {
    prepare(task, call.rawValue, r4: r4, r5: r5, r6: r6, r7: r7, r8: r8, r9: r9, r10: r10)
    kernel.call(&machine)
    return kernel.tasks[task].registers
  }

  /// The same, and the world afterwards must be the one before, changed by `expected` alone.
  ///
  /// The derived words (the sets, and who is current) follow from the expected states.
  mutating func check(
    _ task: Int, _ call: Call, r4: UInt32 = 0xA4A4_A4A4, r5: UInt32 = 0xA5A5_A5A5,
    r6: UInt32? = nil, r7: UInt32 = 0xA7A7_A7A7, r8: UInt32? = nil,
    r9: UInt32 = 0xA9A9_A9A9, r10: UInt32 = 0xAAAA_AAAA,
    sourceLocation: SourceLocation = #_sourceLocation, expected: (inout System) -> Void
  ) {
    prepare(task, call.rawValue, r4: r4, r5: r5, r6: r6, r7: r7, r8: r8, r9: r9, r10: r10)
    check(sourceLocation: sourceLocation, door: { $0.kernel.call(&$0.machine) }, expected: expected)
  }

  /// Goes through `door`, and compares the world with the one before, changed by `expected` alone.
  mutating func check(
    sourceLocation: SourceLocation = #_sourceLocation, door: (inout System) -> Void,
    expected: (inout System) -> Void
  ) {
    var wanted = self
    door(&self)
    expected(&wanted)
    wanted.deriveSets()
    #expect(difference(from: wanted) == [], sourceLocation: sourceLocation)
    #expect(machine.misuses == [], sourceLocation: sourceLocation)
  }

  /// Computes the derived words from the states, by their definitions.
  private mutating func deriveSets() {
    kernel.runnable = .empty
    for index in 0..<6 {
      kernel.tasks[index].senders = .empty
      if kernel.tasks[index].state == .runnable { kernel.runnable.insert(index) }
    }
    for index in 0..<6 where kernel.tasks[index].state.isSending {
      kernel.tasks[kernel.tasks[index].state.peer.index].senders.insert(index)
    }
    kernel.current = UInt32((0..<6).first { kernel.runnable.contains($0) } ?? 32)
  }

  /// All words in which two worlds differ, this one's value first.
  private func difference(from wanted: System) -> [String] {
    var found: [String] = []
    func compare<Value: Equatable>(_ name: String, _ seen: Value, _ wanted: Value) {
      if seen != wanted { found.append("\(name): \(seen), expected \(wanted)") }
    }
    for index in 0..<6 {
      let (seen, other) = (kernel.tasks[index], wanted.kernel.tasks[index])
      compare("task \(index) registers", seen.registers, other.registers)
      compare("task \(index) stackPointer", seen.stackPointer, other.stackPointer)
      compare("task \(index) pending", seen.pending, other.pending)
      compare("task \(index) low deadline/address", seen.deadlineOrAddress, other.deadlineOrAddress)
      compare(
        "task \(index) high deadline/pc", seen.deadlineOrProgramCounter,
        other.deadlineOrProgramCounter)
      compare("task \(index) timer bits/detail", seen.timerBitsOrDetail, other.timerBitsOrDetail)
      compare("task \(index) state", seen.state, other.state)
      compare("task \(index) life", seen.life, other.life)
      compare("task \(index) senders", seen.senders, other.senders)
    }
    compare("now", kernel.now, wanted.kernel.now)
    compare("runnable", kernel.runnable, wanted.kernel.runnable)
    compare("armed", kernel.armed, wanted.kernel.armed)
    compare("current", kernel.current, wanted.kernel.current)
    if machine.ram != wanted.machine.ram {
      for (offset, (seen, other)) in zip(machine.ram, wanted.machine.ram).enumerated() {
        compare("RAM byte 0x\(String(offset, radix: 16))", seen, other)
      }
    }
    compare("interrupts", machine.interrupts, wanted.machine.interrupts)
    compare("frames built", machine.frames, wanted.machine.frames)
    compare("resets", machine.resets, wanted.machine.resets)
    return found
  }

  // MARK: What a test expects

  /// `task` is stopped, and the supervisor, which can run, is told.
  mutating func stop(
    _ task: Int, _ kind: FaultKind, address: UInt32 = 0, detail: UInt32 = 0,
    programCounter: UInt32? = nil
  ) {
    kernel.tasks[task].state = kernel.tasks[task].state.faulted(kind)
    kernel.tasks[task].deadlineOrAddress = address
    kernel.tasks[task].deadlineOrProgramCounter =
      programCounter ?? machine.descriptors[task].flashBase
    kernel.tasks[task].timerBitsOrDetail = detail
    kernel.armed.remove(task)
    kernel.tasks[0].pending |= 1
  }

  /// `task` is stopped for a forbidden call.
  mutating func stop(_ task: Int, _ error: UsageError) {
    stop(task, .usage, detail: error.rawValue)
  }

  /// `task` has received what `sender` sent: four registers, and the bytes that fit.
  mutating func hand(_ sender: Int, to task: Int) {
    let sent = kernel.tasks[sender].registers
    let room = kernel.tasks[task].registers
    let count = min(sent.r6, room.r8)
    if let bytes = machine.read(sent.r5, count), count > 0 { machine.write(bytes, at: room.r7) }
    kernel.tasks[task].registers.r4 = sent.r4 & 0xFFFF_0000 | id(sender)
    kernel.tasks[task].registers.r5 = sent.r6
    kernel.tasks[task].registers.r6 = sent.r8
    kernel.tasks[task].registers.r10 = sent.r10
    kernel.tasks[task].state = .runnable
    kernel.tasks[sender].state = .awaitingReply(from: kernel.tasks[task].id)
  }

  // MARK: Common beginnings

  /// `task` waits for a message into its incoming buffer, or for a notification in `mask`.
  mutating func receive(_ task: Int, mask: UInt32 = 0, capacity: UInt32 = 256) {
    call(task, .receive, r7: incoming(task), r8: capacity, r9: mask)
  }

  /// `task` sends its outgoing buffer, with room for a reply in its incoming one.
  mutating func send(
    _ task: Int, to target: Int, operation: UInt32 = 9, length: UInt32 = 8, capacity: UInt32 = 32,
    leases count: UInt32 = 0
  ) {
    call(
      task, .send, r4: id(target, operation), r5: outgoing(task), r6: length, r7: incoming(task),
      r8: capacity, r9: leases(task), r10: count)
  }

  /// `client` waits for the reply of `server`, which can run.
  mutating func engage(
    _ client: Int, with server: Int, capacity: UInt32 = 32, leases count: UInt32 = 0
  ) {
    receive(server)
    send(client, to: server, capacity: capacity, leases: count)
  }

  /// Task `index` is stopped by the supervisor, who takes note.
  mutating func inject(_ index: Int) {
    call(0, .injectFault, r4: UInt32(index))
    kernel.tasks[0].pending &= ~1
  }
}
