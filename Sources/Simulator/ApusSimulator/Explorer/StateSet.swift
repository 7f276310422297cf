// ApusSimulator/Explorer/StateSet.swift: what was visited, exactly and in few bytes.
// Keys are compared whole: a collision of hashes never hides a state.

import ApusKernel

/// The distinct states of one task, numbered in the order of their discovery.
struct LocalStates {
  private(set) var states: [ApusKernel.Task] = []
  private var table = [Int32](repeating: -1, count: 1 << 12)

  var count: Int { states.count }

  /// The number of `task`, a new one if it is new.
  @inline(__always)
  mutating func number(of task: ApusKernel.Task) -> Int {
    var slot = Int(truncatingIfNeeded: Self.hash(task)) & (table.count - 1)
    while table[slot] >= 0 {
      if states[Int(table[slot])] == task { return Int(table[slot]) }
      slot = (slot + 1) & (table.count - 1)
    }
    return insert(task, slot)
  }

  private mutating func insert(_ task: ApusKernel.Task, _ slot: Int) -> Int {
    states.append(task)
    table[slot] = Int32(states.count - 1)
    precondition(states.count < 1 << 20, "a task has more states than a key has room for")
    if states.count * 2 > table.count {
      table = [Int32](repeating: -1, count: table.count * 2)
      for (number, state) in states.enumerated() {
        var place = Int(truncatingIfNeeded: Self.hash(state)) & (table.count - 1)
        while table[place] >= 0 { place = (place + 1) & (table.count - 1) }
        table[place] = Int32(number)
      }
    }
    return states.count - 1
  }

  /// Mixes the words in which canonical states differ.
  @inline(__always)
  private static func hash(_ task: ApusKernel.Task) -> UInt64 {
    var hash = UInt64(task.state.rawValue) << 32 | UInt64(task.pending)
    func mix(_ high: UInt32, _ low: UInt32) {
      hash = (hash ^ (UInt64(high) << 32 | UInt64(low))) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    mix(task.registers.r4, task.registers.r5)
    mix(task.registers.r6, task.registers.r7)
    mix(task.registers.r8, task.registers.r9)
    mix(task.registers.r10, task.timerBitsOrDetail)
    mix(task.deadlineOrAddress, task.deadlineOrProgramCounter)
    return hash ^ hash >> 32
  }
}

/// All visited states in the order of their discovery, each with the step that led there first.
struct StateSet {
  private(set) var keys: [UInt64] = []
  private var parentNumbers: [Int32] = []
  private var eventNumbers: [UInt16] = []
  private var table = [Int32](repeating: -1, count: 1 << 16)

  var count: Int { keys.count }
  func parent(_ state: Int) -> Int { Int(parentNumbers[state]) }
  func event(_ state: Int) -> Int { Int(eventNumbers[state]) }

  /// Notes a state unless it is known.
  @inline(__always)
  mutating func insert(_ key: UInt64, parent: Int, event: Int) {
    var slot = Self.slot(key, table.count)
    while table[slot] >= 0 {
      if keys[Int(table[slot])] == key { return }
      slot = (slot + 1) & (table.count - 1)
    }
    table[slot] = Int32(keys.count)
    keys.append(key)
    parentNumbers.append(Int32(parent))
    eventNumbers.append(UInt16(event))
    if keys.count * 2 > table.count { grow() }
  }

  @inline(__always)
  private static func slot(_ key: UInt64, _ count: Int) -> Int {
    let hash = (key ^ key >> 31) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: hash >> 24) & (count - 1)
  }

  private mutating func grow() {
    table = [Int32](repeating: -1, count: table.count * 2)
    for (number, key) in keys.enumerated() {
      var slot = Self.slot(key, table.count)
      while table[slot] >= 0 { slot = (slot + 1) & (table.count - 1) }
      table[slot] = Int32(number)
    }
  }
}
