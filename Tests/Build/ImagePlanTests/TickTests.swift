// ImagePlanTests/TickTests.swift: which ticks are refused, for manifests of many sizes.
// That the bound is the kernel's is for `KernelTimeTests` of BenchTests, which counts.

import Testing

@testable import ImagePlan

@Suite struct TickTests {
  private func manifest(tick: Int, tasks: Int, lines: Int) -> String {
    let list = (0..<tasks).map { index in
      let bits = (0..<32).map { $0 == 0 ? "fault" : "bit-\($0)" }.joined(separator: ", ")
      let owned = (0..<lines).filter { $0 % tasks == index }.map { "line-\($0): bit-1" }
      return """
          - name: task-\(index)
            stack: 256
            notifications: [\(bits)]
            interrupts: { \(owned.joined(separator: ", ")) }
        """
    }
    return "app: demo\nboards: [toy]\ntick: \(tick) us\ntasks:\n" + list.joined(separator: "\n")
  }

  private func board(clock: String, hasUnit: Bool) -> String {
    let lines = (0..<32).map { "  line-\($0): \($0)\n" }.joined()
    return Fixture.board.changing("clock: 25 MHz", to: "clock: \(clock)\nfloatingPoint: \(hasUnit)")
      .changing("interrupts:\n", to: "interrupts:\n" + lines)
      .changing("  uart-rx: 0\n  uart-tx: 1\n  both-rx: 5\n  both-tx: 5\n", to: "")
  }

  @Test("The shortest tick that is accepted is longer than the longest stay, by less than it must.")
  func least() throws {
    for (clock, hertz) in [("25 MHz", 25_000_000), ("12.5 MHz", 12_500_000), ("32 kHz", 32_000)] {
      for (tasks, lines, hasUnit) in [(1, 0, false), (3, 2, true), (8, 32, false), (31, 32, true)] {
        let stay = KernelTime.longestStay(
          tasks: tasks, interrupts: lines, hasFloatingPoint: hasUnit)
        let board = board(clock: clock, hasUnit: hasUnit)
        func app(_ tick: Int) throws(PlanError) {
          _ = try Fixture.parsedApp(
            manifest(tick: tick, tasks: tasks, lines: lines), board: board)
        }
        // The least whole number of microseconds that is a whole number of clocks above the stay.
        var least = 1
        while least * hertz % 1_000_000 != 0 || least * hertz / 1_000_000 <= stay.cycles {
          least += 1
        }
        try app(least)
        var shorter = least - 1
        while shorter > 0, shorter * hertz % 1_000_000 != 0 { shorter -= 1 }
        let error = #expect(throws: PlanError.self) { try app(shorter) }
        #expect(
          error?.message
            == "app: a tick of \(shorter) us is too short, the least is \(least) us on 'toy'")
        #expect(error?.location?.line == 3)
      }
    }
  }

  @Test("More tasks, more interrupts and a floating-point unit never make the stay shorter.")
  func monotonous() {
    func cycles(_ tasks: Int, _ lines: Int, _ hasUnit: Bool) -> Int {
      KernelTime.longestStay(tasks: tasks, interrupts: lines, hasFloatingPoint: hasUnit).cycles
    }
    for tasks in 1..<31 {
      for lines in 0..<240 {
        let here = cycles(tasks, lines, false)
        #expect(cycles(tasks + 1, lines, false) >= here)
        #expect(cycles(tasks, lines + 1, false) >= here)
        #expect(cycles(tasks, lines, true) > here)
      }
    }
  }
}
