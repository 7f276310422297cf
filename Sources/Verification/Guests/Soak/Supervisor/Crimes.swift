// SoakSupervisor/Crimes.swift: what the hostile task is to try next, chosen by a seed.
// The words are an order of CApusTrials.h: a gadget, a stack pointer, flags, and r0...r12.

import Apus

/// A generator of words that look random (xorshift).
struct Dice {
  private var state: UInt32 = 1

  init() {}

  init(seed: UInt32) {
    state = seed | 1
  }

  /// The next word; never the same row for two seeds.
  @inline(never)
  mutating func roll() -> UInt32 {
    state ^= state &<< 13
    state ^= state &>> 17
    state ^= state &<< 5
    return state
  }
}

/// An order.
struct Order {
  var words: InlineArray<16, UInt32> = InlineArray(repeating: 0)

  /// Any crime, committed with random registers.
  ///
  /// `memory` is the hostile task's lowest byte, `desk` the server in its present life.
  init(_ dice: inout Dice, memory: UInt32, desk: TaskID) {
    var index = 3
    while index < 16 {
      words[index] = dice.roll()
      index &+= 1
    }
    words[1] = 1
    words[2] = dice.roll() & 0xF800_0000
    let spice = dice.roll()
    let kernel = 0x2000_0000 &+ (spice &>> 8 & 0x3FC)
    let own = memory &+ 192 &+ (spice &>> 16 & 0x1FC)
    switch spice & 31 {
    case 0: set(4, 1, kernel)  // A store into the kernel's memory,
    case 1: set(1, 1, kernel &+ (spice &>> 16 & 0x1FFC))  // a load from anybody's,
    case 2: set(6, 1, spice &>> 12 & 0xFFFF)  // a store into flash,
    case 3: set(1, 1, words[4])  // a load from anywhere,
    case 4: set(8, 1, words[4] | 1)  // a jump to anywhere,
    case 5: set(8, 1, kernel & 0x3FF | 1)  // into the kernel,
    case 6: set(8, 1, own | 1)  // into its own stack,
    case 7: set(8, 1, own & ~1)  // out of the Thumb state,
    case 8: words[0] = 11  // an undefined instruction,
    case 9: words[0] = 42
    case 10: words[0] = 22  // a breakpoint,
    case 11: set(27, 2, 0)  // a division by zero,
    case 12: set(28, 2, own | 2)  // an unaligned pair,
    case 13: set(25, 1, 0xFFFF_FFE1 &+ (spice &>> 8 & 0x1C))  // a forged return,
    case 14: words[0] = 24  // a coprocessor,
    case 15: call(23 &+ (spice &>> 8))  // no call,
    case 16: stack(0, kernel)  // a call, a fault or a tick with no room for its frame,
    case 17: stack(11, spice &>> 8 & 0x1C)
    case 18: stack(32, memory &+ (spice &>> 8 & 0x18))
    case 19: words[0] = 39  // a stack that grows for ever,
    case 20: call(Call.panic.rawValue)
    case 21: call(Call.firstService &+ (spice &>> 8 & 7))  // a service,
    case 22: call(spice &>> 8 & 15)  // any call with any words,
    case 23:
      // many of them,
      words[0] = 46
      set(46, 1, 8)
      set(46, 2, 15)
      set(46, 3, 0xFFFF_001F)
    case 24:
      // a message that lends what is not its own,
      call(Call.send.rawValue)
      set(0, 4, UInt32(desk.rawValue) | (6 | spice &>> 12 & 1) &<< 16)
      set(0, 5, own)
      set(0, 6, spice & 0x800 == 0 ? 20 : spice &>> 20)
      set(0, 7, own)
      set(0, 8, 4)
      set(0, 9, own)
      set(0, 10, spice &>> 8 & 3)
    case 25: set(48, 0, own)  // the floating-point unit and a call,
    case 26: set(5, 1, 0xE000_E000 &+ (spice &>> 8 & 0xFFE))  // the system control space,
    case 27: call(Call.setTimer.rawValue)  // a timer,
    case 28: call(Call.receive.rawValue)  // a wait for nothing,
    case 29: words[0] = spice & 0x700 == 0 ? 32 : 50  // a loop without an end, seldom,
    case 30: set(9, 0, words[3])  // a store of many words to anywhere,
    default: words[0] = 50
    }
  }

  private mutating func set(_ gadget: UInt32, _ register: Int, _ value: UInt32) {
    words[0] = gadget
    words[3 &+ register] = value
  }

  private mutating func call(_ number: UInt32) {
    set(0, 11, number)
  }

  private mutating func stack(_ gadget: UInt32, _ pointer: UInt32) {
    words[0] = gadget
    words[1] = pointer
  }
}
