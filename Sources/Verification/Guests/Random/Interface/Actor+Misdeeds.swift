// RandomInterface/Actor+Misdeeds.swift: what an actor does besides its calls, and what it must not.
// Most misdeeds end its life; the supervisor gives it the next one.

import Apus
import CApus

extension Actor {
  /// Loads or stores somewhere, mostly in its own memory.
  mutating func touch() {
    trial.begin(Gadget.load &+ random.below(6))
    let isStrange = random.once(in: character.care)
    trial.set(1, isStrange ? hostileWord() : trial.outgoing &+ random.below(256))
    trial.set(0, random.next())
    trial.run()
  }

  /// Works for a while: less than a tick, mostly.
  mutating func spin() {
    if random.once(in: 128) { trial.begin(Gadget.loop) } else { trial.begin(Gadget.count) }
    trial.set(0, random.once(in: 8) ? 1 &+ random.below(20_000) : 1 &+ random.below(800))
    trial.run()
  }

  /// Does one of the things that tasks do not do.
  mutating func misbehave() {
    switch random.below(8) {
    case 0: if random.once(in: 3) { wildCalls() } else { sameCalls() }
    case 1, 2: sameCalls()
    case 3: floatingPoint()
    case 4: serviceCall()
    default:
      switch random.below(16) {
      case 0...12: misdeed()
      case 13: wait()
      default: ask()
      }
    }
  }

  private mutating func wildCalls() {
    trial.begin(Gadget.wildCalls)
    trial.set(0, random.next())
    trial.set(1, 1 &+ random.below(4))
    trial.set(2, random.once(in: 8) ? 0xFFFF_FFFF : 15)
    trial.set(3, random.once(in: 2) ? 0xFFFF_FFFF : 7)
    trial.run()
  }

  private mutating func sameCalls() {
    trial.set(4, peer(in: character.calls | character.notifies))
    trial.begin(Gadget.calls)
    trial.set(0, 1 &+ random.below(5))
    let isTimer = random.once(in: 2)
    trial.set(11, isTimer ? Call.getTimer.rawValue : Call.refreshTaskID.rawValue)
    trial.run()
  }

  /// Fills the floating-point registers and calls; without such a unit that is a fault.
  private mutating func floatingPoint() {
    guard random.once(in: 4) else { return chat() }
    trial.begin(Gadget.floatingPointCall)
    trial.set(0, trial.outgoing)
    trial.set(1, 0)
    trial.set(2, trial.incoming)
    trial.set(11, Call.getTimer.rawValue)
    trial.run()
  }

  /// A service of the supervisor's, or a panic, or a number that is no call.
  private mutating func serviceCall() {
    guard random.once(in: 4) else { return chat() }
    orderSlices()
    trial.set(4, random.below(8))
    call(15 &+ random.below(10))
  }

  private mutating func wait() {
    trial.begin(Gadget.waitForInterrupt)
    trial.run()
  }

  private mutating func misdeed() {
    trial.set(0, 1)
    trial.set(1, trial.outgoing | 1)
    trial.set(2, 0)
    switch random.below(14) {
    case 0: trial.begin(Gadget.undefined)
    case 1: trial.begin(Gadget.breakpoint)
    case 2: trial.begin(Gadget.coprocessor)
    case 3: trial.begin(Gadget.divide)
    case 4:
      trial.set(2, trial.outgoing &+ 2)
      trial.begin(Gadget.loadTwo)
    case 5: trial.begin(Gadget.pushes)
    case 6: trial.begin(Gadget.branch)
    case 7:
      trial.set(1, hostileWord())
      trial.begin(Gadget.branch)
    case 8:
      trial.set(1, 0xE000_ED28)
      trial.begin(Gadget.load)
    case 9:
      trial.set(1, hostileWord())
      trial.begin(Gadget.load)
    case 10:
      trial.set(1, hostileWord())
      trial.begin(Gadget.store)
    case 11, 12:
      orderSlices()
      trial.begin(Gadget.call)
      trial.set(11, Call.panic.rawValue)
    default:
      trial.begin(Gadget.call)
      trial.set(11, Call.getTimer.rawValue)
      trial.setStackPointer(hostileWord())
    }
    trial.run()
  }
}
