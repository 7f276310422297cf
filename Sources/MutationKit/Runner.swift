// MutationKit/Runner.swift: takes one mutant after the other to its judges, some at a time.
// Verdicts are appended to a file as they are found: a run that is broken off can be continued.

import Foundation
import Synchronization

/// A run over mutants.
public struct Runner: Sendable {
  /// The repository; it is only read.
  public var root: URL
  public var mutants: [Mutant]
  /// How many are judged at once.
  public var jobs = 2
  /// Verdicts of an earlier run, which are not found again.
  public var known: [Verdict] = []
  /// Where verdicts are appended, a line of JSON each.
  public var log: URL?
  /// Whether compilers' answers are kept by their questions: PATH of this process is changed then.
  public var keepsObjects = false

  /// Prepares a run.
  public init(root: URL, mutants: [Mutant]) {
    (self.root, self.mutants) = (root, mutants)
  }

  /// Judges all mutants; `report` is told of each new verdict.
  ///
  /// - Returns: the verdicts in the order of the mutants, known ones among them.
  /// - Throws: `MutationError` if the unchanged tree is not fit, `BuildError` without its tools.
  public func run(_ report: @escaping @Sendable (Verdict) -> Void = { _ in }) async throws
    -> [Verdict]
  {
    var verdicts: [String: Verdict] = [:]
    for verdict in known { verdicts[verdict.id] = verdict }
    let fresh = mutants.filter { mutant in verdicts[mutant.id].map { !$0.isOn(mutant) } ?? true }
    if !fresh.isEmpty {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "apus-mutants-\(UUID().uuidString.prefix(8))")
      defer { try? FileManager.default.removeItem(at: folder) }
      for verdict in try await judge(fresh, in: folder, report) { verdicts[verdict.id] = verdict }
    }
    return mutants.compactMap { verdicts[$0.id] }
  }

  private func judge(
    _ fresh: [Mutant], in folder: URL, _ report: @escaping @Sendable (Verdict) -> Void
  ) async throws -> [Verdict] {
    let first = try Tree(of: root, at: folder.appending(path: "tree-0"))
    if keepsObjects { try ObjectStore(folder: folder.appending(path: "store")).install() }
    let host =
      fresh.contains { $0.part == .kernel }
      ? try await HostJudge(root: root, folder: folder.appending(path: "host")) : nil
    let image = try await ImageJudge(first, output: folder.appending(path: "honest"))
    let queue = Queue(fresh)
    let log = try log.map { try Log($0) }
    return try await withThrowingTaskGroup(of: [Verdict].self) { group in
      for job in 0..<max(1, jobs) {
        group.addTask {
          let tree =
            job == 0 ? first : try Tree(of: root, at: folder.appending(path: "tree-\(job)"))
          let bench = Bench(
            tree: tree, place: folder.appending(path: "job-\(job)"), host: host, image: image)
          var verdicts: [Verdict] = []
          while let mutant = queue.next() {
            try Task.checkCancellation()
            let verdict = try await bench.judge(mutant)
            try log?.append(verdict)
            report(verdict)
            verdicts.append(verdict)
          }
          return verdicts
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }
}

/// A place where one mutant at a time is judged.
private struct Bench: Sendable {
  let tree: Tree
  let place: URL
  let host: HostJudge?
  let image: ImageJudge

  func judge(_ mutant: Mutant) async throws -> Verdict {
    let start = ContinuousClock.now
    try tree.set(mutant)
    defer { try? tree.reset(mutant) }
    var verdict = try await verdict(on: mutant)
    verdict.seconds = ((ContinuousClock.now - start) / .seconds(1) * 10).rounded() / 10
    return verdict
  }

  /// The cheapest judge first; the first that notices ends it.
  private func verdict(on mutant: Mutant) async throws -> Verdict {
    if mutant.part == .kernel, let host {
      switch try await host.judge(tree.kernelSources(), in: place.appending(path: "host")) {
      case .killed(let oracle, let reason):
        return Verdict(mutant, .killed, oracle: oracle, reason: reason)
      case .notBuilt(let reason): return Verdict(mutant, .notBuilt, reason: reason)
      case .survived: break
      }
    }
    return try await image.judge(mutant, tree, output: place.appending(path: "images"))
  }
}

/// What is still to be judged, for several jobs.
private final class Queue: Sendable {
  private let rest: Mutex<ArraySlice<Mutant>>

  init(_ mutants: [Mutant]) { rest = Mutex(mutants[...]) }

  func next() -> Mutant? { rest.withLock { $0.popFirst() } }
}

/// The file of verdicts, written by several jobs.
private final class Log: Sendable {
  private let file: Mutex<FileHandle>

  init(_ place: URL) throws {
    if !FileManager.default.fileExists(atPath: place.path) { try Data().write(to: place) }
    let handle = try FileHandle(forWritingTo: place)
    try handle.seekToEnd()
    file = Mutex(handle)
  }

  func append(_ verdict: Verdict) throws {
    let line = try verdict.json()
    try file.withLock { try $0.write(contentsOf: line) }
  }
}
