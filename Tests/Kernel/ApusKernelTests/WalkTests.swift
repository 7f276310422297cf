// ApusKernelTests/WalkTests.swift: long random ways of the kernel beside the model.
// A failure prints the seed and the step; the same seed goes the same way on every host.

import Testing

@testable import KernelModel

@Suite struct WalkTests {
  #if DEBUG
    static let stepCount = 4_000
  #else
    static let stepCount = 25_000
  #endif

  @Test("Kernel and model agree, and every invariant holds, after each step.", arguments: 1...8)
  func lockstep(seed: UInt64) {
    let wrong = walk(seed: seed, steps: Self.stepCount)
    #expect(wrong == nil)
  }

  @Test("The walk reaches what it is for: every call, fault, activity, and resets.")
  func coverage() {
    var walk = Walk(seed: 99)
    var calls: Set<UInt32> = []
    var kinds: Set<UInt32> = []
    var codes: Set<UInt32> = []
    for step in 0..<12_000 {
      let before = walk.model.current
      if walk.step(compareMemory: false) != nil { break }
      if walk.did.contains("calls"), before < 6 {
        calls.insert(walk.kernel.tasks[before].registers.r11)
        codes.insert(min(walk.kernel.tasks[before].registers.r4, 3))
      }
      for actor in walk.model.actors { kinds.insert(actor.record?.kind ?? 0) }
      if step == 11_999 { #expect(walk.machine.frames.reduce(0, +) > 100) }
    }
    #expect(calls.isSuperset(of: Array(0...14) + [16, 17, 18, 19, 20, 22, 23]))
    #expect(kinds == [0, 1, 2, 8, 9, 10, 11, 12, 13])
  }
}
