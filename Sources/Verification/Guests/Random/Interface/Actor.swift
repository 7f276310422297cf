// RandomInterface/Actor.swift: a task without a plan: each step is what its random stream says.
// Most steps are sensible, so that the others find something to disturb.

import Apus
import CApus

/// The notifications that all actors have in common, as in the manifest.
public enum Bit {
  /// What actors post to each other, and to the supervisor.
  public static var posted: UInt32 { 0b111 }
  public static var poke: UInt32 { 1 << 2 }
  public static var timer: UInt32 { 1 << 2 }
  public static var device: UInt32 { 1 << 3 }
  public static var all: UInt32 { 0b1111 }
}

/// What the tasks say to the supervisor.
public enum Message {
  /// A new life asks for its seed: no bytes there, four back.
  public static var hello: UInt32 { 1 }
}

/// What makes an actor different from the others.
public struct Character {
  /// Whom it may send to and post to: bit n is task n.
  let calls: UInt32
  let notifies: UInt32
  /// One call in so many has a register that is not what it should be.
  let care: UInt32
  /// The device whose interrupts it owns.
  let device: IntervalTimer?
  /// The longest interval of its interrupts, in cycles.
  let interval: UInt32

  @inline(__always)
  public init(
    calls: UInt32, notifies: UInt32, care: UInt32, device: IntervalTimer? = nil,
    interval: UInt32 = 0
  ) {
    self.calls = calls
    self.notifies = notifies
    self.care = care
    self.device = device
    self.interval = interval
  }
}

/// A set of one task, as `Character` counts.
@inline(__always)
public func bit(_ task: TaskID) -> UInt32 { 1 &<< UInt32(truncatingIfNeeded: task.index) }

/// One task's life.
public struct Actor {
  let character: Character
  let trial = Trial()
  var random: RandomStream
  /// The identifiers by which it knows the others; some are of a former life.
  var known = InlineArray<8, UInt16> { UInt16($0) }
  /// Who waits for its reply, by index; `TaskID.kernel` for none.
  var clients: InlineArray<8, UInt16> = InlineArray(repeating: 0xFFFF)
  /// How many bytes each of them takes as a reply.
  var rooms: InlineArray<8, UInt16> = InlineArray(repeating: 0)

  /// Begins a life with a seed from the supervisor.
  @inline(__always)
  public init(_ character: Character) {
    self.character = character
    let answer = apus_send_plain(
      UInt(Call.send.rawValue), UInt(Message.hello &<< 16), 0, 0, UInt(trial.incoming), 4)
    // Without an answer, as the supervisor has a will of its own, the generation must do.
    random = RandomStream(
      seed: answer.byteCount == 4 ? apus_load(trial.incoming) : UInt32(answer.code))
  }

  /// Lives until it falls.
  @inline(__always)
  public mutating func run() -> Never {
    var place: UInt32 = 0
    while place < 256 {
      apus_store(trial.outgoing &+ place, random.next())
      place &+= 4
    }
    startDevice()
    while true { step() }
  }

  @inline(never)
  private mutating func step() {
    switch random.below(16) {
    case 0: rest()
    case 1, 2, 3: ask()
    case 4, 5: listen(Call.receive.rawValue)
    case 6, 7, 8, 9: attend()
    case 10: touch()
    case 11: spin()
    case 12, 13: chat()
    case 14: attendDevice()
    default: misbehave()
    }
  }

  /// Makes the call whose arguments are ordered; now and then one register is spoilt first.
  @inline(never)
  mutating func call(_ number: UInt32) {
    trial.begin(Gadget.call)
    trial.set(11, number)
    if random.once(in: character.care) { trial.set(4 &+ random.below(8), hostileWord()) }
    if random.once(in: 512) { trial.setStackPointer(hostileWord()) }
    trial.run()
  }

  // MARK: - Words

  /// A word that nobody expects.
  @inline(never)
  mutating func hostileWord() -> UInt32 {
    let memory = trial.memory
    switch random.below(16) {
    case 0: return 0
    case 1: return 1 &<< random.below(32)
    case 2: return 0xFFFF_FFFF
    case 3: return 0xFFFF_FFFF &- random.below(300)
    case 4: return memory &- 1
    case 5: return memory &+ 1280 &- random.below(16)
    case 6: return memory &+ 1280 &+ random.below(1280)
    case 7: return memory &- random.below(2560)
    case 8: return random.below(0x4000)  // Flash, the kernel's or somebody's.
    case 9: return 0x2000_0000 &+ random.below(1024)  // The kernel's RAM.
    case 10: return 0x4000_0000 &+ random.below(0x6000)
    case 11: return 0xE000_E000 &+ random.below(0x1000) & ~3
    case 12: return 250 &+ random.below(16)
    case 13: return random.below(64)
    default: return random.next()
    }
  }

  /// A number of bytes; one in a hundred is too many.
  mutating func length() -> UInt32 {
    switch random.below(8) {
    case 0: return 0
    case 1: return 246 &+ random.below(11)
    case 2: return random.below(257)
    case 3: return random.once(in: 12) ? 257 : 256
    default: return random.below(20)
    }
  }

  /// A task of `set`, the supervisor seldom; now and then any.
  mutating func peer(in set: UInt32) -> UInt32 {
    var tries: UInt32 = 0
    while tries < 16 {
      let index = random.below(8)
      tries &+= 1
      // The supervisor answers at once, and lends and borrows nothing.
      if index == 0 && tries < 8 { continue }
      if set &>> index & 1 != 0 || random.once(in: 512) { return index }
    }
    return 0
  }

  /// A task by the identifier that it is known by.
  mutating func known(in set: UInt32) -> UInt32 {
    UInt32(known[Int(truncatingIfNeeded: peer(in: set) & 7)])
  }

  /// Orders a slice to send from, and one to receive into.
  mutating func orderSlices() {
    apus_store(trial.outgoing &+ random.below(64) &* 4, random.next())
    trial.set(5, trial.outgoing &+ random.below(24))
    trial.set(6, length())
    trial.set(7, trial.incoming &+ random.below(24))
    trial.set(8, length())
    if random.once(in: 24) { orderEdge() }
  }

  /// Orders a slice at one of the ends of the task's RAM, half of the time just beyond it.
  private mutating func orderEdge() {
    let register = random.once(in: 2) ? UInt32(5) : 7
    let count = 1 &+ random.below(32)
    let first = trial.memory &- random.below(2)
    let last = trial.memory &+ 1280 &- count &+ random.below(2)
    trial.set(register, random.once(in: 2) ? first : last)
    trial.set(register &+ 1, count)
  }

  private func startDevice() {
    guard let device = character.device else { return }
    var stream = random
    device.start(every: character.interval / 8 &+ stream.below(character.interval))
    Call.irqControl(Bit.device, InterruptControl.enable)
  }
}
