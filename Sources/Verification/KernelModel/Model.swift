// KernelModel/Model.swift: the contract told a second time, as plainly as it goes.
// It shares no line and no type with the kernel: numbers are written out, nothing is packed.

/// A reference for the kernel: slow, wordy and obvious.
struct Model {
  enum Doing: Equatable {
    case running, receiving, waiting
    case sending(to: Int, life: Int)
    case awaitingReply(from: Int, life: Int)
  }

  struct Record: Equatable {
    var kind: UInt32
    var address: UInt32
    var programCounter: UInt32
    var detail: UInt32
  }

  struct Timer: Equatable {
    var deadline: UInt64
    var bits: UInt32
  }

  struct Actor {
    /// First byte and the one after the last.
    var ram: ClosedRange<UInt64>
    var flash: ClosedRange<UInt64>
    var entry: UInt32
    /// What tasks may post to it.
    var postable: UInt32
    var maySendTo: Set<Int>
    var mayPostTo: Set<Int>
    /// By the register's number, 4 to 11.
    var r = [UInt32](repeating: 0, count: 12)
    var stack: UInt32 = 0
    var doing = Doing.running
    var record: Record?
    var timer: Timer?
    var bits: UInt32 = 0
    var restarts = 0
    var isGivenUp = false

    var generation: Int { restarts % 2048 }
    var isHealthy: Bool { record == nil }
  }

  struct Line: Equatable {
    var owner: Int?
    var bit: UInt32 = 0
    var isEnabled = false
    var isPending = false
  }

  /// Why the machine was reset: cause, state word's kind, address, program counter.
  struct Reset: Equatable {
    var cause: UInt32
    var kind: UInt32
    var address: UInt32
    var programCounter: UInt32
  }

  var actors: [Actor]
  var lines: [Int: Line]
  var memory: [UInt32: UInt8]
  var now: UInt64 = 0
  var reset: Reset?
  /// What this life's supervisor reads of the last.
  var remembered: [UInt32] = [0x4150_5500, 0, 0, 0]

  /// The most important task that can run.
  var current: Int { actors.firstIndex { $0.isHealthy && $0.doing == .running } ?? 32 }
  var idle: Int { actors.count - 1 }

  func identifier(_ task: Int) -> UInt32 { UInt32(task + 32 * actors[task].generation) }

  // MARK: Ways in

  mutating func tick() {
    now += 1
    for task in actors.indices { expire(task) }
  }

  mutating func interrupt(_ number: Int) {
    lines[number]?.isEnabled = false
    if let line = lines[number], let owner = line.owner { post(line.bit, to: owner) }
  }

  mutating func break_(_ kind: UInt32, address: UInt32) {
    stop(current, kind, address: address)
  }

  mutating func call() {
    let me = current
    switch actors[me].r[11] {
    case 0: send(me)
    case 1: receive(me)
    case 2: if !takeBits(me) { actors[me].doing = .waiting }
    case 3: _ = reply(me)
    case 4: if reply(me) { receive(me) }
    case 5: replyFault(me)
    case 6: setTimer(me)
    case 7: getTimer(me)
    case 8: borrow(me, needing: 1)
    case 9: borrow(me, needing: 2)
    case 10: borrow(me, needing: 0)
    case 11: controlInterrupts(me)
    case 12: interruptStatus(me)
    case 13: postCall(me)
    case 14: refresh(me)
    case 15: panic(me)
    case 16...23: if me == 0 { service(actors[0].r[11]) } else { misuse(me, 3) }
    default: misuse(me, 1)
    }
  }

  // MARK: Blame

  mutating func stop(_ task: Int, _ kind: UInt32, address: UInt32 = 0, detail: UInt32 = 0) {
    let frame = actors[task].stack
    let hasFrame = frame % 4 == 0 && owns(task, frame, 32, toWrite: true)
    let counter = hasFrame ? word(frame + 24) : 0
    actors[task].record = Record(
      kind: kind, address: address, programCounter: counter, detail: detail)
    actors[task].timer = nil
    if task == 0 { reset = Reset(cause: 2, kind: kind, address: address, programCounter: counter) }
    post(1, to: 0)
  }

  mutating func misuse(_ task: Int, _ error: UInt32) { stop(task, 10, detail: error) }

  func owns(_ task: Int, _ address: UInt32, _ count: UInt32, toWrite: Bool) -> Bool {
    if count == 0 { return true }
    let (first, end) = (UInt64(address), UInt64(address) + UInt64(count))
    func inside(_ window: ClosedRange<UInt64>) -> Bool {
      window.lowerBound <= first && end <= window.upperBound
    }
    return inside(actors[task].ram) || (!toWrite && inside(actors[task].flash))
  }

  func word(_ address: UInt32) -> UInt32 {
    (0..<4).reduce(0) { $0 + UInt32(memory[address + $1] ?? 0) << (8 * $1) }
  }

  mutating func copy(_ from: UInt32, _ to: UInt32, _ count: UInt32) {
    for offset in 0..<count { memory[to + offset] = memory[from + offset] }
  }

  /// The task whose index stands in r4; without one the caller is stopped.
  mutating func named(_ me: Int) -> Int? {
    let task = Int(actors[me].r[4] % 32)
    if task < actors.count { return task }
    misuse(me, 2)
    return nil
  }

  /// Whether r4 names the present life; if not, the caller gets the dead code.
  mutating func meansPresentLife(_ me: Int, _ task: Int) -> Bool {
    if actors[me].r[4] % 65_536 == identifier(task) && !actors[task].isGivenUp { return true }
    actors[me].r[4] = 0xFFFF_F800 + UInt32(actors[task].generation)
    return false
  }

  /// Only of whom one may send or post to; the supervisor may ask about everybody.
  mutating func refresh(_ me: Int) {
    let task = Int(actors[me].r[4] % 32)
    let isKnown = actors[me].maySendTo.contains(task) || actors[me].mayPostTo.contains(task)
    guard isKnown || me == 0 && task < actors.count else { return misuse(me, 2) }
    actors[me].r[4] = identifier(task)
  }

  // MARK: Messages

  mutating func send(_ me: Int) {
    let to = Int(actors[me].r[4] % 32)
    guard actors[me].maySendTo.contains(to) else { return misuse(me, 2) }
    guard hasMessage(me), hasRoom(me) else { return }
    guard meansPresentLife(me, to) else { return }
    if actors[to].isHealthy && actors[to].doing == .receiving { return handOver(me, to) }
    actors[me].doing = .sending(to: to, life: actors[to].generation)
  }

  mutating func receive(_ me: Int) {
    guard hasRoom(me) else { return }
    if takeBits(me) { return }
    let first = actors.indices.first { sender in
      actors[sender].isHealthy
        && actors[sender].doing == .sending(to: me, life: actors[me].generation)
    }
    if let first { handOver(first, me) } else { actors[me].doing = .receiving }
  }

  /// Whether r5 and r6 are bytes that the caller may send; if not, it is stopped.
  mutating func hasMessage(_ me: Int) -> Bool {
    let (message, length) = (actors[me].r[5], actors[me].r[6])
    if length > 256 {
      misuse(me, 4)
    } else if !owns(me, message, length, toWrite: false) {
      stop(me, 9, address: message)
    }
    return actors[me].isHealthy
  }

  /// Whether r7 and r8 are the caller's own RAM; if not, it is stopped.
  mutating func hasRoom(_ me: Int) -> Bool {
    if !owns(me, actors[me].r[7], actors[me].r[8], toWrite: true) {
      stop(me, 9, address: actors[me].r[7])
    }
    return actors[me].isHealthy
  }

  /// Moves bytes from r5 and r6 of one to r7 and r8 of another.
  mutating func move(_ from: Int, _ to: Int) {
    copy(actors[from].r[5], actors[to].r[7], min(actors[from].r[6], actors[to].r[8]))
  }

  mutating func handOver(_ from: Int, _ to: Int) {
    move(from, to)
    actors[to].r[4] = actors[from].r[4] / 65_536 * 65_536 + identifier(from)
    actors[to].r[5] = actors[from].r[6]
    actors[to].r[6] = actors[from].r[8]
    actors[to].r[10] = actors[from].r[10]
    actors[to].doing = .running
    actors[from].doing = .awaitingReply(from: to, life: actors[to].generation)
  }

  func waitsForMe(_ client: Int, _ me: Int) -> Bool {
    actors[me].r[4] % 65_536 == identifier(client) && actors[client].isHealthy
      && actors[client].doing == .awaitingReply(from: me, life: actors[me].generation)
  }

  /// Returns whether the caller lives on.
  mutating func reply(_ me: Int) -> Bool {
    guard hasMessage(me), let client = named(me) else { return false }
    guard waitsForMe(client, me) else { return true }
    let length = actors[me].r[6]
    if length > actors[client].r[8] {
      misuse(me, 4)
    } else {
      move(me, client)
      actors[client].r[4] = actors[me].r[4] / 65_536
      actors[client].r[5] = length
      actors[client].doing = .running
    }
    return actors[me].isHealthy
  }

  mutating func replyFault(_ me: Int) {
    guard let client = named(me) else { return }
    let reason = actors[me].r[4] / 65_536
    guard reason <= 5 else { return misuse(me, 7) }
    if waitsForMe(client, me) { stop(client, 13, detail: reason * 65_536 + identifier(me)) }
  }

  // MARK: Notifications, time, interrupts

  mutating func post(_ bits: UInt32, to task: Int) {
    actors[task].bits |= bits
    let isWaiting = actors[task].doing == .receiving || actors[task].doing == .waiting
    if actors[task].isHealthy && isWaiting && takeBits(task) { actors[task].doing = .running }
  }

  mutating func takeBits(_ task: Int) -> Bool {
    let taken = actors[task].bits & actors[task].r[9]
    guard taken != 0 else { return false }
    actors[task].bits -= taken
    actors[task].r[4] = 0xFFFF
    actors[task].r[5] = taken
    return true
  }

  mutating func postCall(_ me: Int) {
    let to = Int(actors[me].r[4] % 32)
    guard actors[me].mayPostTo.contains(to) else { return misuse(me, 2) }
    guard actors[me].r[5] & ~actors[to].postable == 0 else { return misuse(me, 8) }
    guard meansPresentLife(me, to) else { return }
    post(actors[me].r[5], to: to)
    actors[me].r[4] = 0
  }

  mutating func setTimer(_ me: Int) {
    let deadline = UInt64(actors[me].r[4]) + UInt64(actors[me].r[5]) * 4_294_967_296
    let bits = actors[me].r[6]
    actors[me].timer = bits == 0 ? nil : Timer(deadline: deadline, bits: bits)
    expire(me)
  }

  mutating func expire(_ task: Int) {
    guard let timer = actors[task].timer, timer.deadline <= now else { return }
    actors[task].timer = nil
    post(timer.bits, to: task)
  }

  /// A disarmed timer has no deadline: what r6 and r7 hold then is nobody's promise.
  mutating func getTimer(_ me: Int) {
    actors[me].r[4] = UInt32(now % 4_294_967_296)
    actors[me].r[5] = UInt32(now / 4_294_967_296)
    if let timer = actors[me].timer {
      actors[me].r[6] = UInt32(timer.deadline % 4_294_967_296)
      actors[me].r[7] = UInt32(timer.deadline / 4_294_967_296)
    }
    actors[me].r[8] = actors[me].timer?.bits ?? 0
  }

  func mine(_ me: Int, _ mask: UInt32) -> [Int] {
    lines.keys.filter { number in
      lines[number].map { $0.owner == me && $0.bit & mask != 0 } ?? false
    }
  }

  mutating func controlInterrupts(_ me: Int) {
    let control = actors[me].r[5]
    guard control < 4 else { return misuse(me, 7) }
    let numbers = mine(me, actors[me].r[4])
    if numbers.isEmpty { return misuse(me, 6) }
    for number in numbers {
      lines[number]?.isEnabled = control % 2 == 1
      if control >= 2 { lines[number]?.isPending = false }
    }
  }

  mutating func interruptStatus(_ me: Int) {
    let chosen = mine(me, actors[me].r[4]).compactMap { lines[$0] }
    if chosen.isEmpty { return misuse(me, 6) }
    var answer: UInt32 = 0
    if chosen.contains(where: { $0.isEnabled }) { answer += 1 }
    if chosen.contains(where: { $0.isPending }) { answer += 2 }
    if actors[me].bits & actors[me].r[4] != 0 { answer += 4 }
    actors[me].r[4] = answer
  }
}
