// SweepTests/JudgeTests.swift: what the judge believes of a run's lines, and what it makes of them.
// No QEMU here.

import Testing

@testable import SweepKit

@Suite struct JudgeTests {
  private func judge(count: Int = 4, _ lines: [String]) -> Judge {
    var judge = Judge(Passage(name: "test", count: count, code: []), session: 0x1234_5678)
    for line in lines { judge.read(line[...]) }
    return judge
  }

  /// A batch: line number, next trial, generation, sent, counted, posts, outcomes of one word.
  private func batch(
    _ line: Int, next: Int, generation: Int, sent: Int, counted: Int? = nil, posts: Int,
    count: Int = 2, word: String = "00002525"
  ) -> String {
    let numbers = [next, generation << 5 | 3, sent, counted ?? sent, posts, count]
    let words = numbers.map { hex($0) } + [word] + Array(repeating: "00000000", count: 15)
    return "12345678 \(hex(line)) b " + words.joined(separator: " ")
  }

  private func hex(_ value: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  @Test("A run whose counts all follow from each other is good.")
  func good() {
    let judge = judge([
      "noise", batch(0, next: 2, generation: 2046, sent: 9, posts: 2),
      batch(1, next: 4, generation: 0, sent: 11, posts: 2), "12345678 00000002 d 00000004",
    ])
    #expect(judge.failures.isEmpty, "\(judge.failures)")
    #expect(
      judge.isOver
        && judge.outcomes.map(\.name) == ["executed", "executed", "executed", "executed"])
  }

  @Test(
    "A lost round, a lost life, a fault too many, a missing trial are each found.",
    arguments: [
      ("rounds", 12, 12, 4, 2, 4), ("counted", 11, 10, 4, 2, 4), ("generation", 11, 11, 5, 2, 4),
      ("notifications", 11, 11, 4, 3, 4), ("follow trial", 11, 11, 4, 2, 5),
    ])
  func wrong(word: String, sent: Int, counted: Int, generation: Int, posts: Int, next: Int) {
    let judge = judge([
      batch(0, next: 2, generation: 2, sent: 9, posts: 2),
      batch(1, next: next, generation: generation, sent: sent, counted: counted, posts: posts),
    ])
    #expect(judge.failures.contains { $0.what.contains(word) }, "\(judge.failures)")
  }

  @Test(
    "Nobody but the supervisor can end a run well.",
    arguments: [
      ["12345679 00000000 d 00000004"], ["12345678 00000001 d 00000004"],
      ["12345678 00000000 d 00000004"], ["apus sweep mps2-an385"], ["12345678 00000000 q 00000001"],
    ])
  func forged(lines: [String]) {
    let judge = judge(lines)
    #expect(!judge.isOver || !judge.failures.isEmpty)
  }

  @Test("A complaint names its trial.")
  func complaint() {
    let judge = judge(["12345678 00000000 x 00000007 00000004 00000001 00000000"])
    #expect(judge.failures.count == 1 && judge.failures[0].trial == 7)
    #expect(judge.failures[0].what.contains("1 words changed below"))
  }

  @Test("An address belongs to the alarm that became pending behind it, once for each arming.")
  func boundaries() {
    let trace = "nvic_set_pending NVIC set pending irq 24 secure-bank 0"
    let tick = trace.replacing("24", with: "15")
    let text = ["0", "102", tick, "104", trace, "106", trace, "0", "106", "900", trace].joined(
      separator: "\n")
    let found = BoundaryLog.parse(Array((text + "\n").utf8), interrupt: 24, 0x100..<0x200)
    #expect(found.executed == [0x102, 0x104, 0x106])
    #expect(found.hit == [0x104])
    #expect(found.ticked == [0x102])
  }
}
