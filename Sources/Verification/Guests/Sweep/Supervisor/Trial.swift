// SweepSupervisor/Trial.swift: what is known of the present trial, and of the last few.
// Data alone.

import Apus
import SweepInterface

/// One life of the hostile task.
struct Trial {
  var isUnderWay = false
  /// It did not end by itself.
  var isLate = false
  /// The next life has begun, and has not said its first words.
  var isAwaited = false
  /// The life that it is.
  var task = TaskID.kernel
  /// The address of the first instruction.
  var place: UInt32 = 0
  var outcome: UInt8 = 0
  /// How often the kernel has told of a fault, and the witness of a round.
  var posts: UInt32 = 0
  var rounds: UInt32 = 0
  var round = Round(sent: 0, seen: Seen(count: 0, differences: 0), differences: 0)
}

/// What is told in one line.
struct Batch {
  static var size: Int { 64 }

  var count: UInt32 = 0
  var posts: UInt32 = 0
  /// Four outcomes a word, the first in the lowest byte.
  var outcomes: InlineArray<16, UInt32> = InlineArray(repeating: 0)

  mutating func add(_ trial: Trial) {
    let index = Int(truncatingIfNeeded: count &>> 2 & 15)
    outcomes[index] |= UInt32(trial.outcome) &<< (count & 3 &* 8)
    posts &+= trial.posts
    count &+= 1
  }
}
