// MirrorKit/LockStep.swift: the two kernels side by side, one event after the other.
// The target runs at its own will between two events: nothing is injected, patched or written.

import ApusABI
import ApusKernel
import ImagePlan
import PlainText

/// One run, for one thread.
///
/// An event takes three round trips to QEMU, and one for each range of memory that the kernel reads.
final class LockStep {
  private let stub: Stub
  private let layout: Layout
  private let distortion: Distortion?
  /// Told of each event, and answers whether the run is over.
  private let watching: (@Sendable (Observation) -> Bool)?
  private var isOver = false
  private let world: World
  private var kernel: any HostKernel
  private(set) var tally = Tally()
  private var history: [String] = []
  private var event = Event(number: 0, door: .boot)
  private var clock: Clock
  /// When the event began, and what the kernel was then, if anybody observes.
  private var beginning: (time: UInt64, kernel: KernelSnapshot)?

  /// How many events a disagreement shows, its own included.
  private static let historyLength = 8

  init(
    _ stub: Stub, _ layout: Layout, distortion: Distortion?,
    watching: (@Sendable (Observation) -> Bool)?
  ) {
    self.stub = stub
    self.layout = layout
    self.distortion = distortion
    self.watching = watching
    clock = Clock(layout.plan)
    world = World(stub, layout)
    kernel = makeReplica(taskCount: layout.taskCount)
  }

  /// Follows `count` events from the reset on.
  ///
  /// - Throws: `Disagreement` at the first difference, `MirrorError` if QEMU cannot be followed.
  func run(events count: Int, seed: UInt32) throws {
    try checkTables()
    let record = try stub.exchange([
      .noise(layout.resetRecord, [0, 0, seed, 0]), .memory(layout.resetRecord, 16),
      .insert(layout.kernelFault), .insert(layout.start), .resume,
    ])[0]
    world.record = ResetRecord(record.words)
    try boot()
    while tally.eventCount < count && !isOver {
      try observe()
      try serve()
    }
  }

  /// The planner's tables in the guest's flash are those of the plan.
  private func checkTables() throws {
    let words =
      layout.plan.taskWords.flatMap { $0 } + layout.plan.regionWords.flatMap { $0 }
      + layout.plan.interruptWords
    let target = try stub.exchange([.memory(layout.tables, words.count * 4)])[0].words
    if target != words {
      throw MirrorError("the tables in the image are not those of plan.json\n  try: apus build")
    }
  }

  /// The target stands at the end of its boot: does the same here, compares, and lets it go on.
  private func boot() throws {
    kernel = makeReplica(taskCount: layout.taskCount)
    let nothing = kernel.snapshot
    clock.restart()
    world.beginEvent()
    world.enables = Array(repeating: 0, count: layout.interruptWords)
    begin(Event(number: tally.eventCount, door: .boot))
    kernel.serve(.boot, in: world)
    try compare(stop: layout.start, leaving: [.remove(layout.start), .insert(layout.reset)])
    watch(
      Observation(
        event: event, entered: clock.base, left: clock.base, before: nothing,
        after: kernel.snapshot))
  }

  /// Tells of an event on which both agreed.
  private func watch(_ observation: @autoclosure () -> Observation) {
    if let watching, watching(observation()) { isOver = true }
  }

  /// At the entry: reads what happened, and checks that nothing happened since the last exit.
  private func observe() throws {
    let looks: [Stub.Request] = watching == nil ? [] : Clock.requests
    let answers = try stub.exchange(
      [
        .registers, .memory(layout.kernel, layout.kernelBytes), .remove(layout.entry),
        .insert(layout.exit),
      ] + looks)
    let registers = answers[0].words
    let ram = answers[1]
    try expect(stop: layout.entry, registers, "at the entry")
    guard let kind = layout.doors[registers[3] & ~1] else {
      throw MirrorError("the kernel was entered by an unknown door at \(hex(registers[3]))")
    }
    let task = kernel.current
    let base = task * 64
    let saved = (0..<9).map { ram.word(base + $0 * 4) }
    var event = Event(
      number: tally.eventCount, door: try door(kind, status: registers[16]), task: task,
      registers: Registers(saved), stackPointer: saved[8])
    begin(event)
    kernel.load(event)
    try compareKernel(ram, "before the event, since the last exit")
    if watching != nil {
      let kernel = kernel.snapshot
      beginning = (clock.time(kernel.now, answers[2...], in: event.door), kernel)
    }
    if distortion?.change(&event) == true {
      self.event = event
      kernel.load(event)
    }
  }

  /// What the door reads from the core's registers; see Doors.swift, which does the same.
  private func door(_ kind: Layout.DoorKind, status: UInt32) throws -> Event.Door {
    switch kind {
    case .call: return .call
    case .tick: return .tick
    // The running exception, which the port reads from ICSR.
    case .interrupt: return .interrupt((status & 0x1FF) &- 16)
    case .fault:
      // CFSR, HFSR, DFSR, MMFAR, BFAR.
      let words = try stub.exchange([.memory(0xE000_ED28, 20)])[0].words
      var address: UInt32 = 0
      if words[0] & 1 << 7 != 0 { address = words[3] }
      if words[0] & 1 << 15 != 0 { address = words[4] }
      return .fault(status: words[0], address: address)
    }
  }

  /// Lets both kernels serve the event, and compares what they made of it.
  private func serve() throws {
    world.beginEvent()
    let enables = world.enables
    let before = (0..<layout.taskCount).map { kernel.task($0) }
    if distortion?.forgets(event) != true { kernel.serve(event.door, in: world) }
    if let failure = world.failure { throw failure }
    if let bit = distortion?.flippedBit(event) { kernel.flip(bit: bit) }
    if let death = world.death { return try dies(leaving: death) }
    tally.count(event, before: before, after: (0..<layout.taskCount).map { kernel.task($0) })
    _ = try stub.exchange([.resume])
    let answers = try compare(
      stop: layout.exit, leaving: [.remove(layout.exit)], enablesBefore: enables)
    guard watching != nil, let beginning else { return }
    let after = kernel.snapshot
    watch(
      Observation(
        event: event, entered: beginning.time,
        left: clock.time(after.now, answers.suffix(2), in: nil), before: beginning.kernel,
        after: after, copies: world.copies))
  }

  /// The kernel resets the machine: the record it leaves must be the target's, too.
  private func dies(leaving death: ResetRecord) throws {
    _ = try stub.exchange([.resume])
    let answers = try stub.exchange([
      .registers, .memory(layout.resetRecord, 16), .remove(layout.reset), .remove(layout.exit),
      .insert(layout.start), .resume,
    ])
    try expect(stop: layout.reset, answers[0].words, "when the machine was to be reset")
    let record = ResetRecord(answers[1].words)
    guard record == death else {
      throw disagreement(
        "at the reset",
        zip(["cause", "state", "address", "program counter"], zip(death.words, record.words))
          .filter { $1.0 != $1.1 }
          .map { .init(field: "reset record \($0)", host: hex($1.0), target: hex($1.1)) })
    }
    tally.count(event, reset: death)
    world.record = record
    if watching != nil, let beginning {
      watch(
        Observation(
          event: event, entered: beginning.time, left: beginning.time, before: beginning.kernel,
          after: kernel.snapshot, copies: world.copies, reset: record))
    }
    try boot()
  }

  /// Compares everything at the stop at which the target has served the event, and lets it run to
  /// the next entry.
  ///
  /// - Returns: the target's answers, the clock's last if anybody observes.
  @discardableResult
  private func compare(
    stop: UInt32, leaving requests: [Stub.Request], enablesBefore: [UInt32]? = nil
  ) throws -> [[UInt8]] {
    // No other call lets the pending bits into the kernel's state.
    let asked =
      event.door == .call && event.registers.r11 == Call.irqStatus.rawValue
      && world.pendings != nil && enablesBefore != nil
    var all: [Stub.Request] = [
      .registers, .memory(layout.kernel, layout.kernelBytes), layout.enableBits,
    ]
    all += asked ? [layout.pendingBits] : []
    all += world.writes.map { .memory($0.address, $0.bytes.count) }
    all += watching == nil ? [] : Clock.requests
    let answers = try stub.exchange(all + requests + [.insert(layout.entry), .resume])
    let registers = answers[0].words
    try expect(stop: stop, registers, "after the event")
    if asked, let enablesBefore, !kernel.equals(Array(answers[1].prefix(layout.stateBytes))) {
      // A device may have spoken up between the entry and the kernel's look at it.
      kernel.undo()
      world.beginAgain(enables: enablesBefore, pendings: answers[3].words)
      kernel.serve(event.door, in: world)
    }
    try compareKernel(answers[1], "after the event")
    let next = layout.kernel + UInt32(kernel.current * 64)
    // The boot answers with nothing: the first task follows from the kernel's state.
    let resumed = stop == layout.start ? next : registers[0]
    var rows: [Disagreement.Row] = []
    if next != resumed {
      rows.append(.init(field: "next control block", host: hex(next), target: hex(resumed)))
    }
    for (index, word) in answers[2].words.enumerated() where word != world.enables[index] {
      rows.append(
        .init(
          field: "enabled interrupts \(index * 32)...\(index * 32 + 31)",
          host: hex(world.enables[index]), target: hex(word)))
    }
    for (write, bytes) in zip(world.writes, answers[(asked ? 4 : 3)...]) where write.bytes != bytes
    {
      if let row = KernelFields.difference(write, target: bytes) { rows.append(row) }
    }
    if !rows.isEmpty { throw disagreement("after the event", rows) }
    tally.comparedByteCount += world.writes.reduce(0) { $0 + $1.bytes.count }
    tally.copiedByteCount = world.copiedByteCount
    tally.restarts = world.frameCount - tally.boots * layout.taskCount
    return answers
  }

  private func compareKernel(_ ram: [UInt8], _ moment: String) throws {
    let target = Array(ram.prefix(layout.stateBytes))
    tally.comparedByteCount += target.count
    guard !kernel.equals(target) else { return }
    throw disagreement(
      moment, KernelFields.differences(host: kernel.bytes, target: target, layout))
  }

  /// Checks where the target has stopped.
  private func expect(stop: UInt32, _ registers: [UInt32], _ moment: String) throws {
    guard registers[15] != stop else { return }
    throw disagreement(
      moment,
      [.init(field: "where it went", host: place(stop), target: place(registers[15]))])
  }

  private func place(_ address: UInt32) -> String {
    switch address {
    case layout.entry: "the kernel's entry"
    case layout.exit: "the kernel's exit"
    case layout.reset: "a reset"
    case layout.start: "the first task"
    case layout.kernelFault: "a fault of the kernel itself"
    default: hex(address)
    }
  }

  private func begin(_ event: Event) {
    self.event = event
    tally.count(event)
    history.append(event.summary(layout))
    if history.count > Self.historyLength { history.removeFirst() }
  }

  private func disagreement(_ moment: String, _ rows: [Disagreement.Row]) -> Disagreement {
    Disagreement(
      subject: "\(layout.plan.app) on \(layout.plan.board.name)", moment: moment, event: event,
      rows: rows, history: history)
  }
}

extension ResetRecord {
  /// The record as it lies in memory.
  init(_ words: [UInt32]) {
    self.init(cause: .cold)
    (cause, state, address, programCounter) = (words[0], words[1], words[2], words[3])
  }

  var words: [UInt32] { [cause, state, address, programCounter] }
}

extension Registers {
  /// r4...r11 as they lie in a control block.
  init(_ words: [UInt32]) {
    self.init()
    (r4, r5, r6, r7) = (words[0], words[1], words[2], words[3])
    (r8, r9, r10, r11) = (words[4], words[5], words[6], words[7])
  }
}
