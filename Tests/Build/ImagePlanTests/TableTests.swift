// ImagePlanTests/TableTests.swift: every word that the kernel reads, computed anew from the manifest.
// A random app is drawn as plain values, written as YAML and planned; nothing of the planner's own
// view of it is used for what is expected, but where it has put each task.

import ApusABI
import Foundation
import Testing

@testable import ImagePlan

/// An app as it was drawn, before it becomes a manifest.
private struct Drawn {
  struct Task {
    var stack: Int
    var keeps: Int
    var code: UInt32
    var calls: [Int]
    /// Whom it posts to, and the bits that it posts, none of them an interrupt's.
    var notifies: [Int: Set<Int>]
    /// Lines of the board's that it owns, each with its bit.
    var lines: [Int: Int]
    var hasDevice: Bool
  }

  var tasks: [Task]

  static let lineCount = 240
  /// Where words of 32 bits meet, and the ends.
  static let edges = [0, 31, 32, 33, 63, 64, 95, 96, 127, 128, 191, 192, 224, 238, 239]

  init(using random: inout SplitMix) {
    let count = Int.random(in: 2...31, using: &random)
    var free = (Self.edges + (0..<20).map { _ in Int.random(in: 0..<240, using: &random) })
      .shuffled(using: &random)
    tasks = []
    for index in 0..<count {
      func some(_ range: Range<Int>) -> [Int] {
        range.filter { $0 != index && Int.random(in: 0..<3, using: &random) == 0 }
      }
      var lines: [Int: Int] = [:]
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        guard let line = free.popLast(), !tasks.contains(where: { $0.lines[line] != nil }) else {
          continue
        }
        lines[line] = Int.random(in: index == 0 ? 1...31 : 0...31, using: &random)
      }
      tasks.append(
        Task(
          stack: Int.random(in: 12...300, using: &random) * 8,
          keeps: max(0, Int.random(in: -40...40, using: &random)) * 4,
          code: UInt32.random(in: 1...4000, using: &random),
          calls: some(0..<index), notifies: [:], lines: lines, hasDevice: index == count - 1))
    }
    for index in tasks.indices {
      for peer in tasks.indices where peer != index && Int.random(in: 0..<3, using: &random) == 0 {
        let free = Set((peer == 0 ? 1 : 0)..<32).subtracting(tasks[peer].lines.values)
        let bits = (1...3).compactMap { _ in free.sorted().randomElement(using: &random) }
        tasks[index].notifies[peer] = Set(bits)
      }
    }
  }

  /// A board with all lines, in an order that is not theirs.
  static var board: String {
    let names = (0..<lineCount).reversed().map { "  line-\($0): \($0)\n" }.joined()
    return """
      name: toy
      cpu: cortex-m3
      clock: 25 MHz
      interruptCount: \(lineCount)
      mpuRegions: 8
      flash: { base: 0, size: 1 MB }
      ram: { base: 0x2000_0000, size: 1 MB }
      peripherals:
        uart: { base: 0x4000_4000, size: 4 KB, driver: cmsdk }
      qemu: { machine: toy }
      interrupts:
      \(names)
      """
  }

  var manifest: String {
    let bits = (1...31).map { "bit-\($0)" }
    let entries = tasks.enumerated().map { index, task in
      func names(_ peers: [Int]) -> String { peers.map { "task-\($0)" }.joined(separator: ", ") }
      let first = index == 0 ? "fault" : "bit-0"
      let posts = task.notifies.map { peer, bits in
        let names = bits.map { peer == 0 && $0 == 0 ? "fault" : "bit-\($0)" }
        return "task-\(peer): [\(names.joined(separator: ", "))]"
      }.joined(separator: ", ")
      let lines = task.lines.map { "line-\($0.key): bit-\($0.value)" }.joined(separator: ", ")
      return """
          - name: task-\(index)
            stack: \(task.stack)
            \(task.keeps == 0 ? "" : "keeps: \(task.keeps) B")
            notifications: [\(([first] + bits).joined(separator: ", "))]
            calls: [\(names(task.calls))]
            notifies: { \(posts) }
            interrupts: { \(lines) }
            peripherals: [\(task.hasDevice ? "uart" : "")]
        """
    }
    return "app: demo\nboards: [toy]\ntick: 10 ms\ntasks:\n" + entries.joined(separator: "\n")
  }

  /// A set of tasks as the kernel reads it: bit 31 is task 0.
  static func set(_ peers: [Int]) -> UInt32 { peers.reduce(0) { $0 | 1 << UInt32(31 - $1) } }

  /// What some task posts to task `index`.
  func postable(_ index: Int) -> UInt32 {
    tasks.reduce(0) { word, task in
      (task.notifies[index] ?? []).reduce(word) { $0 | 1 << UInt32($1) }
    }
  }

  /// The rows of the table of interrupts: number, owner, bit.
  var interrupts: [UInt32] {
    tasks.enumerated().flatMap { index, task in
      task.lines.map { UInt32($0.key | index << 8 | $0.value << 16) }
    }.sorted { $0 & 0xFF < $1 & 0xFF }
  }

  func plan() throws -> Plan {
    try Plan(
      Fixture.parsedApp(manifest, board: Self.board), kernel: Fixture.kernel,
      tasks: tasks.map { TaskLayout(flashBytes: $0.code) })
  }
}

@Suite struct TableTests {
  private static let seed =
    ProcessInfo.processInfo.environment["APUS_SEED"].flatMap(UInt64.init) ?? 1

  /// Drawn and planned once for all tests.
  private static let all = Result {
    var random = SplitMix(state: seed)
    return try (0..<24).map { _ in
      let drawn = Drawn(using: &random)
      return (drawn, try drawn.plan())
    }
  }

  private func forEachDrawn(_ body: (Drawn, Plan) throws -> Void) throws {
    for (drawn, plan) in try Self.all.get() { try body(drawn, plan) }
  }

  @Test("Every word of every descriptor is the manifest's: windows to the byte, not as padded.")
  func descriptors() throws {
    var padded = 0
    try forEachDrawn { drawn, plan in
      #expect(plan.taskWords.count == drawn.tasks.count + 1)
      for (index, task) in drawn.tasks.enumerated() {
        let words = plan.taskWords[index]
        let (ram, flash) = (plan.tasks[index].paddedRAM.base, plan.tasks[index].paddedFlash.base)
        // What is kept has a header of two words, and lies above the stack.
        let kept = task.keeps == 0 ? 0 : task.keeps + 8
        let expected = [
          drawn.postable(index), ram + UInt32(task.stack), ram, UInt32(task.stack + kept), flash,
          task.code, Drawn.set(task.calls), Drawn.set(task.notifies.keys.sorted()),
        ]
        #expect(words == expected, "APUS_SEED=\(Self.seed): task \(index) of \(drawn.manifest)")
        let window = Window(base: ram + UInt32(task.stack), size: UInt32(kept))
        #expect(plan.tasks[index].kept == (kept == 0 ? nil : window))
        padded += plan.tasks[index].paddedRAM.size > words[3] ? 1 : 0
      }
      let idle = Fixture.kernel.idleStack
      #expect(
        plan.taskWords.last == [
          0, idle.base + idle.size, idle.base, idle.size, Fixture.kernel.idleCode, 32, 0, 0,
        ])
    }
    #expect(padded > 100, "too few of the drawn tasks have padding to tell the windows apart")
  }

  @Test("Every line of 0...239 that has an owner is in the table once, ascending, with its bit.")
  func interrupts() throws {
    var owned: Set<UInt32> = []
    try forEachDrawn { drawn, plan in
      #expect(plan.interruptWords == drawn.interrupts, "APUS_SEED=\(Self.seed)")
      owned.formUnion(drawn.interrupts.map { $0 & 0xFF })
    }
    #expect(owned.isSuperset(of: Drawn.edges.map(UInt32.init)), "an edge that nobody ever owned")
  }

  @Test("The first link's tables, all zero, have the size of the second's.")
  func emptyTables() throws {
    try forEachDrawn { drawn, plan in
      let app = try Fixture.parsedApp(drawn.manifest, board: Drawn.board)
      let zero = try #require(Self.tables(app.emptyTableSource))
      let full = try #require(Self.tables(plan.tableSource))
      #expect(zero.mapValues(\.count) == full.mapValues(\.count))
      #expect(zero.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }
  }

  @Test("The assembly has the words of the plan, in its order, under the kernel's names.")
  func assembly() throws {
    try forEachDrawn { drawn, plan in
      let tables = try #require(Self.tables(plan.tableSource))
      #expect(tables["apus_tasks"] == plan.taskWords.flatMap { $0 })
      #expect(tables["apus_interrupts"] == drawn.interrupts)
      // A map is what `PlanTests` finds exact: eight pairs in the order of the slots.
      let maps = plan.tasks.flatMap { $0.regions.flatMap { [$0.base, $0.attributes] } }
      #expect(tables["apus_mpu"] == maps)
      #expect(maps.count == plan.tasks.count * 16)
    }
  }

  /// The words behind each label of an assembly source.
  private static func tables(_ source: String) -> [String: [UInt32]]? {
    var tables: [String: [UInt32]] = [:]
    var label = ""
    for line in source.split(separator: "\n") {
      if line.last == ":" {
        label = String(line.dropLast())
        tables[label] = []
      } else if line.hasPrefix("  .word ") {
        let words = line.dropFirst(8).prefix { $0 != "@" }.split(separator: ",")
        for word in words {
          let digits = word.drop { $0 == " " }.dropFirst(2).prefix { $0 != " " }
          guard let value = UInt32(digits, radix: 16) else { return nil }
          tables[label]?.append(value)
        }
      }
    }
    return tables
  }
}
