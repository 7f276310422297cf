// FuzzTargets/Kernel/Stepper.swift: the kernel and the tests' model of it, led step by step by bytes.
// Any bytes mean something. After each step both must be in the same state, or the program traps.

import ApusABI
import ApusKernel

/// Where the next byte comes from; `nil` ends the way.
protocol ByteSource {
  mutating func byte() -> UInt8?
}

/// A kernel beside the model, both changed by the same events.
struct Stepper<Source: ByteSource> {
  var source: Source
  var walk: Walk
  /// The steps taken.
  var stepCount = 0
  /// The last step, if it was a call: words are made of it only when they are needed.
  private var call: (caller: Int, r: [UInt32])?
  /// The calls among them, by who came out how.
  var tally = Tally()

  /// What became of the callers.
  struct Tally {
    var calls = 0
    var faults = 0
    var blocked = 0
    var resets = 0
  }

  init(_ source: Source, booted: Walk) {
    self.source = source
    walk = booted
  }

  /// Takes steps until the bytes end or `limit` calls are made.
  ///
  /// - Returns: What was wrong with the last one, in words.
  mutating func run(limit: Int) -> String? {
    while tally.calls < limit, let choice = source.byte() {
      step(choice)
      stepCount += 1
      if let wrong = walk.disagreement(compareMemory: false) {
        return "step \(stepCount), after \(did): \(wrong)"
      }
      if stepCount & 0x3FFF == 0, let place = differingByte {
        return "before step \(stepCount): memory differs at \(hex(place))"
      }
      if walk.model.reset != nil {
        tally.resets += 1
        bootAgain()
      }
    }
    return differingByte.map { "at the end: memory differs at \(hex($0))" }
  }

  /// Where the machine's memory is not as the model has it.
  private var differingByte: UInt32? {
    for (offset, byte) in walk.machine.ram.enumerated() {
      let place = ToyMachine.ramBase + UInt32(offset)
      if walk.model.memory[place] != byte { return place }
    }
    return nil
  }

  /// The last step, in words.
  private var did: String {
    guard let call else { return walk.did }
    return "task \(call.caller) calls \(call.r[11]) with r4...r10 = \(call.r[4...10].map(hex))"
  }

  private mutating func step(_ choice: UInt8) {
    let me = walk.model.current
    call = nil
    switch choice & 15 {
    case 0: tick()
    case 1: interrupt(Int(next() % 48))
    case 2:
      let number = Int(next() % 48)
      walk.did = "device asks for \(number)"
      walk.machine.interrupts[number] |= InterruptStatus.pending
      walk.model.lines[number]?.isPending = true
    case 3 where me != walk.model.idle: setStack(me)
    case 4 where me != walk.model.idle && (me != 0 || choice >= 0xE0): breakRule(me)
    case 5 where me != walk.model.idle: writeLeases(me)
    default:
      if me == walk.model.idle { return choice & 16 == 0 ? tick() : interrupt(0) }
      call(me)
    }
  }

  // MARK: Steps

  private mutating func tick() {
    walk.did = "tick"
    walk.kernel.tick(&walk.machine)
    walk.model.tick()
  }

  private mutating func interrupt(_ number: Int) {
    walk.did = "an interrupt"
    walk.kernel.interrupt(UInt32(number), &walk.machine)
    walk.model.interrupt(number)
  }

  private mutating func setStack(_ me: Int) {
    let stack = word(me)
    walk.kernel.tasks[me].stackPointer = stack
    walk.model.actors[me].stack = stack
    walk.did = "task \(me) has its stack at \(stack)"
  }

  private mutating func breakRule(_ me: Int) {
    let kind = FaultKind(rawValue: next() % 8 + 1) ?? .memory
    let address = word(me)
    walk.did = "task \(me) breaks the rule \(kind)"
    walk.kernel.fault(kind, address: address, &walk.machine)
    walk.model.break_(UInt32(kind.rawValue), address: address)
  }

  /// Two leases at the start of the task's RAM, where a send likely says that they are.
  private mutating func writeLeases(_ me: Int) {
    for offset in 0..<UInt32(6) {
      let value = offset % 3 == 2 ? UInt32(next() % 6) : word(me)
      let place = walk.ram(me) + 4 * offset
      walk.machine.write(word: value, at: place)
      for byte in 0..<UInt32(4) {
        walk.model.memory[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
      }
    }
    walk.did = "task \(me) writes leases"
  }

  private mutating func call(_ me: Int) {
    var r = [UInt32](repeating: 0, count: 12)
    let choice = next()
    for number in 4...10 { r[number] = word(me, isPeer: number == 4) }
    r[11] = UInt32(choice % 24)
    if r[11] == 23 { r[11] = word(me) }
    if me == 0 { chooseForSupervisor(choice, &r) }
    call = (me, r)
    var registers = Registers()
    (registers.r4, registers.r5, registers.r6, registers.r7) = (r[4], r[5], r[6], r[7])
    (registers.r8, registers.r9, registers.r10, registers.r11) = (r[8], r[9], r[10], r[11])
    walk.kernel.tasks[me].registers = registers
    walk.model.actors[me].r = r
    walk.kernel.call(&walk.machine)
    walk.model.call()
    forgetUnpromised(me, r[11], r[4])
    tally.calls += 1
    if !walk.model.actors[me].isHealthy {
      tally.faults += 1
    } else if walk.model.actors[me].doing != .running {
      tally.blocked += 1
    }
  }

  /// The supervisor mostly does what supervisors do: else the machine would only ever reset.
  private mutating func chooseForSupervisor(_ choice: UInt8, _ r: inout [UInt32]) {
    switch choice >> 5 {
    case 0: break
    case 1, 2, 3:
      r[11] = UInt32(choice & 7 == 5 ? 1 : 16 + choice & 7)
      r[4] = UInt32(next() % 8)
    default:
      r[11] = choice & 1 == 0 ? 1 : 2
      (r[7], r[8]) = (walk.ram(0) + UInt32(next()), 256)
    }
    // Without its fault bit and its interrupt it might never run again.
    r[9] |= 3
  }

  // MARK: Words

  private mutating func next() -> UInt8 { source.byte() ?? 0 }

  /// A word that likely means something to `me`, or anything.
  private mutating func word(_ me: Int, isPeer: Bool = false) -> UInt32 {
    let choice = next()
    if isPeer && choice & 3 != 0 {
      return walk.identifier(Int(choice >> 2 & 7)) | UInt32(next() % 8) << 16
    }
    let other = Int(choice >> 4) % Walk.taskCount
    switch choice & 15 {
    case 0, 1, 2: return UInt32(next())
    case 3, 4, 5, 6: return walk.ram(me) + UInt32(next()) * 4
    case 7: return walk.ram(me) + UInt32(next()) + 0x340
    case 8: return 0x1000 + UInt32(me) * 0x80 + UInt32(next())
    case 9: return walk.ram(other) + UInt32(next())
    case 10: return [0, 256, 257, .max, .max - 255, 0x400, 1 << 31, 0xFFFF][Int(choice >> 5)]
    case 11: return 1 << UInt32(next() % 32)
    case 12: return UInt32(truncatingIfNeeded: walk.model.now) &+ UInt32(next()) &- 8
    default: return (0..<4).reduce(UInt32(0)) { word, _ in word << 8 | UInt32(next()) }
    }
  }

  private func hex(_ word: UInt32) -> String { String(word, radix: 16) }

  // MARK: What the model leaves open

  /// Takes over from the kernel the result registers of which the contract says nothing.
  private mutating func forgetUnpromised(_ me: Int, _ call: UInt32, _ argument: UInt32) {
    let seen = walk.kernel.tasks[me].registers
    if call == 7 && walk.model.actors[me].timer == nil {
      (walk.model.actors[me].r[6], walk.model.actors[me].r[7]) = (seen.r6, seen.r7)
    }
    let isHealthy = argument < Walk.taskCount && walk.model.actors[Int(argument)].isHealthy
    if call == 16 && me == 0 && isHealthy {
      walk.model.actors[0].r[7...9] = [seen.r7, seen.r8, seen.r9]
    }
  }

  /// The next life of the machine, which reads the record of the last.
  private mutating func bootAgain() {
    if let record = walk.machine.resets.last { walk.machine.remembered = record }
    walk.machine.resets = []
    let record = walk.machine.remembered
    walk.model.remembered = [record.cause, record.state, record.address, record.programCounter]
    walk.model.reset = nil
    for actor in walk.model.actors.indices { walk.model.actors[actor].timer = nil }
    for number in walk.model.lines.keys { walk.model.lines[number]?.isEnabled = false }
    for number in walk.machine.interrupts.indices {
      walk.machine.interrupts[number] &= ~InterruptStatus.enabled
    }
    walk.boot()
  }
}
