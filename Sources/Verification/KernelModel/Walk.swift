// KernelModel/Walk.swift: the kernel and the model go the same random way, step by step.
// The walk is a function of its seed; it chooses likely and hostile inputs, and judges nothing.

import ApusABI
import ApusKernel

/// A small generator with a known sequence (SplitMix64), so that a seed means the same everywhere.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  /// A number 0 ..< `count`.
  mutating func below(_ count: UInt32) -> UInt32 { UInt32(next() >> 33) % count }
  mutating func below(_ count: Int) -> Int { Int(next() >> 33) % count }
  /// True in `percent` of 100 cases.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}

/// One walk of `steps` steps; returns what first went wrong, with the seed, or `nil`.
func walk(seed: UInt64, steps: Int) -> String? {
  var walk = Walk(seed: seed)
  for step in 0..<steps {
    if let wrong = walk.step(compareMemory: step % 64 == 63) {
      return "seed \(seed), step \(step), after \(walk.did): \(wrong)"
    }
  }
  return nil
}

struct Walk {
  static let taskCount = 6

  var dice: Dice
  var kernel = Kernel<6>()
  var machine = ToyMachine(taskCount: taskCount)
  var model: Model
  /// The last step, in words.
  var did = "boot"

  init(seed: UInt64) {
    dice = Dice(state: seed)
    model = Walk.model(of: machine)
    boot()
  }

  /// Says the machine's facts again in the model's words.
  static func model(of machine: ToyMachine) -> Model {
    let actors = (0..<taskCount).map { index in
      let ram = UInt64(0x2000_0000 + index * 0x400)
      let flash = UInt64(0x1000 + index * 0x80)
      let isIdle = index == taskCount - 1
      return Model.Actor(
        ram: ram...ram + 0x400, flash: flash...flash + 0x80, entry: UInt32(flash),
        postable: index == 0 ? ~1 : index == 1 ? ~0x40 : ~0,
        maySendTo: isIdle ? [] : Set(0..<index), mayPostTo: isIdle ? [] : Set(0..<taskCount))
    }
    var lines: [Int: Model.Line] = [:]
    for number in 0..<ToyMachine.interruptLines { lines[number] = Model.Line() }
    lines[0] = Model.Line(owner: 0, bit: 1 << 1)
    lines[3] = Model.Line(owner: 1, bit: 1 << 4)
    lines[5] = Model.Line(owner: 1, bit: 1 << 4)
    lines[7] = Model.Line(owner: 1, bit: 1 << 6)
    lines[33] = Model.Line(owner: 2, bit: 1 << 4)
    return Model(actors: actors, lines: lines, memory: memory(of: machine))
  }

  static func memory(of machine: ToyMachine) -> [UInt32: UInt8] {
    var memory: [UInt32: UInt8] = [:]
    for (offset, byte) in machine.flash.enumerated() { memory[0x1000 + UInt32(offset)] = byte }
    for (offset, byte) in machine.ram.enumerated() { memory[0x2000_0000 + UInt32(offset)] = byte }
    return memory
  }

  /// A first life for both, near the ends of what time and generations can count.
  mutating func boot() {
    kernel = Kernel<6>()
    kernel.boot(&machine)
    kernel.now = dice.pick([0, 0xFFFF_FFE0, 0x1_FFFF_FFF0])
    model.now = kernel.now
    let restarts = dice.pick([0, 2045, 65_535])
    for index in 0..<Self.taskCount {
      model.begin(index)
      model.actors[index].restarts = restarts
      kernel.tasks[index].life = UInt32(restarts << 5 | index)
    }
  }

  /// One step of both; returns what differs.
  mutating func step(compareMemory: Bool) -> String? {
    let roll = dice.below(100)
    if roll < 10 || (model.current == model.idle && roll < 70) {
      did = "tick"
      kernel.tick(&machine)
      model.tick()
    } else if roll < 14 || model.current == model.idle {
      let number = dice.pick([0, 3, 3, 5, 7, 33, 33, 40])
      did = "interrupt \(number)"
      kernel.interrupt(UInt32(number), &machine)
      model.interrupt(number)
    } else if roll < 17 {
      let number = dice.pick([0, 3, 5, 7, 33, 40])
      did = "device asks for \(number)"
      machine.interrupts[number] |= InterruptStatus.pending
      model.lines[number]?.isPending = true
    } else {
      enter()
    }
    if let wrong = disagreement(compareMemory: compareMemory) { return wrong }
    guard model.reset != nil else { return nil }
    restartMachine()
    return disagreement(compareMemory: true)
  }

  /// The next life of the machine, which reads the record of the last.
  private mutating func restartMachine() {
    if let record = machine.resets.last { machine.remembered = record }
    machine.resets = []
    let record = machine.remembered
    model.remembered = [record.cause, record.state, record.address, record.programCounter]
    model.reset = nil
    for actor in model.actors.indices { model.actors[actor].timer = nil }
    for number in model.lines.keys { model.lines[number]?.isEnabled = false }
    for number in machine.interrupts.indices {
      machine.interrupts[number] &= ~InterruptStatus.enabled
    }
    did += ", reset"
    boot()
  }

  /// The running task does something.
  private mutating func enter() {
    let me = model.current
    if dice.chance(10) {
      let stack = dice.chance(60) ? ram(me) + 4 * dice.below(0xF9) : hostileAddress(me)
      kernel.tasks[me].stackPointer = stack
      model.actors[me].stack = stack
    }
    if dice.chance(me == 0 ? 0 : 2) {
      let kind = dice.pick([FaultKind.memory, .stackOverflow, .breakpoint])
      let address = UInt32(truncatingIfNeeded: dice.next())
      did = "task \(me) breaks the rule \(kind)"
      kernel.fault(kind, address: address, &machine)
      return model.break_(UInt32(kind.rawValue), address: address)
    }
    var r = (0..<12).map { _ in UInt32(truncatingIfNeeded: dice.next()) }
    choose(me, &r)
    did = "task \(me) calls \(r[11]) with r4...r10 = \(r[4...10].map { String($0, radix: 16) })"
    var registers = Registers()
    (registers.r4, registers.r5, registers.r6, registers.r7) = (r[4], r[5], r[6], r[7])
    (registers.r8, registers.r9, registers.r10, registers.r11) = (r[8], r[9], r[10], r[11])
    kernel.tasks[me].registers = registers
    model.actors[me].r = r
    kernel.call(&machine)
    model.call()
    forgetUnpromised(me, r[11], r[4])
  }

  /// Takes over from the kernel the result registers of which the contract says nothing.
  private mutating func forgetUnpromised(_ me: Int, _ call: UInt32, _ argument: UInt32) {
    let seen = kernel.tasks[me].registers
    if call == 7 && model.actors[me].timer == nil {
      (model.actors[me].r[6], model.actors[me].r[7]) = (seen.r6, seen.r7)
    }
    let isHealthy = argument < Self.taskCount && model.actors[Int(argument)].isHealthy
    if call == 16 && me == 0 && isHealthy {
      model.actors[0].r[7...9] = [seen.r7, seen.r8, seen.r9]
    }
  }
}
