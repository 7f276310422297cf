// ApusSimulator/Explorer/Check.swift: what must hold after a step, said from the outside.
// It asks no routine of the kernel: each promise is computed from the state before and the event.

import ApusABI
import ApusKernel

/// One step: the state before, what happened, the state after.
///
/// The worlds are pointed at, because a copy of one costs more than all checks together. Whoever
/// makes a `Check` keeps all three alive and unchanged until it is done.
struct Check<let taskCount: Int> {
  let before: UnsafePointer<World<taskCount>>
  let event: UnsafePointer<Event>
  let after: UnsafePointer<World<taskCount>>
  let caller: Int
  /// Who was stopped in this step, stopped tasks stopped again among them.
  private(set) var stopped = TaskSet.empty
  /// Who got a new life.
  private(set) var reborn: Int?
  /// Who was given up.
  private(set) var givenUp: Int?
  var copies = Journeys()

  @inline(__always)
  init(
    before: UnsafePointer<World<taskCount>>, event: UnsafePointer<Event>,
    after: UnsafePointer<World<taskCount>>
  ) {
    self.before = before
    self.event = event
    self.after = after
    caller = Int(truncatingIfNeeded: before.pointee.kernel.current)
    if caller == 0, event.pointee.peer == Int(event.pointee.registers.r4) {
      let isWard = event.pointee.peer > 0 && event.pointee.peer < World<taskCount>.idle
      if event.pointee.call == .restartTask, isWard { reborn = event.pointee.peer }
      if event.pointee.call == .giveUp, isWard,
        before.pointee.kernel.tasks[event.pointee.peer].state.isFaulted
      {
        givenUp = event.pointee.peer
      }
      if event.pointee.call == .injectFault, isWard { stopped.insert(event.pointee.peer) }
    }
    for index in 0..<taskCount where isNewlyStopped(index) { stopped.insert(index) }
  }

  /// Finds the first broken promise.
  mutating func run() throws(Violation) {
    for index in 0..<taskCount { try checkState(index) }
    try checkSets()
    for index in 0..<taskCount {
      try checkLife(index)
      try checkChange(index)
    }
    try checkFate()
    try checkRecord()
    try checkAnswer()
    try checkLease()
    try checkRefusal()
    try checkCopies()
    try checkTime()
    try checkInterrupt()
    for index in 0..<taskCount { try checkBits(index) }
  }

  @inline(__always)
  func require(
    _ condition: Bool, _ promise: Promise, _ task: Int
  ) throws(Violation) {
    if !condition { throw Violation(promise: promise, task: task) }
  }

  /// Whether the event names a peer by an identifier that is nobody's any more.
  var namesNobody: Bool {
    event.pointee.isStale
      || event.pointee.namesPeer && event.pointee.peer < taskCount
        && before.pointee.isGivenUp(event.pointee.peer)
  }

  /// The identifier of task `index` before the step.
  @inline(__always)
  func id(_ index: Int) -> TaskID { before.pointee.kernel.tasks[index].id }

  func isNewlyStopped(_ index: Int) -> Bool {
    !before.pointee.kernel.tasks[index].state.isFaulted
      && after.pointee.kernel.tasks[index].state.isFaulted
  }

  /// The running task's registers as the call gave them; others' as they were.
  @inline(__always)
  func registers(_ index: Int) -> Registers {
    index == caller && event.pointee.kind == .call
      ? event.pointee.registers : before.pointee.kernel.tasks[index].registers
  }

  // MARK: The state after

  func checkState(_ index: Int) throws(Violation) {
    let state = after.pointee.kernel.tasks[index].state
    guard let activity = state.activity, state.fault != nil else {
      throw Violation(promise: .state, task: index)
    }
    switch activity {
    case .sending, .awaitingReply:
      try require(state.peer.index < index, .state, index)
      if !state.isFaulted {
        try require(state.peer == after.pointee.kernel.tasks[state.peer.index].id, .state, index)
      }
    case .runnable, .receiving, .waiting:
      try require(state.rawValue >> 16 == 0, .state, index)
      let task = after.pointee.kernel.tasks[index]
      if activity != .runnable, !state.isFaulted {
        try require(task.pending & task.registers.r9 == 0, .wakeUp, index)
        try require(activity == .waiting || task.senders.isEmpty, .wakeUp, index)
      }
    }
  }

  func checkSets() throws(Violation) {
    var runnable = TaskSet.empty
    for index in 0..<taskCount {
      let task = after.pointee.kernel.tasks[index]
      if task.state.rawValue == 0 { runnable.insert(index) }
      var senders = TaskSet.empty
      for peer in 0..<taskCount
      where after.pointee.kernel.tasks[peer].state == .sending(to: task.id) {
        senders.insert(peer)
      }
      try require(task.senders == senders, .derived, index)
      if after.pointee.kernel.armed.contains(index) {
        try require(!task.state.isFaulted && task.timerBitsOrDetail != 0, .derived, index)
        try require(deadline(after, index) > after.pointee.kernel.now, .timer, index)
      }
    }
    try require(!after.pointee.kernel.runnable.isEmpty, .idle, World<taskCount>.idle)
    try require(after.pointee.kernel.runnable == runnable, .derived, 0)
    try require(runnable.contains(World<taskCount>.idle), .idle, World<taskCount>.idle)
    try require(
      Int(after.pointee.kernel.current) == runnable.first, .order, Int(after.pointee.kernel.current)
    )
  }

  @inline(__always)
  func deadline(_ world: UnsafePointer<World<taskCount>>, _ index: Int) -> UInt64 {
    let task = world.pointee.kernel.tasks[index]
    return UInt64(task.deadlineOrProgramCounter) << 32 | UInt64(task.deadlineOrAddress)
  }

  // MARK: What a step may change

  func checkLife(_ index: Int) throws(Violation) {
    let old = before.pointee.kernel.tasks[index]
    let new = after.pointee.kernel.tasks[index]
    guard reborn == index else {
      let life = givenUp == index ? old.life | 31 : old.life
      return try require(new.life == life, .life, index)
    }
    try require(new.life == old.life & ~31 &+ 32 | UInt32(index), .life, index)
    try require(new.state == .runnable, .rebirth, index)
    try require(new.registers == Registers() && new.pending == 0, .rebirth, index)
    try require(!after.pointee.kernel.armed.contains(index), .rebirth, index)
    try require(new.stackPointer == Toy.ram(index) + Toy.windowBytes - 32, .rebirth, index)
    if Toy.owner.task == index { try require(!after.pointee.machine.isEnabled, .rebirth, index) }
  }

  /// A task's way from one state to another, and what came with it.
  mutating func checkChange(_ index: Int) throws(Violation) {
    if reborn == index { return }
    let old = before.pointee.kernel.tasks[index]
    let new = after.pointee.kernel.tasks[index]
    try require(new.stackPointer == old.stackPointer, .still, index)
    if old.state.isFaulted {
      try require(new.registers == old.registers, .still, index)
      let isRecorded = stopped.contains(index) || Self.record(of: old) == Self.record(of: new)
      try require(isRecorded, .record, index)
      let isSame = new.state == (stopped.contains(index) ? old.state.faulted(.injected) : old.state)
      return try require(isSame, .still, index)
    }
    if new.state.isFaulted { return try checkBlame(index) }
    // Slices are checked at the call: this makes them good for as long as a task waits.
    if new.state != .runnable { try require(new.registers == registers(index), .still, index) }
    if old.state == new.state {
      if index != caller { try require(new.registers == old.registers, .still, index) }
      if index == caller, new.state == .runnable { try checkReceiver(index) }
      return
    }
    switch (old.state.activity, new.state.activity) {
    case (.runnable, .receiving):
      let isRight = event.pointee.call == .receive || event.pointee.call == .replyAndReceive
      try require(index == caller && isRight, .cause, index)
    case (.runnable, .waiting):
      try require(index == caller && event.pointee.call == .receiveNotifications, .cause, index)
    case (.runnable, .sending), (.runnable, .awaitingReply):
      let peer = new.state.peer.index
      let isRight = index == caller && event.pointee.call == .send && peer == event.pointee.peer
      try require(isRight, .cause, index)
      if new.state.activity == .awaitingReply { try deliver(from: index, to: peer) }
    case (.receiving, .runnable), (.waiting, .runnable):
      try checkReceiver(index)
      let isMessage = new.registers.r4 & 0xFFFF != 0xFFFF
      let isSent = isMessage && event.pointee.call == .send && event.pointee.peer == index
      let isDelivered = after.pointee.kernel.tasks[caller].state == .awaitingReply(from: new.id)
      try require(!isMessage || isSent && isDelivered, .cause, index)
      try require(!isMessage || old.state == .receiving, .cause, index)
    case (.sending, .awaitingReply):
      let peer = old.state.peer.index
      let isRight = event.pointee.call == .receive || event.pointee.call == .replyAndReceive
      try require(peer == caller && isRight && new.state.peer.index == peer, .cause, index)
      try deliver(from: index, to: peer)
    case (.sending, .runnable), (.awaitingReply, .runnable): try checkRelease(index)
    default: throw Violation(promise: .cause, task: index)
    }
  }

  /// A receiver that runs has got notifications or a message, if it has got anything.
  func checkReceiver(_ index: Int) throws(Violation) {
    let isWaiting = before.pointee.kernel.tasks[index].state != .runnable
    let isAsking = event.pointee.call == .receive || event.pointee.call == .replyAndReceive
    guard isWaiting || isAsking || event.pointee.call == .receiveNotifications else { return }
    let word = after.pointee.kernel.tasks[index].registers.r4
    if word == 0xFFFF { return }
    let sender = Int(word & 31)
    let isWord =
      sender < taskCount && word & 0xFFFF == after.pointee.kernel.tasks[sender].life & 0xFFFF
    try require(isWord, .delivery, index)
    let state = after.pointee.kernel.tasks[sender].state
    try require(
      state == .awaitingReply(from: after.pointee.kernel.tasks[index].id), .delivery, index)
  }

  /// A message has gone from one to the other: as it was sent, and the best one there was.
  mutating func deliver(from sender: Int, to receiver: Int) throws(Violation) {
    let sent = registers(sender)
    let kept = registers(receiver)
    let got = after.pointee.kernel.tasks[receiver].registers
    try require(
      got.r4 == sent.r4 & 0xFFFF_0000 | UInt32(after.pointee.kernel.tasks[sender].id.rawValue)
        && got.r5 == sent.r6 && got.r6 == sent.r8 && got.r10 == sent.r10, .delivery, receiver)
    try require(
      got.r7 == kept.r7 && got.r8 == kept.r8 && got.r9 == kept.r9, .delivery, receiver)
    try move(sender, sent.r5, sent.r6, receiver, kept.r7, kept.r8)
    guard sender != caller else { return }
    let me = after.pointee.kernel.tasks[receiver].id
    for better in 0..<sender {
      try require(
        before.pointee.kernel.tasks[better].state != .sending(to: me), .best, receiver)
    }
  }

  /// A task that waited for a peer goes on: for the peer's reply, or its death.
  mutating func checkRelease(_ index: Int) throws(Violation) {
    let state = before.pointee.kernel.tasks[index].state
    let peer = state.peer.index
    let got = after.pointee.kernel.tasks[index].registers
    if reborn == peer || givenUp == peer {
      let code = ResponseCode.dead(generation: after.pointee.kernel.tasks[peer].id.generation)
      return try require(got.r4 == code.rawValue, .dead, index)
    }
    let isReply = event.pointee.call == .reply || event.pointee.call == .replyAndReceive
    let isNamed = UInt16(truncatingIfNeeded: event.pointee.registers.r4) == id(index).rawValue
    try require(
      state.activity == .awaitingReply && peer == caller && isReply && isNamed, .cause, index)
    let room = before.pointee.kernel.tasks[index].registers
    try require(
      got.r4 == event.pointee.registers.r4 >> 16 && got.r5 == event.pointee.registers.r6, .reply,
      index)
    // A reply comes before the message that the same call receives.
    let later = copies
    copies = Journeys()
    try move(
      caller, event.pointee.registers.r5, event.pointee.registers.r6, index, room.r7, room.r8)
    for place in 0..<later.count {
      let copy = later.list[place]
      copies.append(copy.source, copy.destination, copy.byteCount)
    }
  }

  // MARK: Who may be stopped

  func checkBlame(_ index: Int) throws(Violation) {
    let old = before.pointee.kernel.tasks[index]
    let kind = after.pointee.kernel.tasks[index].state.fault
    if index == caller {
      if event.pointee.kind == .fault { return try require(kind == .memory, .blame, index) }
      let isOwn = kind == .usage || kind == .badSlice || kind == .panic
      return try require(event.pointee.kind == .call && isOwn, .blame, index)
    }
    let isNamed = UInt16(truncatingIfNeeded: event.pointee.registers.r4) == id(index).rawValue
    let isClient = old.state == .awaitingReply(from: id(caller))
    switch event.pointee.call {
    case .injectFault:
      try require(caller == 0 && event.pointee.peer == index && kind == .injected, .blame, index)
    case .replyFault: try require(isNamed && isClient && kind == .refused, .blame, index)
    case .borrowRead, .borrowWrite, .borrowInfo:
      let isHere = isNamed && isClient && kind == .badSlice
      try require(isHere && !isLeaseGood(of: index), .blame, index)
    default: throw Violation(promise: .blame, task: index)
    }
  }

  /// The caller's own fate, where the event alone decides it.
  func checkFate() throws(Violation) {
    guard event.pointee.kind == .call || event.pointee.kind == .fault else { return }
    let task = after.pointee.kernel.tasks[caller]
    let isStopped = task.state.isFaulted
    switch event.pointee.fate {
    case .unharmed: try require(!isStopped, .fate, caller)
    case .misuse(let error):
      let isRight = task.state.fault == .usage && task.timerBitsOrDetail == error.rawValue
      try require(isRight, .fate, caller)
    case .badSlice: try require(task.state.fault == .badSlice && hasBadSlice, .fate, caller)
    case .dependsOnPeer: try require(!isStopped || task.state.fault == .usage, .fate, caller)
    case .panic: try require(task.state.fault == .panic, .fate, caller)
    case .memoryFault: try require(task.state.fault == .memory, .fate, caller)
    }
  }

  /// Whether one of the caller's own slices is not its own.
  var hasBadSlice: Bool {
    let given = event.pointee.registers
    if event.pointee.call == .borrowRead || event.pointee.call == .borrowWrite {
      return !mayTouch(caller, given.r5, given.r6, writing: event.pointee.call == .borrowRead)
    }
    let isBadSource = !mayTouch(caller, given.r5, given.r6, writing: false)
    return isBadSource || !mayTouch(caller, given.r7, given.r8, writing: true)
  }
}
