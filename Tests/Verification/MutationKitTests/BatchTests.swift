// MutationKitTests/BatchTests.swift: how many mutants of the kernel share a program.

import Testing

@testable import MutationKit

@Suite struct BatchTests {
  static let source = """
    extension Kernel {
      @inline(__always)
      public mutating func a(_ x: Int, for y: Int = 0, _ m: inout some Machine) -> Bool { x < y }
      var b: Int { 3 }
      func c() {
        d()
      }
    }

    """

  @Test("A function hands its own arguments over to the copy that the number names.")
  func copies() throws {
    let bytes = Array(Self.source.utf8)
    let all = Catalogue.mutants(of: "K.swift", .kernel, bytes)
    let chosen = [
      try #require(all.first { $0.operator == .compare }),
      try #require(all.first { $0.operator == .empty && $0.line == 6 }),
    ]
    let batch = Batch(chosen, sources: ["K.swift": bytes])
    #expect(
      batch.texts["K.swift"] == """
        extension Kernel {
          @inline(never)
          public mutating func a(_ x: Int, for y: Int = 0, _ m: inout some Machine) -> Bool {switch \
        mutantNumber { case 1: return a_1(x, for: y, &m); default: break }; return  x < y }
        mutating func a_1(_ x: Int, for y: Int = 0, _ m: inout some Machine) -> Bool { x <= y }
          var b: Int { 3 }
          func c() {switch mutantNumber { case 2: return c_2(); default: break };\u{20}
            d()
          }
        func c_2() {
           \u{20}
          }
        }

        """)
    #expect(batch.mutant(at: "K.swift", 4)?.id == chosen[0].id)
    #expect(batch.mutant(at: "K.swift", 9)?.id == chosen[1].id)
    #expect(batch.mutant(at: "K.swift", 1) == nil)
  }

  @Test("A mutant outside any function, or refused by the compiler, is not in the batch.")
  func outsiders() throws {
    let bytes = Array(Self.source.utf8)
    let all = Catalogue.mutants(of: "K.swift", .kernel, bytes)
    let outside = all.filter { $0.before == "var b: Int { 3 }" }
    #expect(!outside.isEmpty)
    let batch = Batch(all, sources: ["K.swift": bytes], refused: [all[0].id])
    #expect(batch.outsiders == outside)
    #expect(batch.members.count == all.count - outside.count - 1)
  }
}
