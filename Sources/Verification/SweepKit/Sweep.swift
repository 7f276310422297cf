// SweepKit/Sweep.swift: builds the image for a board, runs a sweep's passages one by one, and counts.
// A QEMU that ends by itself or at its limit fails the passage that was running, and no other.

import AccessMonitor
import ApusBuild
import Foundation
import ImagePlan
import QEMUKit
import Synchronization

/// A sweep of some kinds over some boards.
public struct Sweep: Sendable {
  /// The repository.
  public var root: URL
  /// Where images go, a folder a board.
  public var output: URL
  public var boards: [String]
  public var kinds: [SweepKind]
  /// The first trial's number, for a sweep whose trials are numbered.
  public var first = 0
  /// The trials of each kind; as many as the kind has if not given.
  public var count: Int?
  /// What registers, stack pointers and 32-bit opcodes follow from.
  public var seed: UInt32
  /// Whether our plugin watches every store meanwhile, at about half the speed.
  public var isWatched = false
  /// The host time that one trial may take on a busy machine, on average.
  var patience = Duration.milliseconds(100)
  /// The host time that one QEMU may take in all, if not by `patience`.
  var limit: Duration?

  /// Prepares a run of all kinds on all boards of the app.
  public init(root: URL, output: URL? = nil, boards: [String]? = nil, seed: UInt32 = 1) throws {
    self.root = root
    self.output = output ?? root.appending(path: "build/sweep")
    self.boards = try boards ?? ImageBuilder.boards(root: root, app: "sweep")
    self.seed = seed
    kinds = SweepKind.allCases
  }

  /// Runs everything; `report` is told of each tally as it is found, `progress` of each passage.
  ///
  /// - Throws: `BuildError` or `PlanError` if an image does not build, `QEMUError` without QEMU.
  public func run(
    progress: @escaping @Sendable (String) -> Void = { _ in },
    _ report: @escaping @Sendable (Tally) -> Void = { _ in }
  ) async throws -> SweepReport {
    try await withThrowingTaskGroup(of: [Tally].self) { group in
      // Two at a time: a QEMU keeps a core.
      var waiting = boards[...]
      var all: [Tally] = []
      for _ in 0..<2 {
        if let board = waiting.popFirst() {
          group.addTask { try await run(on: board, progress, report) }
        }
      }
      while let tallies = try await group.next() {
        all += tallies
        if let board = waiting.popFirst() {
          group.addTask { try await run(on: board, progress, report) }
        }
      }
      return SweepReport(sweeps: all.sorted { ($0.board, $0.order) < ($1.board, $1.order) })
    }
  }

  private func run(
    on board: String, _ progress: @Sendable (String) -> Void, _ report: @Sendable (Tally) -> Void
  ) async throws -> [Tally] {
    let bundle = try await ImageBuilder(
      root: root, app: "sweep", board: board, output: output.appending(path: board)
    ).build()
    let arena = try Arena(bundle)
    var tallies: [Tally] = []
    for kind in kinds {
      let tally = try await run(kind, arena, progress)
      report(tally)
      tallies.append(tally)
    }
    return tallies
  }

  /// Runs one kind on an image that is built.
  func run(
    _ kind: SweepKind, _ arena: Arena, _ progress: @Sendable (String) -> Void = { _ in }
  ) async throws -> Tally {
    let plan = arena.bundle.plan
    var tally = Tally(kind: kind, board: plan.board.name, seed: seed)
    let count = count ?? kind.fullCount(plan)
    for passage in kind.passages(plan, first: first, count: count, seed: seed) {
      let judge = try await hold(passage, arena)
      tally.add(judge.outcomes)
      tally.boundaries.formUnion(judge.boundaries)
      tally.storesSeen += judge.sightings.kernelStores + judge.sightings.taskStores
      for (trial, what) in judge.failures.prefix(8) {
        tally.failures.append(describe(kind, plan.board.name, passage, trial, what))
      }
      progress("\(plan.board.name)  \(kind.rawValue)  \(tally.trials) of \(count)")
    }
    return tally
  }

  /// What was broken, and the one command that shows it again.
  private func describe(
    _ kind: SweepKind, _ board: String, _ passage: Passage, _ trial: Int?, _ what: String
  ) -> String {
    let place = trial.map { ", trial \($0)" } ?? ""
    let range =
      passage.hasOwnSlots || kind == .calls
      ? " --first \(trial ?? passage.first) --count \(trial == nil ? passage.count : 1)"
      : count.map { " --count \($0)" } ?? ""
    return "\(passage.name)\(place): \(what)\n"
      + "  again: apus-verify sweep \(kind.rawValue) --board \(board) --seed \(seed)\(range)"
  }

  /// One QEMU for one passage.
  func hold(_ passage: Passage, _ arena: Arena) async throws -> Judge {
    let slots = arena.bundle.directory.appending(path: "slots-\(UUID().uuidString).bin")
    defer { try? FileManager.default.removeItem(at: slots) }
    var machine = try arena.machine(passage.code, file: slots, pace: passage.pace)
    var walls = arena.walls
    var boundaries: BoundaryLog?
    if isWatched, passage.alarm.first > 0 {
      boundaries = BoundaryLog(arena.bundle)
      walls.alarm = boundaries?.alarm
      machine.extraArguments += boundaries?.arguments ?? []
    }
    let tools = output.appending(path: "tools")
    let watch = isWatched ? try await Oracle(walls).watch(&machine, toolDirectory: tools) : nil
    var judge = try await talk(passage, arena, machine)
    do {
      if let watch {
        judge.sightings = try watch.look()
        for finding in judge.sightings.findings.prefix(8) { judge.add(walls.describe(finding)) }
      }
      if let boundaries { judge.boundaries = try boundaries.read(walls.kernelCode) }
    } catch let error as QEMUError {
      judge.end(error)
    }
    return judge
  }

  /// Says the passage's lines, and listens until it is over.
  private func talk(_ passage: Passage, _ arena: Arena, _ machine: Machine) async throws -> Judge {
    let number = UInt32.random(in: 0x1000_0000...0xFFFF_FFFF)
    let judge = Mutex(Judge(passage, session: number))
    let lines = passage.lines(arena.bundle.plan, seed: seed)
    let session = Session(
      machine, limit: limit ?? .seconds(120) + patience * passage.count)
    do {
      try await session.run { guest in
        try await guest.expect("apus sweep ")
        try await guest.expect("\r\n")
        for line in lines { try await guest.send(String(number, radix: 16) + " " + line) }
        while !judge.withLock(\.isOver) {
          let text = try await guest.expect("\r\n").dropLast(1)
          judge.withLock { $0.read(text[...]) }
        }
      }
    } catch let error as QEMUError {
      guard error.ending != nil else { throw error }
      judge.withLock { $0.end(error) }
    }
    return judge.withLock { $0 }
  }
}

extension Tally {
  /// The kind's place in a report.
  fileprivate var order: Int { SweepKind.allCases.firstIndex(of: kind) ?? 0 }
}
