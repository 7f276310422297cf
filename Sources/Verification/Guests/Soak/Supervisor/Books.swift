// SoakSupervisor/Books.swift: what has arrived, by customer: each number once, and none left out.
// Nothing here decides whether that is good: the host does.

import Apus
import SoakInterface

/// The counts that the host reads, in the order in which they are written.
struct Books {
  /// The last number of each customer.
  var last: InlineArray<2, UInt32> = InlineArray(repeating: 0)
  /// The attempt and the life with which it came.
  private var attempt: InlineArray<2, UInt32> = InlineArray(repeating: 0)
  private var life: InlineArray<2, UInt32> = InlineArray(repeating: 0)
  /// Numbers that came again after the desk had died over them.
  var again: UInt32 = 0
  /// Numbers that never came.
  var lost: UInt32 = 0
  /// Numbers that came once more although nobody had sent them again.
  var duplicated: UInt32 = 0
  /// Loans whose bytes were not those that were lent.
  var damaged: UInt32 = 0

  /// Writes `deposit` down, and returns its receipt.
  mutating func enter(_ deposit: Deposit) -> UInt32 {
    let customer = Int(truncatingIfNeeded: deposit.customer & 1)
    if deposit.sum != 0 { damaged &+= 1 }
    let step = deposit.number &- last[customer]
    if step == 0 && deposit.attempt > attempt[customer] && deposit.life == life[customer] {
      again &+= 1
    } else if step == 0 || step >= 0x8000_0000 {
      duplicated &+= 1
    } else {
      lost &+= step &- 1
    }
    last[customer] = deposit.number
    attempt[customer] = deposit.attempt
    life[customer] = deposit.life
    return mixed(deposit.number, ~UInt32(customer))
  }
}
