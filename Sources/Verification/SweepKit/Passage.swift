// SweepKit/Passage.swift: one run of QEMU: a range of trials, and the numbers that make them.
// What is here goes to the guest as it is; nothing is random but what follows from the seed.

import ApusABI
import ImagePlan
import QEMUKit

/// A range of trials of one shape.
struct Passage: Sendable {
  /// What it is, for a message.
  var name: String
  /// The first trial's number, and how many there are.
  var first = 0
  var count: Int
  /// What the slots hold, from slot 0 on.
  var code: [[UInt16]]
  /// Whether each trial has a slot of its own.
  var hasOwnSlots = false
  /// Registers that are not random; r1 is always the trial's address.
  var registers: [Int: UInt32] = [:]
  /// The stack pointer of the first trial, and the step to the next one's.
  var stack = Stack.kept
  /// The count for the device's timer in the first trial, and the step; 0 for no alarm.
  var alarm: (first: UInt32, step: UInt32) = (0, 0)
  /// If not 0, r11 is below this, and r4 often names a task.
  var callCount: UInt32 = 0
  var pace = Pace.fast
  /// What the rules say of trial `number`; `nil` where anything but harm is right.
  var isRight: (@Sendable (_ number: Int, _ outcome: Outcome) -> Bool)?

  /// Where the stack pointer is during a trial.
  enum Stack: Sendable {
    /// Where the task had it.
    case kept
    /// Drawn, half of the time: in and around the task's memory, in others', anywhere.
    case drawn
    /// In this register, from `first` on in steps of `step`; the code moves it.
    case swept(register: Int, first: UInt32, step: UInt32)
  }

  /// The host's lines without the session's number.
  func lines(_ plan: Plan, seed: UInt32) -> [String] {
    var fixed: UInt32 = 0
    var values = [UInt32](repeating: 0, count: 13)
    for (register, value) in registers {
      fixed |= 1 << UInt32(register)
      values[register] = value
    }
    var numbers: [UInt32] = [
      UInt32(first), UInt32(count), seed, Arena.base,
      hasOwnSlots ? UInt32(Arena.slotBytes) : 0,
    ]
    switch stack {
    case .kept: numbers += [1, 0, alarm.first, alarm.step, callCount, 0]
    case .drawn: numbers += [0, 0, alarm.first, alarm.step, callCount, 0]
    case .swept(let register, let first, let step):
      numbers += [first, step, alarm.first, alarm.step, callCount, UInt32(register)]
    }
    return [
      "l " + Self.words(Self.lures(plan)), "t " + Self.words([fixed] + values),
      "g " + Self.words(numbers),
    ]
  }

  private static func words(_ values: [UInt32]) -> String {
    values.map { String($0, radix: 16) }.joined(separator: " ")
  }

  /// What is worth an attack; the first is the hostile task's own memory, which the guest relies on.
  static func lures(_ plan: Plan) -> [UInt32] {
    let ram = plan.tasks.map(\.ram)
    let devices = plan.board.peripherals.map(\.window.base)
    return [
      ram[Arena.hostile].base, plan.kernel.ram.base, plan.kernel.ram.base + 0x180, ram[0].base,
      ram[1].base, ram[Arena.hostile].base - 32, ram[4].base, plan.tasks[Arena.hostile].flash.base,
      0, plan.tasks[0].flash.base, 0xE000_ED00, 0xE000_E100, devices[0], devices[1], 0x2200_0000,
      0xFFFF_FFE0,
    ]
  }
}
