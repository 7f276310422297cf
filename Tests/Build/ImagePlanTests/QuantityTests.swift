// ImagePlanTests/QuantityTests.swift: numbers as people write them, and what is none.

import Testing

@testable import ImagePlan

@Suite struct QuantityTests {
  @Test("Integers are decimal or hexadecimal, with underscores.")
  func integers() {
    #expect(Quantity.integer("42") == 42)
    #expect(Quantity.integer("0x4000_4000") == 0x4000_4000)
    for text in ["", "_", "4_", "-1", "0x", "1.5", "four", "99999999999999999999", "٤"] {
      #expect(Quantity.integer(text) == nil, "\(text)")
    }
  }

  @Test("Units scale exactly, and what is no whole number of the base unit is refused.")
  func units() {
    #expect(Quantity.bytes("4 KB") == 4096)
    #expect(Quantity.bytes("4MB") == 4 << 20)
    #expect(Quantity.hertz("12.5 MHz") == 12_500_000)
    #expect(Quantity.hertz("32768") == 32_768)
    #expect(Quantity.microseconds("0.5 ms") == 500)
    #expect(Quantity.microseconds("100 us") == 100)
    for text in [
      "1", "ms", "1 min", "1. ms", "1.2.3 ms", "0.0005 ms", "1 ms ms", "99999999999999 s",
    ] {
      #expect(Quantity.microseconds(text) == nil, "\(text)")
    }
  }

  @Test("A near word is advised, a far one is not.")
  func spelling() {
    #expect(Spelling.nearest(to: "stak", in: ["stack", "calls"]) == "stack")
    #expect(Spelling.nearest(to: "uatr", in: ["uart"]) == "uart")
    #expect(Spelling.nearest(to: "Calls", in: ["stack", "calls"]) == "calls")
    #expect(Spelling.nearest(to: "logger", in: ["driver", "shell"]) == nil)
    #expect(Spelling.advice(for: "x", in: []) == "nothing: none exists here")
  }
}
