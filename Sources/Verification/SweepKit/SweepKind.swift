// SweepKit/SweepKind.swift: the five sweeps: what each one tries, and what has to come of it.
// Numbers only; how a trial is run is the guest's business, how it is judged the judge's.

import ApusABI
import ImagePlan
import QEMUKit

/// What is swept.
public enum SweepKind: String, CaseIterable, Codable, Sendable {
  /// Every 16-bit opcode, with random registers and often a random stack pointer.
  case narrow
  /// Random 32-bit opcodes.
  case wide
  /// The stack pointer from 128 bytes below the task's memory to 128 above, for what stacks a frame.
  case stack
  /// Every call with random registers.
  case calls
  /// A device's interrupt at every instant of a trial.
  case alarm

  /// The trials of a whole sweep on `board`, where no count is given.
  public func fullCount(_ plan: Plan) -> Int {
    switch self {
    case .narrow: 65_536
    case .wide: 100_000
    case .stack: stackPassages(plan).reduce(0) { $0 + $1.count }
    case .calls: 100_000
    case .alarm: AlarmScenario.allCases.count * AlarmScenario.counts
    }
  }

  /// The runs of QEMU that a sweep of trials `first` to `first + count` consists of.
  ///
  /// The kinds whose trials are numbered through, narrow, wide and calls, honour `first`.
  func passages(_ plan: Plan, first: Int, count: Int, seed: UInt32) -> [Passage] {
    switch self {
    case .narrow, .wide:
      return slices(first, count).map { first, count in
        Passage(
          name: rawValue, first: first, count: count,
          code: (first..<first + count).map {
            self == .narrow ? [Self.narrowOpcode($0)] : Self.wideOpcode($0, seed: seed)
          }, hasOwnSlots: true, stack: .drawn)
      }
    case .calls:
      return slices(first, count).map { first, count in
        Passage(
          name: rawValue, first: first, count: count, code: [[Opcode.call]],
          // One number more than there are calls.
          callCount: 24)
      }
    case .stack: return stackPassages(plan)
    case .alarm:
      let each = max(1, count / AlarmScenario.allCases.count)
      return AlarmScenario.allCases.map { $0.passage(plan, count: each) }
    }
  }

  /// Pieces of as many trials as the arena has slots.
  private func slices(_ first: Int, _ count: Int) -> [(Int, Int)] {
    stride(from: first, to: first + count, by: Arena.slotCount).map {
      ($0, min(Arena.slotCount, first + count - $0))
    }
  }

  /// The 16-bit opcode of trial `number`: 65,536 trials in a row have each one once, and a few have
  /// some of every kind.
  static func narrowOpcode(_ number: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: number) &* 40_503
  }

  /// The 32-bit opcode of trial `number`: the first half from those that announce a second one.
  static func wideOpcode(_ number: Int, seed: UInt32) -> [UInt16] {
    // SplitMix64: every trial's opcode follows from its number alone.
    var state = UInt64(seed) << 32 ^ UInt64(number) &* 0x9E37_79B9_7F4A_7C15
    state = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ state >> 27) &* 0x94D0_49BB_1331_11EB
    state ^= state >> 31
    let first = UInt16(0xE800 + (state & 0xFFFF_FFFF) % 0x1800)
    return [first, UInt16(truncatingIfNeeded: state >> 48)]
  }
}

/// The instructions that the sweeps are made of.
enum Opcode {
  static let call: UInt16 = 0xDF00
  static let undefined: UInt16 = 0xDE01
  static let stay: UInt16 = 0xE7FE  // b .
  static let load: UInt16 = 0x6813  // ldr r3, [r2]
  static let store: UInt16 = 0x6013  // str r3, [r2]
  static let jump: UInt16 = 0x4710  // bx r2
  static let moveStack: UInt16 = 0x46BD  // mov sp, r7
  static let loadFloatingPoint: [UInt16] = [0xEC90, 0x0A20]  // vldmia r0, {s0-s31}
}

/// What stacks a frame.
enum StackEvent: String, CaseIterable {
  case call, tick, undefined, badLoad, systemLoad

  var opcode: UInt16 {
    switch self {
    case .call: Opcode.call
    case .tick: Opcode.stay
    case .undefined: Opcode.undefined
    case .badLoad, .systemLoad: Opcode.load
    }
  }

  /// Whether `outcome` is what the event must come to if its frame finds room.
  func isRight(_ outcome: Outcome, _ board: Board) -> Bool {
    switch self {
    // Back from the call, the next instruction is undefined, in this slot or in the next one.
    case .call: outcome.fault == .illegalInstruction
    case .tick: outcome.isLoop
    // Of two undefined instructions in a row, the supervisor's byte does not say which it was.
    case .undefined: outcome.fault == .illegalInstruction
    case .badLoad: outcome.fault == .memory
    // QEMU's Stellaris boards read 0 where the others refuse.
    case .systemLoad: board.hasBusFaults ? outcome.fault == .bus : outcome.hasLanded
    }
  }
}

extension Board {
  /// Whether QEMU's model of the board knows bus faults.
  var hasBusFaults: Bool { machine != "lm3s6965evb" }
}

extension SweepKind {
  /// Every event, with and without floating-point registers in use where there are any.
  func stackPassages(_ plan: Plan) -> [Passage] {
    let board = plan.board
    let ram = plan.tasks[Arena.hostile].ram
    let first = ram.base - 128
    let frame: UInt32 = board.hasFloatingPoint ? 104 : 32
    return StackEvent.allCases.flatMap { event in
      (board.hasFloatingPoint ? [false, true] : [false]).map { isUsed in
        Passage(
          name: "\(event.rawValue)\(isUsed ? ", floating point" : "")",
          count: Int(ram.size + 256) / 4 + 1,
          code: [(isUsed ? Opcode.loadFloatingPoint : []) + [Opcode.moveStack, event.opcode]],
          registers: [
            0: ram.base + 512, 2: event == .systemLoad ? 0xE000_ED00 : plan.kernel.ram.base,
            11: Call.getTimer.rawValue,
          ],
          stack: .swept(register: 7, first: first, step: 4),
          isRight: { number, outcome in
            // Frames begin at a multiple of 8; the word that may be left above them is not written.
            let stack = first + UInt32(number) * 4
            let begin = (stack - frame) & ~7
            guard begin >= ram.base, UInt64(begin) + UInt64(frame) <= ram.end else {
              return outcome.fault == .stackOverflow
            }
            return event.isRight(outcome, board)
          })
      }
    }
  }
}

/// What happens while the alarm is on its way.
enum AlarmScenario: String, CaseIterable {
  case call, refusal, wait, fault, post

  /// Enough counts for the longest trial, from the driver's wait to the next life's first words.
  static let counts = 7000

  private var code: [UInt16] { self == .fault ? [Opcode.undefined] : [Opcode.call] }

  private func isRight(_ outcome: Outcome) -> Bool {
    switch self {
    case .call, .post: outcome.hasLanded
    case .refusal: outcome.fault == .refused
    case .wait: outcome.name == "waited"
    case .fault: outcome.fault == .illegalInstruction && !outcome.hasLanded
    }
  }

  func passage(_ plan: Plan, count: Int) -> Passage {
    let own = plan.tasks[Arena.hostile].ram.base + 512
    let anchor: UInt32 = 2
    var registers: [Int: UInt32] = [4: anchor, 5: own, 6: 16, 7: own, 8: 16, 9: 0, 10: 0]
    switch self {
    case .call: registers[11] = Call.getTimer.rawValue
    case .refusal: registers[11] = Call.send.rawValue
    case .wait: registers[11] = Call.receive.rawValue
    case .fault: break
    case .post:
      registers[5] = 1
      registers[11] = Call.post.rawValue
    }
    // Fewer trials are farther apart.
    let step = UInt32(max(1, Self.counts / count))
    return Passage(
      name: rawValue, count: count, code: [code], registers: registers, alarm: (1, step),
      // An instruction is longer than a count of the board's timer: none is passed over.
      pace: Pace(shift: plan.board.clockHertz < 15_625_000 ? 7 : 6, followsRealTime: false),
      isRight: { _, outcome in isRight(outcome) })
  }
}
