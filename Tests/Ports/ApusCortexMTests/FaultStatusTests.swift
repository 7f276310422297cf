// ApusCortexMTests/FaultStatusTests.swift: every bit of the core's fault status, and pairs of them.
// The names and places are those of the manual (DDI 0403E, B3.2.15), not of our source.

import ApusABI
import Testing

@testable import ApusCortexM

@Suite struct FaultStatusTests {
  /// All 32 bits: what each says alone.
  static let kinds: [FaultKind] = [
    .illegalText,  // 0 IACCVIOL
    .memory,  // 1 DACCVIOL
    .invalidOperation,  // 2, reserved
    .stackOverflow,  // 3 MUNSTKERR
    .stackOverflow,  // 4 MSTKERR
    .stackOverflow,  // 5 MLSPERR
    .invalidOperation,  // 6, reserved
    .invalidOperation,  // 7 MMARVALID, which comes with another
    .bus,  // 8 IBUSERR
    .bus,  // 9 PRECISERR
    .bus,  // 10 IMPRECISERR
    .stackOverflow,  // 11 UNSTKERR
    .stackOverflow,  // 12 STKERR
    .stackOverflow,  // 13 LSPERR
    .bus,  // 14, reserved
    .bus,  // 15 BFARVALID, which comes with another
    .illegalInstruction,  // 16 UNDEFINSTR
    .invalidOperation,  // 17 INVSTATE
    .invalidOperation,  // 18 INVPC
    .invalidOperation,  // 19 NOCP
    .invalidOperation, .invalidOperation, .invalidOperation, .invalidOperation,  // 20...23
    .invalidOperation,  // 24 UNALIGNED
    .divideByZero,  // 25 DIVBYZERO
    .invalidOperation, .invalidOperation, .invalidOperation, .invalidOperation,  // 26...29
    .invalidOperation, .invalidOperation,  // 30, 31
  ]

  @Test("Each bit alone is the kind that the manual's name says.", arguments: 0..<32)
  func single(bit: Int) {
    #expect(FaultStatus(rawValue: 1 << UInt32(bit)).kind == Self.kinds[bit])
  }

  @Test("No bit at all is a breakpoint that the core took as a HardFault.")
  func none() {
    #expect(FaultStatus(rawValue: 0).kind == .breakpoint)
  }

  @Test("A valid address does not change the kind.")
  func withAddress() {
    for bit in 0..<8 where bit != 7 && Self.kinds[bit] != .invalidOperation {
      #expect(FaultStatus(rawValue: 1 << UInt32(bit) | 1 << 7).kind == Self.kinds[bit])
    }
    for bit in 8..<15 {
      #expect(FaultStatus(rawValue: 1 << UInt32(bit) | 1 << 15).kind == Self.kinds[bit])
    }
  }

  @Test("A frame that does not fit comes before every other cause.")
  func stackingFirst() {
    for stacking: UInt32 in [3, 4, 5, 11, 12, 13] {
      for other: UInt32 in 0..<32 {
        #expect(FaultStatus(rawValue: 1 << stacking | 1 << other).kind == .stackOverflow)
      }
    }
  }

  @Test("Of other pairs the one that stopped the task earlier wins: text, data, bus, usage.")
  func pairs() {
    let order: [UInt32] = [0, 1, 9, 16, 25, 17]
    for (rank, first) in order.enumerated() {
      for second in order[rank...] {
        #expect(
          FaultStatus(rawValue: 1 << first | 1 << second).kind == Self.kinds[Int(first)])
      }
    }
  }

  @Test("The bits that say an address is valid stand at 7 and 15.")
  func validity() {
    #expect(FaultStatus.memoryAddressValid == 0x80)
    #expect(FaultStatus.busAddressValid == 0x8000)
  }
}
