// ELFKitTests/Fixtures.swift: a small image built by our own writer, and seeded random numbers.
// No test here reads a file of the repository.

import ELFKit

/// Two parts (flash and initialised RAM) with a function and an object.
func smallImage() -> ELFImage {
  ELFImage(
    entry: 0x101,
    parts: [
      .init(
        name: "ram", address: 0x2000_0000, bytes: [9, 8, 7, 6], isExecutable: false,
        isWritable: true),
      .init(name: "empty", address: 0x4000, bytes: []),
      .init(name: "flash", address: 0x100, bytes: Array(0..<64)),
    ],
    symbols: [
      .init(name: "main", address: 0x100, byteCount: 16, isFunction: true),
      .init(name: "table", address: 0x110, byteCount: 8, isFunction: false),
      .init(name: "$e4main3fooyyF", address: 0x118, byteCount: 4, isFunction: true),
    ])
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
