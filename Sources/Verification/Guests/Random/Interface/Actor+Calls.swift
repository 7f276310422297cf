// RandomInterface/Actor+Calls.swift: the calls of an actor: asking, serving, lending, waiting.
// What comes back is remembered as far as it helps to make the next call a good one.

import Apus
import CApus

extension Actor {
  /// Sends to somebody more important, with leases or without.
  mutating func ask() {
    let target = known(in: character.calls)
    orderLeases()
    orderSlices()
    trial.set(4, target | random.below(8) &<< 16)
    trial.set(9, trial.leases)
    trial.set(10, random.once(in: 8) ? 0 : 1 &+ random.below(3))
    call(Call.send.rawValue)
    learn(trial.result(4), of: target & 31)
  }

  /// Takes the news of a death over, mostly.
  private mutating func learn(_ code: UInt32, of index: UInt32) {
    guard code >= 0xFFFF_F800, !random.once(in: 4) else { return }
    known[Int(truncatingIfNeeded: index & 7)] = UInt16(truncatingIfNeeded: code &<< 5 | index)
  }

  private mutating func orderLeases() {
    var entry = trial.leases
    while entry < trial.leases &+ 36 {
      apus_store(entry, trial.outgoing &+ random.below(300))
      apus_store(entry &+ 4, random.once(in: 64) ? hostileWord() : random.below(400))
      apus_store(entry &+ 8, random.once(in: 64) ? random.below(8) : random.below(4))
      entry &+= 12
    }
  }

  /// Waits for a message or a notification, the timer's at the latest.
  mutating func listen(_ number: UInt32) {
    armTimer()
    orderSlices()
    orderReply()
    listenOnly(number)
  }

  private mutating func listenOnly(_ number: UInt32) {
    trial.set(9, random.once(in: 16) ? random.next() : Bit.all)
    // A buffer that is not its own is found out when a message comes, and must not cost the sender.
    if random.once(in: 24) {
      trial.set(7, hostileWord())
      trial.set(8, 1 &+ random.below(64))
    }
    call(number)
    let sender = trial.result(4) & 0xFFFF
    guard sender != UInt32(TaskID.kernel.rawValue) else { return }
    rooms[Int(truncatingIfNeeded: sender & 7)] = UInt16(truncatingIfNeeded: trial.result(6))
    clients[Int(truncatingIfNeeded: sender & 7)] = UInt16(truncatingIfNeeded: sender)
    known[Int(truncatingIfNeeded: sender & 7)] = UInt16(truncatingIfNeeded: sender)
  }

  /// Waits for notifications alone.
  mutating func rest() {
    armTimer()
    trial.set(9, random.once(in: 8) ? random.next() | Bit.timer : Bit.timer)
    call(Call.receiveNotifications.rawValue)
  }

  private mutating func armTimer() {
    if random.once(in: 2) { return }  // It is armed still, or somebody must come.
    call(Call.getTimer.rawValue)
    let now = trial.result(4)
    trial.set(4, now &+ random.below(4))
    trial.set(5, trial.result(5))
    trial.set(6, random.once(in: 16) ? random.next() : Bit.timer)
    call(Call.setTimer.rawValue)
  }

  /// Does something for a client that waits, if there is one.
  mutating func attend() {
    let index = Int(truncatingIfNeeded: random.below(8))
    var place = 0
    while clients[(index &+ place) & 7] == TaskID.kernel.rawValue {
      place &+= 1
      if place == 8 { return random.once(in: 2) ? ask() : listen(Call.receive.rawValue) }
    }
    let client = UInt32(clients[(index &+ place) & 7])
    orderSlices()
    switch random.below(16) {
    case 0...3: borrow(client, Call.borrowRead.rawValue)
    case 4...6: borrow(client, Call.borrowWrite.rawValue)
    case 7, 8: borrow(client, Call.borrowInfo.rawValue)
    case 9, 10: reply(client, Call.reply.rawValue)
    case 11, 12: reply(client, Call.replyAndReceive.rawValue)
    case 13, 14: refuse(client)
    default:
      // Somebody is asked for a loan who died since, or who may not wait at all.
      let stale = random.once(in: 2) ? client &- 1 &<< 5 & 0xFFFF : known(in: 0xFE)
      borrow(stale, Call.borrowRead.rawValue &+ random.below(3))
    }
  }

  private mutating func borrow(_ client: UInt32, _ number: UInt32) {
    trial.set(4, client | (random.once(in: 8) ? random.below(4) &<< 16 : 0))
    trial.set(7, random.once(in: 16) ? random.below(420) : random.below(4))
    if random.once(in: 24) { trial.set(5, random.next()) }
    call(number)
  }

  private mutating func reply(_ client: UInt32, _ number: UInt32) {
    // Who is not forgotten will be asked for loans that it no longer grants.
    if !random.once(in: 4) {
      clients[Int(truncatingIfNeeded: client & 7)] = TaskID.kernel.rawValue
    }
    trial.set(4, client | (random.once(in: 2) ? 0 : random.below(4) &<< 16))
    let room = UInt32(rooms[Int(truncatingIfNeeded: client & 7)])
    if !random.once(in: 32) { trial.set(6, random.below(min(room, 256) &+ 1)) }
    if number == Call.reply.rawValue { call(number) } else { listenOnly(number) }
  }

  /// Orders what a `replyAndReceive` wants for a client that nobody has.
  private func orderReply() { trial.set(4, 7) }

  private mutating func refuse(_ client: UInt32) {
    clients[Int(truncatingIfNeeded: client & 7)] = TaskID.kernel.rawValue
    trial.set(4, client | random.below(random.once(in: 8) ? 8 : 6) &<< 16)
    call(Call.replyFault.rawValue)
  }

  /// The small calls that everybody may make.
  mutating func chat() {
    switch random.below(8) {
    case 0...4:
      let target = known(in: character.notifies)
      trial.set(4, target)
      let bits = target & 31 == 0 ? Bit.poke : random.next() & Bit.posted
      trial.set(5, random.once(in: 64) ? random.next() : bits)
      call(Call.post.rawValue)
      learn(trial.result(4), of: target & 31)
    case 5, 6:
      let peers = character.calls | character.notifies
      let index = random.once(in: 128) ? random.below(7) : known(in: peers) & 31
      trial.set(4, index)
      call(Call.refreshTaskID.rawValue)
      known[Int(truncatingIfNeeded: index)] = UInt16(truncatingIfNeeded: trial.result(4))
    default: call(Call.getTimer.rawValue)
    }
  }

  /// Sees to the device, if it has one.
  mutating func attendDevice() {
    guard let device = character.device else {
      guard random.once(in: 32) else { return ask() }
      trial.set(4, Bit.device)
      trial.set(5, 0)
      return call(Call.irqControl.rawValue)
    }
    if random.once(in: 2) { device.clearInterrupt() }
    if random.once(in: 8) {
      device.start(every: character.interval / 8 &+ random.below(character.interval))
    }
    trial.set(4, random.once(in: 8) ? random.next() | Bit.device : Bit.device)
    trial.set(5, random.once(in: 16) ? 4 : random.below(4) | InterruptControl.enable)
    call(random.once(in: 4) ? Call.irqStatus.rawValue : Call.irqControl.rawValue)
  }
}
