// SweepTests/OracleTests.swift: the oracle is silent over what ships, and sees each broken wall.
// A kernel is broken by changing one instruction of an image that is built already.

import AccessMonitor
import ApusABI
import ApusBuild
import BoardSupport
import Conversations
import Foundation
import ImagePlan
import QEMUKit
import Testing

@testable import SweepKit

@Suite(.serialized) struct OracleTests {
  static let output = SweepTests.output.appending(path: "oracle")

  private func bundle(_ app: String, _ board: String) async throws -> ImageBundle {
    try await ImageBuilder(
      root: SweepTests.root, app: app, board: board,
      output: Self.output.appending(path: "\(app)-\(board)")
    ).build()
  }

  @Test(
    "Crimes, deaths and resets of the console break no wall.",
    .timeLimit(.minutes(15)), arguments: ["mps2-an386", "lm3s6965evb"])
  func console(board: String) async throws {
    let bundle = try await bundle("console", board)
    let oracle = Oracle(try Walls(bundle))
    var machine = Machine(board: bundle.plan.board.machine, image: bundle.image)
    let watch = try await oracle.watch(
      &machine, toolDirectory: Self.output.appending(path: "tools"))
    try await Session(machine, limit: .seconds(600)).run { guest in
      try await guest.expect(ConsoleTalk.prompt)
      let console = BoardConsole(guest, board: board)
      for crime in ["memory", "device", "stack", "bus", "text", "illegal", "slice", "usage"] {
        try await console.ask("crash sensor \(crime)")
      }
      try await console.ask("crash supervisor illegal")
      try await console.ask("ps")
    }
    let sightings = try watch.end()
    // A bad slice and a misuse are calls, and one of the boards swallows bus errors.
    #expect(sightings.count(.fault) >= 5 && sightings.count(.panic) == 0)
    #expect(sightings.count(.start) == 2, "one start a boot")
    #expect(sightings.kernelStores > 10_000)
  }

  /// A broken kernel, what a task does with it, and the rule that must be seen broken.
  struct Sabotage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var symbol: String
    var old: [UInt16]
    var new: [UInt16]
    var code: [UInt16]
    var registers: [Int: UInt32] = [:]
    var rule: Oracle.Rule
  }

  static let sabotages = [
    Sabotage(
      testDescription: "thread mode that stays privileged", symbol: "apus_start",
      old: [0x2001], new: [0x2000], code: [Opcode.load], registers: [2: 0xE000_ED00],
      rule: .taskLoad),
    Sabotage(
      testDescription: "a protection unit that is never switched on again",
      symbol: "apus_load_map", old: [0x2305], new: [0x2304], code: [Opcode.store],
      registers: [2: 0x2000_0000], rule: .taskStore),
    Sabotage(
      testDescription: "a way into the kernel without an exception",
      symbol: "apus_load_map", old: [0x2305], new: [0x2304], code: [Opcode.jump], rule: .wayIn),
    Sabotage(
      testDescription: "a first frame above the stack instead of below it",
      symbol: "apus_first_frame", old: [0xE920, 0x000E], new: [0xE8A0, 0x000E],
      code: [Opcode.undefined], rule: .kernelStore),
    Sabotage(
      testDescription: "a call that is left pending by a frame that does not fit",
      symbol: "apus_fault", old: [0xF422, 0x4270], new: [0xF022, 0x0200],
      code: [
        Opcode.moveStack, Opcode.call,
      ], registers: [7: 0x2000_0010], rule: .phantomCall),
  ]

  @Test("The oracle sees", .timeLimit(.minutes(10)), arguments: sabotages)
  func sees(sabotage: Sabotage) async throws {
    let bundle = try await bundle("sweep", "mps2-an385")
    var arena = try Arena(bundle)
    let name = UUID().uuidString
    try arena.sabotage(sabotage.symbol, sabotage.old, sabotage.new, name: name)
    defer { try? FileManager.default.removeItem(at: arena.image) }
    var sweep = try Sweep(root: SweepTests.root, output: Self.output, boards: ["mps2-an385"])
    // A kernel as broken as these may never come to its end.
    (sweep.isWatched, sweep.limit) = (true, .seconds(20))
    var registers = sabotage.registers
    if sabotage.rule == .wayIn { registers[2] = arena.walls.copy.lowerBound | 1 }
    let passage = Passage(
      name: "sabotage", count: 2, code: [sabotage.code], registers: registers)
    let judge = try await sweep.hold(passage, arena)
    #expect(judge.rules.contains(sabotage.rule), "\(judge.failures)")
  }

  @Test("The same trials break no wall of the kernel as it is.", .timeLimit(.minutes(10)))
  func silent() async throws {
    let arena = try Arena(try await bundle("sweep", "mps2-an385"))
    var sweep = try Sweep(root: SweepTests.root, output: Self.output, boards: ["mps2-an385"])
    sweep.isWatched = true
    for sabotage in Self.sabotages {
      var registers = sabotage.registers
      if sabotage.rule == .wayIn { registers[2] = arena.walls.copy.lowerBound | 1 }
      let passage = Passage(name: "sound", count: 2, code: [sabotage.code], registers: registers)
      let judge = try await sweep.hold(passage, arena)
      #expect(judge.failures.isEmpty, "\(sabotage.testDescription): \(judge.failures)")
      #expect(judge.outcomes.count == 2 && judge.sightings.count(.start) == 1)
    }
  }

  @Test("A watch over a machine that ran no task is an error, not silence.")
  func nothingSeen() async throws {
    let bundle = try await bundle("sweep", "mps2-an385")
    var walls = try Walls(bundle)
    walls.exit = 0xFFFF_FFF0
    var machine = Machine(board: "mps2-an385", image: bundle.image)
    let watch = try await Oracle(walls).watch(
      &machine, toolDirectory: Self.output.appending(path: "tools"))
    _ = try await Session(machine, limit: .seconds(90)).run(until: "apus sweep mps2-an385")
    #expect(throws: QEMUError.self) { try watch.end() }
  }
}
