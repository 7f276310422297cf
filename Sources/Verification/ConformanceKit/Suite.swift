// ConformanceKit/Suite.swift: builds an image a board, runs the cases in QEMUs side by side, and judges.
// A QEMU that ends by itself or at its limit fails the case that was running, never the ones after it.

import AccessMonitor
import ApusBuild
import Foundation
import ImagePlan
import QEMUKit

/// A run of cases on boards.
public struct Suite: Sendable {
  /// The repository.
  public var root: URL
  /// Where images go, a folder a board.
  public var output: URL
  public var boards: [String]
  public var cases: [Case]
  /// How long one QEMU may take for all its cases; a hang costs so much, and the case that hung.
  ///
  /// A minute is plenty on an idle machine, and too short beside a whole test run.
  public var limit = Duration.seconds(240)
  /// Whether our QEMU plugin judges every store and load from outside, at half the speed.
  ///
  /// Each board then has a verdict more, `oracle`: what was seen, or the broken walls and the cases
  /// that one QEMU had run until then.
  public var isWatched = false

  /// Prepares a run of all cases on all boards of the app.
  public init(root: URL, output: URL? = nil, boards: [String]? = nil) throws {
    self.root = root
    self.output = output ?? root.appending(path: "build/conformance")
    self.boards = try boards ?? ImageBuilder.boards(root: root, app: "conformance")
    cases = Case.all
  }

  /// A line a case: family, name, the rule that it tests.
  public var list: String {
    cases.map { "\($0.family.rawValue)  \($0.name)  \($0.rule)" }.joined(separator: "\n")
  }

  /// Runs everything; `report` is told of each verdict as it is found.
  ///
  /// - Throws: `BuildError` or `PlanError` if an image does not build, `QEMUError` without QEMU.
  public func run(_ report: @escaping @Sendable (Verdict) -> Void = { _ in }) async throws
    -> Results
  {
    try await withThrowingTaskGroup(of: [Verdict].self) { group in
      // Two at a time: a build and a QEMU keep a core each.
      var waiting = boards[...]
      var all: [Verdict] = []
      for _ in 0..<2 {
        if let board = waiting.popFirst() { group.addTask { try await run(on: board, report) } }
      }
      while let verdicts = try await group.next() {
        all += verdicts
        if let board = waiting.popFirst() { group.addTask { try await run(on: board, report) } }
      }
      return Results(cases: all.sorted { ($0.board, $0.order) < ($1.board, $1.order) })
    }
  }

  private func run(
    on board: String, _ report: @escaping @Sendable (Verdict) -> Void
  ) async throws -> [Verdict] {
    let bundle = try await ImageBuilder(
      root: root, app: "conformance", board: board, output: output.appending(path: board)
    ).build()
    return try await run(bundle, report)
  }

  /// Runs the cases on an image that is built, and reports each verdict as soon as it is known.
  func run(
    _ bundle: ImageBundle, _ report: @escaping @Sendable (Verdict) -> Void
  ) async throws -> [Verdict] {
    let cases = cases
    let log = Log { index, status, reason, ending in
      let verdict = Verdict(
        name: cases[index].name, family: cases[index].family, board: bundle.plan.board.name,
        status: status, reason: reason, order: index, ending: ending)
      report(verdict)
      return verdict
    }
    while log.verdicts.count < cases.count {
      // A QEMU that is not wanted any more would be waited for in vain.
      try Task.checkCancellation()
      let first = log.verdicts.count
      let ending = try await hold(bundle, from: first, log)
      if let ending, log.verdicts.count < cases.count {
        log.add(log.verdicts.count, .failed, ending.reason, ending.isSilence)
      }
    }
    guard isWatched else { return log.verdicts }
    let verdict = log.watched.verdict(on: bundle.plan.board.name)
    report(verdict)
    return log.verdicts + [verdict]
  }

  /// One QEMU for as many cases as it survives; returns why it did not survive all.
  private func hold(
    _ bundle: ImageBundle, from first: Int, _ log: Log
  ) async throws -> (reason: String, isSilence: Bool)? {
    var machine = Machine(board: bundle.plan.board.machine, image: bundle.image)
    guard isWatched else { return try await talk(machine, bundle, from: first, log) }
    let walls = try Walls(bundle)
    let watch = try await Oracle(walls).watch(
      &machine, toolDirectory: output.appending(path: "tools"))
    let ending = try await talk(machine, bundle, from: first, log)
    let last = min(max(first, log.verdicts.count - 1), cases.count - 1)
    log.watched.take(watch, walls, "\(cases[first].name) to \(cases[last].name)")
    return ending
  }

  /// The conversation with one QEMU.
  private func talk(
    _ machine: Machine, _ bundle: ImageBundle, from first: Int, _ log: Log
  ) async throws -> (reason: String, isSilence: Bool)? {
    let powerOn = try PowerOn(bundle)
    let sockets = PowerOn.Sockets()
    defer { sockets.remove() }
    var machine = machine
    machine.startsStopped = true
    sockets.set(&machine)
    let session = Session(machine, limit: limit)
    let (cases, plan) = (cases, bundle.plan)
    log.hasBegun = false
    do {
      try await session.run { guest in
        let number = UInt32.random(in: 0x1000_0000...0xFFFF_FFFF)
        let history = try await onThread { try powerOn.lead(sockets) }
        let trial = Trial(guest, plan: plan, session: number, after: history)
        try await trial.begin()
        for index in first..<cases.count {
          if let reason = cases[index].needs.lazy.compactMap({ $0.reason(plan.board) }).first {
            log.add(index, .notApplicable, reason)
            continue
          }
          do {
            log.hasBegun = false
            try await trial.open()
            log.hasBegun = true
            try await cases[index].body(trial)
            try await trial.close()
            log.add(index, .passed, "")
          } catch let limit as CaseLimit {
            log.add(index, .notApplicable, limit.description)
          } catch let failure as CaseFailure {
            log.add(index, .failed, failure.description)
            // Whatever is left of the failure must not reach the next case.
            return
          }
        }
      }
    } catch let error as QEMUError {
      guard error.ending != nil else { throw error }
      let reason = error.description.split(separator: "\n").joined(separator: "; ")
      return (reason, error.ending == .timedOut)
    }
    return nil
  }
}

/// The verdicts on one image, in the order of the cases.
private final class Log: @unchecked Sendable {
  // Written by the one task that holds the conversation, and by the suite between two of them.
  private(set) var verdicts: [Verdict] = []
  /// Whether the present case has come as far as its own first step.
  var hasBegun = false
  /// What the oracle saw so far.
  var watched = Watched()
  private let verdict: @Sendable (Int, Verdict.Status, String, Verdict.Ending) -> Verdict

  init(_ verdict: @escaping @Sendable (Int, Verdict.Status, String, Verdict.Ending) -> Verdict) {
    self.verdict = verdict
  }

  func add(
    _ index: Int, _ status: Verdict.Status, _ reason: String, _ isSilence: Bool = false
  ) {
    let ending: Verdict.Ending = hasBegun ? (isSilence ? .silent : .judged) : .premature
    verdicts.append(verdict(index, status, reason, ending))
  }
}
