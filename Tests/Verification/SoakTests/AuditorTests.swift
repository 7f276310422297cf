// SoakTests/AuditorTests.swift: what a guest may say, and what gives a defect away.
// No QEMU here.

import Testing

@testable import SoakKit

@Suite struct AuditorTests {
  /// A statement that is good.
  static func good(_ round: UInt32) -> Statement {
    var words = [round * 100, round * 7, 0, round * 5, round * 4, 0, 0, 0, 0, 0, 0, round * 3, 0]
    words += [0, round * 7] + Array(repeating: 0, count: 12)
    return Statement(words)!
  }

  @Test("Counts that grow and balance are believed, however long.")
  func growing() throws {
    var auditor = Auditor()
    for round in UInt32(1)...100 { try auditor.take(Self.good(round)) }
    #expect(auditor.last?.messages == 900)
  }

  @Test(
    "A message lost, doubled or damaged, a complaint, or a fault without a kind ends the soak.",
    arguments: [\Statement.lost, \.duplicated, \.damaged, \.complaints, \.faults])
  func defects(count: WritableKeyPath<Statement, UInt32> & Sendable) throws {
    var auditor = Auditor()
    try auditor.take(Self.good(1))
    var bad = Self.good(2)
    bad[keyPath: count] += 1
    #expect(throws: SoakFailure.self) { try auditor.take(bad) }
  }

  @Test("A customer, a driver or a clock that stands still is found out.")
  func standingStill() throws {
    for change: @Sendable (inout Statement) -> Void in [
      { $0.numbers[0] = 5 }, { $0.numbers[1] = 4 }, { $0.interrupts = 3 }, { $0.ticks = 100 },
    ] {
      var auditor = Auditor()
      #expect(throws: SoakFailure.self) {
        for round in UInt32(1)...20 {
          var statement = Self.good(round)
          change(&statement)
          try auditor.take(statement)
        }
      }
    }
  }

  @Test("A count that goes back is found out at once.")
  func goingBack() throws {
    var auditor = Auditor()
    try auditor.take(Self.good(2))
    #expect(throws: SoakFailure.self) { try auditor.take(Self.good(1)) }
  }

  @Test("A line with a word too few is no statement.")
  func short() { #expect(Statement(Array(repeating: 0, count: 26)) == nil) }
}
