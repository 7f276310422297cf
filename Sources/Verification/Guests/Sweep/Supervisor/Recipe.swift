// SweepSupervisor/Recipe.swift: which registers, which stack and which alarm each trial has.
// All of it follows from the host's numbers and the trial's: any one can be made again alone.

import Apus
import CApusTrials
import SweepInterface

/// What the host has asked for.
struct Recipe {
  /// Addresses that are worth an attack, and numbers that mean something to the kernel.
  var lures: InlineArray<16, UInt32> = InlineArray(repeating: 0)
  /// The registers that are not random, bit by bit, and their values.
  var fixed: UInt32 = 0
  var values: InlineArray<13, UInt32> = InlineArray(repeating: 0)
  /// The next trial's number, and the one behind the last.
  var next: UInt32 = 0
  var end: UInt32 = 0
  var seed: UInt32 = 0
  /// Where the trial executes, and the distance to the next one's place.
  var place: UInt32 = 0
  var placeStep: UInt32 = 0
  /// The stack pointer and its step; 1 keeps it, 0 draws one of several kinds.
  var stack: UInt32 = 1
  var stackStep: UInt32 = 0
  /// The count for the driver's timer and its step; 0 for no alarm.
  var alarm: UInt32 = 0
  var alarmStep: UInt32 = 0
  /// If not 0, r11 is a number below it, and r4 often one that names a task.
  var calls: UInt32 = 0

  /// If not 0, the register that has the swept stack pointer, for the trial itself to move.
  var stackRegister: UInt32 = 0

  /// The words of one order, drawn one after the other.
  private var state: UInt32 = 1

  /// Prepares for the host's numbers, in the order of the line.
  mutating func begin(_ words: HostLine) {
    next = words[1]
    end = words[1] &+ words[2]
    seed = words[3]
    place = words[4]
    placeStep = words[5]
    stack = words[6]
    stackStep = words[7]
    alarm = words[8]
    alarmStep = words[9]
    calls = words[10]
    stackRegister = words[11]
  }

  /// Puts the next trial's order to `buffer`, and goes on to the one after it.
  mutating func write(to buffer: UnsafeMutableRawBufferPointer) {
    state = (seed ^ next &* 0x9E37_79B9) | 1
    _ = draw()
    func put(_ index: Int, _ value: UInt32) {
      buffer.storeBytes(of: value, toByteOffset: index &* 4, as: UInt32.self)
    }
    put(0, Order.jump)
    put(1, stackRegister != 0 ? 1 : stack == 0 ? drawStack() : stack)
    put(2, draw() & 0xF800_0000)
    var register = 0
    while register < 13 {
      let drawn = drawRegister()
      put(register &+ 3, fixed &>> UInt32(register) & 1 != 0 ? values[register] : drawn)
      register &+= 1
    }
    if stackRegister != 0 { put(Int(truncatingIfNeeded: stackRegister) &+ 3, stack) }
    put(4, place | 1)
    if calls != 0 {
      put(14, quotientRest(draw(), calls))
      let word = draw()
      if word & 0x100 != 0 { put(7, word & 7 | word & 0x7_0000) }
    }
    next &+= 1
    place &+= placeStep
    stack &+= stackStep
    alarm &+= alarmStep
  }

  private func quotientRest(_ value: UInt32, _ divisor: UInt32) -> UInt32 {
    value &- value / divisor &* divisor
  }

  /// xorshift, 32 bits; the state is never 0.
  private mutating func draw() -> UInt32 {
    state ^= state &<< 13
    state ^= state &>> 17
    state ^= state &<< 5
    return state
  }

  /// Anything; something small; near a lure, aligned or not; in the task's own memory.
  private mutating func drawRegister() -> UInt32 {
    let word = draw()
    let lure = lures[Int(truncatingIfNeeded: word &>> 4 & 15)]
    switch word & 7 {
    case 0, 1: return draw()
    case 2: return word &>> 8 & 0xFF
    case 3: return lure &+ (word &>> 8 & 0x7F) &- 0x40
    case 4, 5: return lure &+ (word &>> 8 & 0x3C)
    // Lure 0 is the base of the hostile task's own kilobyte.
    case 6: return lures[0] &+ (word &>> 8 & 0x3FC)
    default: return lures[0] &+ (word &>> 8 & 0x3FF)
    }
  }

  /// As it is, half of the time; in or around the task's own memory; near a lure; anywhere.
  private mutating func drawStack() -> UInt32 {
    let word = draw()
    switch word & 7 {
    case 0, 1, 2, 3: return 1
    case 4: return lures[0] &+ (word &>> 8 & 0x3FC)
    case 5: return lures[0] &- 128 &+ (word &>> 8 & 0x4FC)
    case 6: return lures[Int(truncatingIfNeeded: word &>> 4 & 15)] &+ (word &>> 8 & 0x7C)
    default: return draw() & ~3
    }
  }
}
