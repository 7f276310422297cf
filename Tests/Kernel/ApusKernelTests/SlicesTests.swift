// ApusKernelTests/SlicesTests.swift: the slice check against an oracle that looks at every byte.
// Windows and slices of a small space are enumerated, at the bottom and at the top of memory.

import ApusABI
import Testing

@testable import ApusKernel
@testable import KernelModel

@Suite struct SlicesTests {
  /// A kernel of one task whose windows a test chooses; the rest of the machine is the toy's.
  func answer(
    ram: (UInt32, UInt32), flash: (UInt32, UInt32), _ address: UInt32, _ count: UInt32,
    writing: Bool, _ kernel: Kernel<2>, _ machine: inout ToyMachine
  ) -> Bool {
    machine.descriptors[1].ramBase = ram.0
    machine.descriptors[1].ramSize = ram.1
    machine.descriptors[1].flashBase = flash.0
    machine.descriptors[1].flashSize = flash.1
    return kernel.mayTouch(1, address, count, writing: writing, machine)
  }

  /// Whether each of the bytes lies in the window; one past the top of memory lies in none.
  func oracle(_ window: (UInt32, UInt32), _ address: UInt32, _ count: UInt32) -> Bool {
    let first = UInt64(window.0)
    let end = first + UInt64(window.1)
    for offset in 0..<UInt64(count) {
      let byte = UInt64(address) + offset
      if byte < first || byte >= end { return false }
    }
    return true
  }

  @Test(
    "Every window of 16 bytes and every slice around them agree with the oracle.",
    arguments: [0, 0x1000, 0xFFFF_FFF0] as [UInt32])
  func exhaustive(space: UInt32) {
    let kernel = Kernel<2>()
    var machine = ToyMachine(taskCount: 2)
    let nowhere: (UInt32, UInt32) = (0x5000_0000, 0)
    var wrong: [String] = []
    for base in UInt32(0)..<16 {
      for size in 0...16 - base {
        let window = (space &+ base, size)
        for place in UInt32(0)..<20 {
          // Two bytes before the space to two behind it; at the top and the bottom they wrap.
          let address = space &+ place &- 2
          for count in UInt32(0)...18 {
            let inside = oracle(window, address, count)
            let asRAM = answer(
              ram: window, flash: nowhere, address, count, writing: true, kernel, &machine)
            let asFlash = answer(
              ram: nowhere, flash: window, address, count, writing: false, kernel, &machine)
            let written = answer(
              ram: nowhere, flash: window, address, count, writing: true, kernel, &machine)
            if asRAM != inside || asFlash != inside || written != (count == 0) {
              wrong.append("window \(window), slice \(address), \(count)")
            }
          }
        }
      }
    }
    #expect(wrong.first == nil)
  }

  @Test("Lengths near the top of 32 bits never wrap into a window.")
  func hugeLengths() {
    let kernel = Kernel<2>()
    var machine = ToyMachine(taskCount: 2)
    for base: UInt32 in [0, 0x2000_0000, 0xFFFF_FFF0] {
      for back in UInt32(0)...20 {
        for place in UInt32(0)...20 {
          let isIn = answer(
            ram: (base, 16), flash: (base &+ 0x100, 16), base &+ place &- 2, .max &- back,
            writing: false, kernel, &machine)
          #expect(!isIn)
        }
      }
    }
  }

  @Test("A slice lies in one window: half in RAM and half in flash is refused, even side by side.")
  func straddling() {
    let kernel = Kernel<2>()
    var machine = ToyMachine(taskCount: 2)
    for address in UInt32(100)..<116 {
      for count in UInt32(1)...16 {
        let isIn = answer(
          ram: (108, 8), flash: (100, 8), address, count, writing: false, kernel, &machine)
        #expect(isIn == (oracle((108, 8), address, count) || oracle((100, 8), address, count)))
      }
    }
  }

  @Test("The whole memory as a window holds every slice that does not pass its top.")
  func wholeMemory() {
    let kernel = Kernel<2>()
    var machine = ToyMachine(taskCount: 2)
    for (address, count, isInside) in [
      (0, .max, true), (0, 1, true), (.max - 1, 1, true), (.max, 1, false), (.max, 2, false),
    ] as [(UInt32, UInt32, Bool)] {
      let isIn = answer(
        ram: (0, .max), flash: (0, 0), address, count, writing: true, kernel, &machine)
      #expect(isIn == isInside)
    }
  }

  @Test("Both doors to the check say the same.")
  func rarely() {
    let kernel = Kernel<2>()
    let machine = ToyMachine(taskCount: 2)
    let ram = machine.descriptors[1].ramBase
    for address in [ram - 1, ram, ram + 0x3FF, ram + 0x400] {
      for count in UInt32(0)...2 {
        #expect(
          kernel.mayTouch(1, address, count, writing: true, machine)
            == kernel.mayTouchRarely(1, address, count, writing: true, machine))
      }
    }
  }
}
