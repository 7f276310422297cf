// ApusSimulator/Programs/Script.swift: a task as a list of calls, for tests; and a hostile one.
// A script knows no pointers: its slices are offsets into the task's own memory.

import ApusABI
import ApusKernel

/// One step of a script.
public struct Step: Sendable {
  var action: Action
  /// Bytes to put into the memory first.
  var bytes: [UInt8] = []
  var offset: UInt32 = 0
  /// Which of r5, r7 are offsets from the start of the task's RAM.
  var areOffsets = false
  /// The name by which the call's results are remembered.
  var label: String?

  /// Any call with any registers, taken as they are.
  public static func call(_ registers: Registers) -> Step { Step(action: .call(registers)) }

  /// Uses the processor for so many cycles.
  public static func compute(_ cycles: UInt64) -> Step { Step(action: .compute(cycles: cycles)) }

  /// Breaks a rule of the core.
  public static func fault(_ kind: FaultKind, address: UInt32 = 0) -> Step {
    Step(action: .fault(kind, address: address))
  }

  /// Sends `message` to task `index` in its first life, with room for a reply of 64 bytes.
  public static func send(_ message: [UInt8], operation: UInt16, to index: Int) -> Step {
    var registers = Registers()
    registers.r4 = UInt32(index) | UInt32(operation) << 16
    registers.r6 = UInt32(message.count)
    registers.r7 = 0x200
    registers.r8 = 64
    registers.r11 = Call.send.rawValue
    return Step(action: .call(registers), bytes: message, areOffsets: true)
  }

  /// Receives a message of up to 64 bytes, or a notification of `mask`.
  public static func receive(_ mask: UInt32 = 0) -> Step {
    var registers = Registers()
    registers.r7 = 0x200
    registers.r8 = 64
    registers.r9 = mask
    registers.r11 = Call.receive.rawValue
    return Step(action: .call(registers), areOffsets: true)
  }

  /// Waits for a notification of `mask`.
  public static func wait(_ mask: UInt32) -> Step {
    var registers = Registers()
    registers.r9 = mask
    registers.r11 = Call.receiveNotifications.rawValue
    return .call(registers)
  }

  /// Replies to task `index` in its first life.
  public static func reply(_ message: [UInt8] = [], to index: Int, code: UInt16 = 0) -> Step {
    var registers = Registers()
    registers.r4 = UInt32(index) | UInt32(code) << 16
    registers.r6 = UInt32(message.count)
    registers.r11 = Call.reply.rawValue
    return Step(action: .call(registers), bytes: message, areOffsets: true)
  }

  /// Posts `bits` to task `index` in its first life.
  public static func post(_ bits: UInt32, to index: Int) -> Step {
    var registers = Registers()
    registers.r4 = UInt32(index)
    registers.r5 = bits
    registers.r11 = Call.post.rawValue
    return .call(registers)
  }

  /// Sets the timer to tick `deadline`.
  public static func setTimer(_ deadline: UInt64, bits: UInt32) -> Step {
    var registers = Registers()
    registers.r4 = UInt32(truncatingIfNeeded: deadline)
    registers.r5 = UInt32(truncatingIfNeeded: deadline >> 32)
    registers.r6 = bits
    registers.r11 = Call.setTimer.rawValue
    return .call(registers)
  }

  /// The supervisor gives task `index` a new life.
  public static func restart(_ index: Int) -> Step {
    var registers = Registers()
    registers.r4 = UInt32(index)
    registers.r11 = Call.restartTask.rawValue
    return .call(registers)
  }

  /// Remembers the call's results as `label`.
  public func named(_ label: String) -> Step {
    var copy = self
    copy.label = label
    return copy
  }
}

/// Puts steps together, with `for` and `if` between them.
@resultBuilder
public enum ScriptBuilder {
  public static func buildExpression(_ step: Step) -> [Step] { [step] }
  public static func buildBlock(_ parts: [Step]...) -> [Step] { parts.flatMap { $0 } }
  public static func buildArray(_ parts: [[Step]]) -> [Step] { parts.flatMap { $0 } }
  public static func buildOptional(_ part: [Step]?) -> [Step] { part ?? [] }
  public static func buildEither(first: [Step]) -> [Step] { first }
  public static func buildEither(second: [Step]) -> [Step] { second }
}

/// A task that makes the calls of a list, in every life from the start, and then waits for ever.
public final class Script: Program {
  private let steps: [Step]
  private let isRepeated: Bool
  private var position = 0
  private var pendingLabel: String?
  /// The registers that each named call returned with, in order.
  public private(set) var results: [(label: String, registers: Registers)] = []

  /// Makes a script; a repeated one begins again instead of waiting.
  public init(repeated: Bool = false, @ScriptBuilder _ steps: () -> [Step]) {
    self.steps = steps()
    isRepeated = repeated
  }

  /// The last results of the call named `label`.
  public subscript(label: String) -> Registers? {
    results.last { $0.label == label }?.registers
  }

  public func restart() {
    position = 0
    pendingLabel = nil
  }

  public func next(_ registers: Registers, _ memory: inout TaskMemory) -> Action {
    if let pendingLabel { results.append((pendingLabel, registers)) }
    pendingLabel = nil
    if position == steps.count, isRepeated, !steps.isEmpty { position = 0 }
    guard position < steps.count else {
      var registers = Registers()
      registers.r11 = Call.receiveNotifications.rawValue
      return .call(registers)
    }
    let step = steps[position]
    position += 1
    pendingLabel = step.label
    memory.store(step.bytes, at: memory.base + step.offset)
    guard step.areOffsets, case .call(var registers) = step.action else { return step.action }
    registers.r5 &+= memory.base
    registers.r7 &+= memory.base
    return .call(registers)
  }
}

/// A task that makes calls with any registers, addresses near everything that matters among them.
public final class HostileProgram: Program {
  private var random: Generator
  private let addresses: [UInt32]

  /// Makes a hostile task; the same seed does the same harm.
  public init(seed: UInt64, near addresses: [UInt32] = []) {
    random = Generator(seed: seed)
    self.addresses = addresses + [0, 0x2000_0000, 0xFFFF_FFFF]
  }

  public func restart() {}

  public func next(_ registers: Registers, _ memory: inout TaskMemory) -> Action {
    if random.next() % 16 == 0 { return .compute(cycles: random.next() % 5_000) }
    if random.next() % 64 == 0 { return .fault(.memory, address: word(memory)) }
    var registers = Registers()
    registers.r4 = random.next() % 4 == 0 ? word(memory) : UInt32(random.next() % 8)
    registers.r5 = word(memory)
    registers.r6 = random.next() % 4 == 0 ? word(memory) : UInt32(random.next() % 300)
    registers.r7 = word(memory)
    registers.r8 = random.next() % 4 == 0 ? word(memory) : UInt32(random.next() % 300)
    registers.r9 = word(memory)
    registers.r10 = UInt32(random.next() % 4)
    registers.r11 = UInt32(random.next() % 25)
    return .call(registers)
  }

  private func word(_ memory: TaskMemory) -> UInt32 {
    let near = addresses + [memory.base, memory.base + UInt32(memory.bytes.count)]
    switch random.next() % 4 {
    case 0: return UInt32(truncatingIfNeeded: random.next())
    case 1: return UInt32(truncatingIfNeeded: random.next() % 16)
    default: return near[Int(random.next() % UInt64(near.count))] &+ UInt32(random.next() % 9) &- 4
    }
  }
}

/// Random numbers from a seed: SplitMix64, the same on every host.
public struct Generator: Sendable {
  private var state: UInt64

  /// Begins the sequence of `seed`.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
