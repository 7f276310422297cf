// RandomSupervisor/Supervisor.swift: gives each life its seed, restarts who falls, and meddles.
// Calls: nobody. Called by: all. It falls itself now and then. What it keeps: the seed of the
// machine's next life, without which all lives that end alike would be alike.

import Apus
import CApus
import RandomInterface

struct Supervisor: TaskProgram {
  let trial = Trial()
  var random = RandomStream(seed: 1)

  mutating func run() -> Never {
    // At power-on the record is noise, which is where the first seed comes from.
    let record = Call.readResetRecord()
    let noise = record.address ^ record.cause &* 0x9E37_79B1 ^ record.state &* 0x85EB_CA6B
    random = RandomStream(seed: Image.kept.read() ?? noise)
    Image.kept.write(random.next())
    armTimer()
    while true {
      let envelope = Call.receive(
        into: UnsafeMutableRawBufferPointer(
          start: UnsafeMutableRawPointer(bitPattern: UInt(trial.incoming)), count: 256),
        notifications: Notification.fault | Notification.timer)
      guard let bits = envelope.notifications else {
        answer(envelope)
        continue
      }
      // Some falls are left to the next round, so that others meet the fallen.
      if bits & Notification.fault != 0, !random.once(in: 4) { restartFallen() }
      if bits & Notification.timer != 0 {
        restartFallen()
        meddle()
        armTimer()
      }
    }
  }

  private mutating func armTimer() {
    Call.setTimer(
      Time.deadline(after: random.below(12), from: Time.now), notifications: Notification.timer)
  }

  /// A seed for a new life, and for anything else a code.
  private mutating func answer(_ envelope: Envelope) {
    if UInt32(envelope.operation) == Message.hello, envelope.replyCapacity >= 4 {
      apus_store(trial.outgoing, random.next())
      let seed = UnsafeRawBufferPointer(
        start: UnsafeRawPointer(bitPattern: UInt(trial.outgoing)), count: 4)
      Call.reply(to: envelope.sender, seed)
    } else if random.once(in: 16) {
      let reason = RefusalReason(rawValue: UInt16(truncatingIfNeeded: random.below(6)))
      Call.replyFault(to: envelope.sender, reason ?? .undefinedOperation)
    } else {
      Call.reply(to: envelope.sender, code: UInt16(truncatingIfNeeded: random.below(4)))
    }
  }

  private mutating func restartFallen() {
    var next = 1
    while let index = Call.findFaultedTask(from: next) {
      next = index &+ 1
      let word = UInt32(truncatingIfNeeded: index)
      if random.once(in: 2) { service(Call.taskStatus.rawValue, word) }
      if !random.once(in: 4) { service(Call.readPanicText.rawValue, word) }
      if random.once(in: 16) { service(Call.giveUp.rawValue, word) }
      if !random.once(in: 8) { Call.restartTask(index) }
    }
  }

  /// Makes a few calls that nobody asked for.
  private mutating func meddle() {
    var rest = random.below(8)
    while rest > 0 {
      rest &-= 1
      let index = random.once(in: 32) ? random.next() : random.below(8)
      switch random.below(16) {
      case 0...2: service(Call.taskStatus.rawValue, index)
      case 3: service(Call.restartTask.rawValue &+ 6 &* random.below(2), index)
      case 4, 5: if random.once(in: 4) { service(Call.injectFault.rawValue, index) }
      case 6: service(Call.findFaultedTask.rawValue, index)
      case 7: service(Call.readPanicText.rawValue, index)
      case 8: service(Call.readResetRecord.rawValue, index)
      case 9: service(Call.refreshTaskID.rawValue, random.below(7))
      case 10...13: post(1 &+ random.below(5))
      default: if random.once(in: 12) { fall() }
      }
    }
  }

  private mutating func post(_ index: UInt32) {
    let target = Call.refreshTaskID(TaskID(index: Int(truncatingIfNeeded: index)))
    Call.post(random.once(in: 64) ? random.next() : random.next() & Bit.posted, to: target)
  }

  /// A service with a buffer that is mostly good.
  private mutating func service(_ number: UInt32, _ index: UInt32) {
    trial.begin(Gadget.call)
    trial.set(4, index)
    trial.set(7, random.once(in: 16) ? random.next() : trial.incoming &+ random.below(8))
    trial.set(8, random.below(300))
    trial.set(11, number)
    trial.run()
  }

  /// Ends the machine's life.
  private mutating func fall() {
    switch random.below(4) {
    case 0: trial.set(11, Call.resetMachine.rawValue)
    case 1: trial.set(11, Call.irqControl.rawValue)
    case 2: trial.set(11, random.next() | 64)
    default:
      trial.begin(Gadget.load)
      trial.set(1, 0x6000_0000 | random.next() &>> 2)
      return trial.run()
    }
    trial.begin(Gadget.call)
    trial.set(4, 0)
    trial.set(5, 0)
    trial.run()
  }
}
