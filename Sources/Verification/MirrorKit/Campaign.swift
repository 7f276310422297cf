// MirrorKit/Campaign.swift: many runs, one after the other or a few at once, and one total.
// Which run does what follows from the seed and the run's number alone, so that any can be repeated.

import Foundation
import Synchronization

/// A long proof: runs of all apps on all boards until so many events have agreed.
public struct Campaign: Sendable {
  /// One run of it.
  public struct Run: Equatable, Sendable {
    /// The position, from 0.
    public var number: Int
    public var app: String
    public var board: String
    /// The seed of an app that has one.
    public var seed: UInt32
    public var eventCount: Int
  }

  /// How far it has come.
  public struct Progress: Sendable {
    /// The run that has just ended.
    public var run: Run
    /// The lowest number that has not ended: where to resume.
    public var next: Int
    public var tally: Tally
    public var duration: Duration
  }

  /// A run that did not end well, with the error that says why.
  public struct Failure: Error, Sendable {
    public var run: Run
    public var error: any Error
    /// What had agreed before it.
    public var tally: Tally
  }

  public var seed: UInt32
  public var boards: [String]
  public var runs: [Run]

  /// The events of one run: few enough that a run is repeated within a minute.
  public static let runLength = 10_000
  /// The apps in turn: most of the time goes to the one that does everything.
  private static let turns = [
    "random", "console", "random", "bench", "random", "random", "console", "random", "random",
    "random", "random", "hello",
  ]

  /// Plans the runs for `eventCount` events, from run `first` on.
  ///
  /// - Parameters:
  ///   - app: one app only; `nil` for all in turn.
  ///   - boards: the boards in turn.
  public init(
    eventCount: Int, seed: UInt32, app: String? = nil, boards: [String], from first: Int = 0
  ) {
    self.seed = seed
    self.boards = boards
    let count = (eventCount + Self.runLength - 1) / Self.runLength
    runs = (0..<count).dropFirst(first).map { number in
      Run(
        number: number, app: app ?? Self.turns[number % Self.turns.count],
        // The second term moves the apps on to other boards with each round of turns.
        board: boards[(number + number / Self.turns.count) % boards.count],
        seed: seed &+ UInt32(number),
        eventCount: min(Self.runLength, eventCount - number * Self.runLength))
    }
  }

  /// Follows all runs, `width` at a time, and returns the total.
  ///
  /// - Parameters:
  ///   - mirror: the mirror of a run, its image built.
  ///   - progress: told at the end of each run.
  /// - Throws: `Failure` for the first run that did not end well.
  public func follow(
    width: Int, mirror: @escaping @Sendable (Run) async throws -> Mirror,
    progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> Tally {
    let start = ContinuousClock.now
    var total = Tally()
    var open = Set(runs.map(\.number))
    let end = (runs.last?.number ?? -1) + 1
    try await withThrowingTaskGroup(of: (Run, Result<Tally, any Error>).self) { group in
      var rest = runs[...]
      func begin() {
        guard let run = rest.popFirst() else { return }
        group.addTask {
          do {
            let verdict = try await mirror(run).run(events: run.eventCount)
            return (run, .success(verdict.tally))
          } catch {
            return (run, .failure(error))
          }
        }
      }
      for _ in 0..<max(1, width) { begin() }
      while let (run, result) = try await group.next() {
        switch result {
        case .failure(let error): throw Failure(run: run, error: error, tally: total)
        case .success(let tally): total.add(tally)
        }
        open.remove(run.number)
        progress(
          Progress(
            run: run, next: open.min() ?? end, tally: total, duration: .now - start))
        begin()
      }
    }
    return total
  }
}
