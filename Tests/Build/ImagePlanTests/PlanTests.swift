// ImagePlanTests/PlanTests.swift: what the MPU words mean, byte by byte, and that plans fit.
// The words are read back as the hardware reads them, so encoder and search check each other.

import ApusABI
import Foundation
import PlainText
import Testing

@testable import ImagePlan

@Suite struct PlanTests {
  /// What a task may do at `address`, by the highest slot that applies.
  private func access(_ task: Plan.TaskPart, _ address: UInt32) -> RegionWords.Access? {
    task.regions.reversed().lazy.compactMap { $0.access(at: address) }.first
  }

  private func plan(
    code: [UInt32], stacks: [Int], kernel: KernelLayout = Fixture.kernel
  ) throws -> Plan {
    var app = try Fixture.parsedApp()
    app.board.flash.size = 1 << 20
    app.board.ram.size = 1 << 20
    for index in app.tasks.indices { app.tasks[index].stackBytes = stacks[index] }
    return try Plan(app, kernel: kernel, tasks: code.map { TaskLayout(flashBytes: $0) })
  }

  @Test("A task can touch its padded windows and its devices, and no other byte; 40 random sizes.")
  func exactAccess() throws {
    let seed = ProcessInfo.processInfo.environment["APUS_SEED"].flatMap(UInt64.init) ?? 1
    var random = SplitMix(state: seed)
    for _ in 0..<40 {
      let plan = try plan(
        code: (0..<3).map { _ in UInt32.random(in: 1...3000, using: &random) },
        stacks: (0..<3).map { _ in Int.random(in: 12...200, using: &random) * 8 })
      for task in plan.tasks {
        // Every run of 32 bytes is one answer, as no region is finer; its ends are checked as well.
        for memory in [
          Window(base: 0, end: UInt64(plan.flashEnd) + 8192),
          Window(base: 0x2000_0000, end: UInt64(plan.ramEnd) + 8192),
          Window(base: 0x4000_3000, size: 0x3000),
        ] {
          for base in stride(from: memory.base, to: memory.base + memory.size, by: 32) {
            let expected: RegionWords.Access? =
              task.paddedFlash.contains(Window(base: base, size: 32))
              ? .execute
              : task.paddedRAM.contains(Window(base: base, size: 32))
                ? .readWrite
                : task.peripherals.contains { $0.window.contains(Window(base: base, size: 32)) }
                  ? .device : nil
            let found = access(task, base)
            guard found == expected, access(task, base + 31) == expected else {
              Issue.record(
                "APUS_SEED=\(seed): '\(task.name)' at \(hex(base)): \(String(describing: found))")
              return
            }
          }
        }
      }
      expectDisjoint(plan)
    }
  }

  /// Padding belongs to one task: no window reaches into another's or the kernel's.
  private func expectDisjoint(_ plan: Plan) {
    let own = plan.tasks.dropLast()
    let windows =
      own.flatMap { [$0.paddedFlash, $0.paddedRAM] } + [plan.kernel.flash, plan.kernel.ram]
    for (index, window) in windows.enumerated() {
      for other in windows[..<index] { #expect(!window.overlaps(other)) }
    }
    for task in own {
      #expect(task.paddedFlash.contains(task.flash))
      #expect(task.paddedRAM.contains(task.ram))
      // An overflowing stack leaves the task's memory at once.
      #expect(task.ram.base == task.paddedRAM.base)
    }
  }

  @Test("Padding is below 32 bytes a task for code up to 3,000 bytes and stacks up to 1,600.")
  func littleWaste() throws {
    for size in stride(from: UInt32(4), through: 3000, by: 52) {
      let stack = Int(size) / 2 / 8 * 8 + 96
      let plan = try plan(code: [size, size + 4, size / 2 + 1], stacks: [stack, stack, 96])
      for task in plan.tasks.dropLast() {
        #expect(task.paddedFlash.size - task.flash.size < 32, "\(task.name) \(size)")
        #expect(task.paddedRAM.size - task.ram.size < 32, "\(task.name) \(size)")
      }
      #expect(plan.flashEnd - 3000 - (2 * size + 4 + size / 2 + 1) < 4 * 32)
    }
  }

  @Test("A memory that overflows is refused with the excess and with who takes how much.")
  func overflow() throws {
    let app = try Fixture.parsedApp()
    let sizes: [UInt32] = [1000, 3000, 2000]
    let flash = #expect(throws: PlanError.self) {
      try Plan(app, kernel: Fixture.kernel, tasks: sizes.map { TaskLayout(flashBytes: $0) })
    }
    #expect(
      flash?.description == """
        flash of 'toy' overflows by 864 bytes: 9056 are needed, 8192 exist
          at app.yaml:13
          kernel 3000, driver 3008, shell 2016, supervisor 1024
          try: fewer or smaller tasks: 'footprint report' names the largest symbols
        """)
    var deep = app
    deep.tasks[1].stackBytes = 3000
    let ram = #expect(throws: PlanError.self) {
      try Plan(deep, kernel: Fixture.kernel, tasks: sizes.map { TaskLayout(flashBytes: $0 / 4) })
    }
    #expect(
      ram?.description == """
        ram of 'toy' overflows by 480 bytes: 4576 are needed, 4096 exist
          at app.yaml:13
          kernel 800, driver 3008, shell 512, supervisor 256
          try: smaller stacks: 'footprint stack' says how deep each task gets
        """)
  }

  @Test("The tables hold the descriptors, the map and the interrupts as ApusABI lays them out.")
  func tables() throws {
    let plan = try plan(code: [100, 200, 300], stacks: [256, 256, 512])
    let shell = plan.tasks[2]
    #expect(
      plan.taskWords[2] == [
        0, shell.stackTop, shell.ram.base, 512, shell.flash.base, 300, 0xC000_0000, 0x4000_0000,
      ])
    #expect(plan.taskWords[1][0] == 0b100, "the driver may be posted 'go', and no interrupt's bit")
    #expect(plan.taskWords[3][6...] == [0, 0], "idle reaches nobody")
    #expect(plan.tasks[3].stackTop == 0x2000_0120)
    #expect(plan.interruptWords == [0x0000_0100, 0x0001_0101])
    for (index, row) in plan.regionWords.enumerated() {
      #expect(row.count == 16)
      for slot in 0..<8 { #expect(row[2 * slot] & 0x1F == 0x10 | UInt32(slot), "task \(index)") }
    }
    #expect(plan.tableSource.contains("  .word 0x00000100  @ interrupt 0\n"))
  }

  @Test("A plan survives JSON, gives the same bytes twice and says its version.")
  func json() throws {
    let plan = try plan(code: [100, 200, 300], stacks: [256, 256, 512])
    let data = try plan.json()
    #expect(try JSONDecoder().decode(Plan.self, from: data) == plan)
    #expect(try plan.json() == data)
    let folder = FileManager.default.temporaryDirectory.appending(path: "plan-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: PlanError.self) { try ImageBundle(reading: folder) }
    let file = folder.appending(path: "plan.json")
    try data.write(to: file)
    #expect(try ImageBundle(reading: folder).plan == plan)
    try Data("{ \"version\": 7 }".utf8).write(to: file)
    let error = #expect(throws: PlanError.self) { try ImageBundle(reading: folder) }
    #expect(error?.message.hasSuffix("has version 7, this tool reads 1") == true)
    #expect(error?.exitCode == 2)
  }

  @Test("The region words are those of the manual's example fields.")
  func words() {
    // 4 KB of device registers: size field 11, XN, AP 011, S and B.
    let device = Region(base: 0x4000_4000, logSize: 12, disabled: 0)
    #expect(
      RegionWords(device, access: .device, slot: 3)
        == RegionWords(base: 0x4000_4013, attributes: 0x1305_0017))
    // 32 bytes of code: size field 4, AP 110, C.
    let code = Region(base: 0x100, logSize: 5, disabled: 0)
    #expect(
      RegionWords(code, access: .execute, slot: 0)
        == RegionWords(base: 0x110, attributes: 0x0602_0009))
    // Three eighths of 256 bytes of stack: size field 7, sub-regions 3...7 closed.
    let stack = Region(base: 0x2000_0100, logSize: 8, disabled: 0xF8)
    #expect(
      RegionWords(stack, access: .readWrite, slot: 1)
        == RegionWords(base: 0x2000_0111, attributes: 0x1307_F80F))
  }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
