// ImagePlanTests/CoverTests.swift: covers open exactly their window, with no region to spare.

import Testing

@testable import ImagePlan

@Suite struct CoverTests {
  /// The bytes that `regions` open below 8 KB, in steps of 32, as the hardware decodes them.
  private func open(_ regions: [Region]) -> [Bool] {
    let words = regions.enumerated().map { RegionWords($1, access: .execute, slot: $0) }
    return (0..<256).map { step in
      words.contains { $0.access(at: UInt32(step) * 32) != nil }
    }
  }

  @Test("Every window of up to 4 KB at every 32 bytes is opened exactly, and by 5 regions at most.")
  func exhaustive() throws {
    for start in 0..<64 {
      for count in 1...128 {
        let window = Window(base: UInt32(start) * 32, size: UInt32(count) * 32)
        let regions = try #require(Cover.regions(for: window, limit: 8), "\(window)")
        guard regions.count <= 5 else {
          Issue.record("\(window) takes \(regions.count) regions")
          return
        }
        let opened = open(regions)
        guard opened.indices.allSatisfy({ opened[$0] == (start..<start + count).contains($0) })
        else {
          Issue.record("\(window) is not opened exactly by \(regions)")
          return
        }
        #expect(Cover.regions(for: window, limit: regions.count - 1) == nil)
      }
    }
  }

  @Test("A window that is no multiple of 32, or empty, has no cover.")
  func none() {
    #expect(Cover.regions(for: Window(base: 0, size: 0), limit: 8) == nil)
    #expect(Cover.regions(for: Window(base: 4, size: 32), limit: 8) == nil)
    #expect(Cover.regions(for: Window(base: 0, size: 33), limit: 8) == nil)
  }

  @Test("The last bytes of the address space can be covered.")
  func top() throws {
    let regions = try #require(Cover.regions(for: Window(base: 0xFFFF_FF00, size: 256), limit: 1))
    #expect(regions == [Region(base: 0xFFFF_FF00, logSize: 8, disabled: 0)])
  }

  @Test("With one region the place ends no later than at the next fitting power of two.")
  func oneRegion() throws {
    for size in stride(from: UInt32(256), through: 20_000, by: 173) {
      let place = try #require(Cover.place(size: size, from: 2992, to: 1 << 20, limit: 1))
      #expect(place.regions.count == 1)
      var power: UInt32 = 256
      while power < size { power *= 2 }
      let simple = UInt32(2992).roundedUp(to: power) + size.roundedUp(to: power / 8)
      #expect(place.window.end <= UInt64(simple), "\(size)")
    }
  }

  @Test("A large size with a single region is placed without a long search.")
  func large() throws {
    let size: UInt32 = 3_000_000
    let place = try #require(Cover.place(size: size, from: 992, to: 1 << 32, limit: 1))
    // Every end up to the one that was found is tried with every base before it.
    let ends = (place.window.end - UInt64(size)) / Cover.step(for: size, limit: 1) + 1
    #expect(ends * ends < 100, "\(ends) ends were tried")
  }
}
