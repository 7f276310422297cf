// RandomInterface/RandomStream.swift: numbers that look random, all of them decided by a seed.
// Nothing of the machine goes into them: no time, no address.

import Apus

/// A counter whose bits are mixed: each value of 32 bits once, then the same again.
///
/// A plain xorshift will not do: the upper bits of one number tell too much of the next one's, so
/// that some chains of choices never come.
public struct RandomStream {
  private var state: UInt32

  /// The stream that belongs to `seed`.
  @inline(__always)
  public init(seed: UInt32) { state = seed }

  /// Any 32 bits.
  @inline(never)
  public mutating func next() -> UInt32 {
    state &+= 0x9E37_79B9
    var word = (state ^ state &>> 16) &* 0x21F0_AAAD
    word = (word ^ word &>> 15) &* 0x735A_2D97
    return word ^ word &>> 15
  }

  /// 0 ..< `bound`.
  @inline(__always)
  public mutating func below(_ bound: UInt32) -> UInt32 {
    next().multipliedFullWidth(by: bound).high
  }

  /// `true` once in `count` times.
  @inline(__always)
  public mutating func once(in count: UInt32) -> Bool { below(count) == 0 }
}
