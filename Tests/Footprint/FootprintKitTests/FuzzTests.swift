// FootprintKitTests/FuzzTests.swift: hostile images: mutated ELFs with real debugging information.
// A run prints its seed; a failure is replayed by that number.

import ELFKit
import FootprintKit
import Testing

@Suite struct FuzzTests {
  /// SplitMix64, as in ELFKitTests: tests share no code across targets.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  @Test(
    "A mutated image is read, or refused in one sentence; nothing traps, sums stay exact.",
    arguments: [Foreign.sections, .plain, .dwarf4, .manyMemories], [11, 12] as [UInt64])
  func mutations(way: Foreign, seed: UInt64) throws {
    let original = try way.file().bytes
    var random = Generator(state: seed)
    var readable = 0
    for _ in 0..<300 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        // Headers and tables lie at both ends: aim there more often than in the code.
        let limit = Bool.random(using: &random) ? min(400, bytes.count) : bytes.count
        var index = Int.random(in: 0..<limit, using: &random)
        if Bool.random(using: &random) { index = bytes.count - 1 - index }
        let interesting: [UInt8] = [
          0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random),
        ]
        bytes[index] = interesting.randomElement(using: &random) ?? 0
      }
      if Int.random(in: 0..<8, using: &random) == 0 {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
      }
      if exercise(bytes) { readable += 1 }
    }
    #expect(readable > 0, "seed \(seed): no mutated image was readable, the fuzzer is too rough")
  }

  /// Reads everything there is to read; true when a report came out.
  private func exercise(_ bytes: [UInt8]) -> Bool {
    guard let file = try? ELFFile(bytes: bytes) else { return false }
    _ = try? file.relocations()
    _ = try? file.armAttributes()
    _ = try? file.callFrames()
    _ = try? file.lineTable(info: (try? file.debugInfo()) ?? DebugInfo())
    _ = try? StackReport(file, name: "fuzz", options: StackOptions(roots: ["deep"]))
    _ = Traps(file, name: "fuzz")
    _ = try? Why("leaf", in: file)
    do {
      let report = try Report(file, name: "fuzz")
      #expect(report.unsoundness().isEmpty)
      return true
    } catch {
      #expect(error.exit == .unreadable, "\(error)")
      return false
    }
  }
}
