// KernelModel/WalkChoices.swift: what a task of the walk asks the kernel for.
// Mostly sensible, so that something happens; now and then at an edge or beyond it.

import ApusABI
import ApusKernel

extension Walk {
  func ram(_ task: Int) -> UInt32 { 0x2000_0000 + UInt32(task) * 0x400 }

  mutating func hostileAddress(_ task: Int) -> UInt32 {
    let base = ram(task)
    return dice.pick([
      0, .max, 0xFFFF_FFE0, 0x4000_0000, base - 1, base - 4, base + 0x3E1, base + 0x3E4,
      base + 0x3FF, base + 0x400, 0x2000_0002,
    ])
  }

  /// A slice of at most `limit` bytes, nine times in ten the task's own.
  mutating func slice(_ task: Int, _ limit: UInt32, reading: Bool) -> (UInt32, UInt32) {
    let length = dice.chance(30) ? dice.pick([0, 1, limit - 1, limit]) : dice.below(limit + 1)
    switch dice.below(100) {
    case 0..<70: return (ram(task) + 0x40 + dice.below(0x3A0 - length), length)
    case 70..<80: return (ram(task) + 0x400 - length, length)
    case 80..<85: return (ram(task), length)
    case 85..<93:
      let flash = 0x1000 + UInt32(task) * 0x80
      let short = min(length, 0x80)
      return reading ? (flash + 0x80 - short, short) : (ram(task) + 0x100, length)
    case 93: return (ram(task) + 0x401 - length, length)
    case 94: return (ram(task) - 1, length)
    case 95: return (0x1000 + UInt32(task) * 0x80, length)
    case 96: return (ram(task), .max - dice.below(4))
    case 97: return (ram(dice.below(6)) + 0x100, length)
    default: return (hostileAddress(task), length)
    }
  }

  /// The identifier of `task`, seldom one of another life.
  mutating func identifier(_ task: Int) -> UInt32 {
    guard task < Self.taskCount else { return UInt32(task) }
    let id = model.identifier(task)
    return dice.chance(4) ? (id &- 32 &* dice.below(3)) & 0xFFFF : id
  }

  /// Somebody who waits for the reply of `me`, or anybody.
  mutating func client(of me: Int) -> Int {
    let waiting = model.actors.indices.filter {
      model.actors[$0].doing
        == .awaitingReply(from: me, life: model.actors[me].generation)
    }
    if waiting.isEmpty || dice.chance(6) { return dice.below(7) }
    return dice.pick(waiting)
  }

  /// Writes a table of two leases for `task`, into both memories.
  mutating func writeLeases(_ task: Int) {
    for entry in UInt32(0)..<2 {
      var (address, length) = slice(task, 0x200, reading: false)
      if dice.chance(10) { (address, length) = slice(task, 0x60, reading: true) }
      if dice.chance(3) { (address, length) = (.max, 0) }
      let rights: UInt32 =
        dice.chance(3) ? dice.pick([4, 5, 1 << 31]) : dice.pick([0, 1, 2, 3, 3, 3])
      for (offset, word) in [address, length, rights].enumerated() {
        let place = ram(task) + 12 * entry + 4 * UInt32(offset)
        machine.write(word: word, at: place)
        for byte in UInt32(0)..<4 {
          model.memory[place + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte))
        }
      }
    }
  }

  mutating func chooseMask() -> UInt32 { dice.pick([0, 1, 1, 0x10, 0x50, 0xFF, ~0]) }

  /// Fills the registers for a likely call of `me`.
  mutating func choose(_ me: Int, _ r: inout [UInt32]) {
    if dice.chance(1) && dice.chance(40) {
      r[11] = dice.pick([24, 25, 1 << 16, 1 << 31, .max])
    } else if me == 0 && dice.chance(50) {
      chooseService(&r)
    } else {
      r[11] = dice.pick([
        0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5, 6, 6, 7, 8, 8, 8, 9, 9, 9, 10, 11, 11,
        12,
        13, 13, 14,
      ])
      if dice.chance(1) { r[11] = dice.pick([15, 15, 16 + dice.below(8)]) }
      if me == 0 { r[11] = dice.pick([1, 1, 1, 2, 2, 4, 4, r[11]]) }
      chooseArguments(me, &r)
    }
  }

  private mutating func chooseService(_ r: inout [UInt32]) {
    let faulted = model.actors.indices.filter { !model.actors[$0].isHealthy }
    r[11] = dice.chance(60) ? 17 : dice.pick([16, 16, 18, 19, 19, 20, 20, 20, 22, 23, 23])
    if dice.chance(1) { r[11] = 21 }
    r[4] = dice.below(9)
    if !faulted.isEmpty && dice.chance(70) { r[4] = UInt32(dice.pick(faulted)) }
    // Beyond the tasks there is nothing to find: `ServicesTests` says what comes back then.
    if r[11] != 19 && dice.chance(4) { r[4] = dice.pick([32, 33, 1 << 16, .max]) }
    (r[7], r[8]) = slice(0, 64, reading: false)
  }

  private mutating func chooseArguments(_ me: Int, _ r: inout [UInt32]) {
    let upper = dice.chance(90) ? dice.below(6) << 16 : r[4] & 0xFFFF_0000
    (r[5], r[6]) = slice(me, dice.chance(96) ? 256 : 300, reading: true)
    (r[7], r[8]) = slice(me, 256, reading: false)
    // The supervisor's interrupt always wakes it: otherwise all might wait for ever.
    r[9] = chooseMask() | (me == 0 ? 2 : 0)
    switch r[11] {
    case 0:
      r[4] = upper | identifier(dice.chance(97) ? dice.below(max(me, 1)) : dice.below(8))
      (r[9], r[10]) = (dice.chance(96) ? ram(me) : hostileAddress(me), dice.below(3))
      if dice.chance(20) { r[10] = dice.pick([255, 255, 256, 65_535, .max]) }
      writeLeases(me)
    case 3, 4, 5:
      let client = client(of: me)
      r[4] = upper | identifier(client)
      let room = client < 6 ? model.actors[client].r[8] : 0
      if dice.chance(96) { r[6] = min(r[6], room) }
    case 6:
      let deadline = model.now &+ UInt64(dice.below(20)) &- 3
      (r[4], r[5]) = (UInt32(truncatingIfNeeded: deadline), UInt32(deadline >> 32 & 0xFFFF_FFFF))
      if dice.chance(10) { r[5] &+= 1 }
      r[6] = dice.pick([0, 1, 1, 2, 0x10, .max])
    case 8, 9, 10:
      let lender = client(of: me)
      r[4] = identifier(lender) | dice.below(2) << 16
      if dice.chance(3) { r[4] |= 7 << 16 }
      let count = lender < 6 ? model.actors[lender].r[10] : 0
      if dice.chance(30) { r[4] = identifier(lender) | (count &- dice.below(2)) << 16 }
      (r[5], r[6]) = slice(me, 300, reading: r[11] == 9)
      r[7] = dice.chance(97) ? dice.pick([0, 0, 1, 16, 255, 256]) : dice.below(0x200)
      let lent = lender < 6 ? lentBytes(lender, r[4] >> 16) : 0
      if dice.chance(30) { r[7] = lent } else if dice.chance(95) { r[7] = min(r[7], lent) }
    case 11:
      (r[4], r[5]) = (dice.pick([0x10, 0x50, 0x40, ~0, 0x80]), dice.below(dice.chance(5) ? 9 : 4))
    case 12: r[4] = dice.pick([0x10, 0x12, 0x50, 0x40, ~0, 0x80])
    case 13:
      (r[4], r[5]) = (upper | identifier(dice.below(6)), dice.pick([0, 2, 2, 0x10, 0x12]))
      if dice.chance(10) { r[5] = dice.pick([1, 0x41, 0x52, .max]) }
    case 14:
      let task = dice.chance(97) || me == 0 ? dice.below(5) : dice.below(8)
      r[4] = upper | UInt32(task) | dice.below(2048) << 5
    default: break
    }
  }

  /// How many bytes that lease of `lender` has, if it has a good table.
  private func lentBytes(_ lender: Int, _ number: UInt32) -> UInt32 {
    let entry = model.actors[lender].r[9] &+ 12 &* number
    return model.owns(lender, entry, 12, toWrite: false) ? model.word(entry + 4) : 0
  }
}
