// SweepAnchor/Anchor.swift: counts the witness's rounds, and looks after its own memory meanwhile.
// Calls: nobody. Called by: witness, hostile. It is never restarted, so a round that is lost is missed.

import Apus
import CApusTrials
import SweepInterface

struct Anchor: Service {
  typealias Message = Round

  /// As near to the top of the stack as a task can put something: whoever writes below the memory
  /// of the next task hits it.
  var shield: InlineArray<32, UInt32> = InlineArray(repeating: Paint.word)
  var count: UInt32 = 0

  mutating func handle(_ message: Incoming) -> Outcome {
    // The hostile task may send whatever it likes; only the witness is counted.
    guard message.operation == Round.operation, message.sender.index == Seat.witness else {
      return .refuse(.undefinedOperation)
    }
    return message.answer(Round.self) { _ in
      count &+= 1
      return Seen(count: count, differences: differences())
    }
  }

  /// Words of the shield, and of the lower half of the stack, that have changed.
  private mutating func differences() -> UInt32 {
    withUnsafeBytes(of: &shield) {
      Paint.differences(UInt32(UInt(bitPattern: $0.baseAddress)), words: 32)
    } &+ Paint.differences(apus_trial_memory(), words: 96)
  }
}
