// RandomInterface/RandomStream.swift: numbers that look random, all of them decided by a seed.
// Nothing of the machine goes into them: no time, no address.

import Apus

/// Marsaglia's xorshift of 32 bits: every value but 0, once in each period.
public struct RandomStream {
  private var state: UInt32

  /// The stream that begins at `seed`; 0 stands for another seed.
  @inline(__always)
  public init(seed: UInt32) { state = seed == 0 ? 0x9E37_79B9 : seed }

  /// Any 32 bits.
  @inline(never)
  public mutating func next() -> UInt32 {
    state ^= state &<< 13
    state ^= state &>> 17
    state ^= state &<< 5
    return state
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
