// KernelModel/ModelServices.swift: the model's leases, panic and kernel services.
// As in `Model.swift`, nothing is shared with the kernel, and numbers are written out.

extension Model {
  mutating func borrow(_ me: Int, needing right: UInt32) {
    guard let lender = named(me) else { return }
    let (own, wanted, offset) = (actors[me].r[5], actors[me].r[6], actors[me].r[7])
    if right != 0 && !owns(me, own, wanted, toWrite: right == 1) {
      return stop(me, 9, address: own)
    }
    guard meansPresentLife(me, lender) else { return }
    let number = actors[me].r[4] / 65_536
    let awaited = Doing.awaitingReply(from: me, life: actors[me].generation)
    guard actors[lender].isHealthy, actors[lender].doing == awaited else {
      actors[me].r[4] = 1
      return
    }
    guard number < actors[lender].r[10] else { return misuse(me, 5) }
    let entry = actors[lender].r[9] &+ number * 12
    guard entry % 4 == 0, owns(lender, entry, 12, toWrite: false) else {
      actors[me].r[4] = 1
      return stop(lender, 9, address: entry)
    }
    let (address, length, rights) = (word(entry), word(entry + 4), word(entry + 8))
    guard rights <= 3, owns(lender, address, length, toWrite: rights >= 2) else {
      actors[me].r[4] = 1
      return stop(lender, 9, address: address)
    }
    if right == 0 {
      actors[me].r[4] = 0
      actors[me].r[5] = length
      actors[me].r[6] = rights
      return
    }
    let isGiven = right == 1 && rights % 2 == 1 || right == 2 && rights >= 2
    guard isGiven && offset <= length else {
      actors[me].r[4] = 1
      return
    }
    let count = min(min(wanted, 256), length - offset)
    // An empty lease may lie anywhere, so this sum may wrap; then nothing is moved.
    let place = address &+ offset
    if right == 1 { copy(place, own, count) } else { copy(own, place, count) }
    actors[me].r[4] = 0
    actors[me].r[5] = count
  }

  mutating func panic(_ me: Int) {
    let (text, length) = (actors[me].r[5], actors[me].r[6])
    if length > 256 || !owns(me, text, length, toWrite: false) { actors[me].r[6] = 0 }
    stop(me, 11)
  }

  // MARK: Services

  mutating func service(_ number: UInt32) {
    let argument = actors[0].r[4]
    let isTask = argument < actors.count
    let task = isTask ? Int(argument) : 0
    let isOrdinary = isTask && task != 0 && task != idle
    switch number {
    case 16 where isTask: status(task)
    case 17 where isOrdinary: endLife(task, isLast: false)
    case 23 where isOrdinary && !actors[task].isHealthy: endLife(task, isLast: true)
    case 18 where isOrdinary:
      stop(task, 12)
      actors[0].r[4] = 0
    case 19:
      let found = actors.indices.first {
        $0 >= argument && !actors[$0].isHealthy && !actors[$0].isGivenUp
      }
      actors[0].r[4] = UInt32(found ?? 0)
    case 20 where isTask && actors[task].record?.kind == 11:
      let (buffer, room) = (actors[0].r[7], actors[0].r[8])
      guard owns(0, buffer, room, toWrite: true) else {
        actors[0].r[4] = 2
        return
      }
      let count = min(room, actors[task].r[6])
      copy(actors[task].r[5], buffer, count)
      actors[0].r[4] = 0
      actors[0].r[5] = count
    case 21: reset = Reset(cause: 1, kind: 0, address: 0, programCounter: 0)
    case 22: for word in 0..<4 { actors[0].r[4 + word] = remembered[word] }
    default: actors[0].r[4] = 2
    }
  }

  /// Of a healthy task the fault's words (r7 to r9) are nobody's promise.
  mutating func status(_ task: Int) {
    let actor = actors[task]
    let identifier = { (peer: Int, life: Int) in UInt32(peer + 32 * life) * 65_536 }
    var state: UInt32
    switch actor.doing {
    case .running: state = 0
    case .receiving: state = 1
    case .waiting: state = 2
    case .sending(let peer, let life): state = 3 + identifier(peer, life)
    case .awaitingReply(let peer, let life): state = 4 + identifier(peer, life)
    }
    state += 256 * (actor.record?.kind ?? 0)
    actors[0].r[4] = 0
    actors[0].r[5] = UInt32((actor.isGivenUp ? 31 : task) + 32 * actor.restarts)
    actors[0].r[6] = state
    if let record = actor.record {
      actors[0].r[7] = record.detail
      actors[0].r[8] = record.address
      actors[0].r[9] = record.programCounter
    }
  }

  mutating func endLife(_ task: Int, isLast: Bool) {
    let old = actors[task].generation
    for number in lines.keys where lines[number]?.owner == task { lines[number]?.isEnabled = false }
    if !isLast { actors[task].restarts += 1 }
    for peer in actors.indices where actors[peer].isHealthy {
      let waited =
        actors[peer].doing == .sending(to: task, life: old)
        || actors[peer].doing == .awaitingReply(from: task, life: old)
      if waited {
        actors[peer].doing = .running
        actors[peer].r[4] = 0xFFFF_F800 + UInt32(actors[task].generation)
      }
    }
    if isLast { actors[task].isGivenUp = true } else { begin(task) }
    actors[0].r[4] = 0
  }

  /// A life begins: nothing of an earlier one is left but its count.
  mutating func begin(_ task: Int) {
    actors[task].r = [UInt32](repeating: 0, count: 12)
    actors[task].doing = .running
    actors[task].record = nil
    actors[task].isGivenUp = false
    actors[task].timer = nil
    actors[task].bits = 0
    let frame = UInt32(actors[task].ram.upperBound) - 32
    actors[task].stack = frame
    for offset in UInt32(0)..<32 { memory[frame + offset] = 0 }
    for byte in UInt32(0)..<4 {
      memory[frame + 24 + byte] = UInt8(actors[task].entry >> (8 * byte) & 0xFF)
    }
  }
}
