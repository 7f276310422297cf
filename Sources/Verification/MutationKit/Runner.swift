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
      let folder = Self.folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      for verdict in try await judge(fresh, in: folder, report) { verdicts[verdict.id] = verdict }
    }
    return mutants.compactMap { verdicts[$0.id] }
  }

  /// A folder of this process; what a process left that was broken off is removed.
  private static func folder() -> URL {
    let files = FileManager.default
    let parent = files.temporaryDirectory
    let stem = "apus-mutants-"
    for name in (try? files.contentsOfDirectory(atPath: parent.path)) ?? []
    where name.hasPrefix(stem) {
      let process = name.dropFirst(stem.count).prefix { $0 != "-" }
      if !files.fileExists(atPath: "/proc/\(process)") {
        try? files.removeItem(at: parent.appending(path: name))
      }
    }
    let process = ProcessInfo.processInfo.processIdentifier
    return parent.appending(path: "\(stem)\(process)-\(UUID().uuidString.prefix(8))")
  }

  private func judge(
    _ fresh: [Mutant], in folder: URL, _ report: @escaping @Sendable (Verdict) -> Void
  ) async throws -> [Verdict] {
    let right = try Tree(of: root, at: folder.appending(path: "tree"))
    if keepsObjects { try ObjectStore(folder: folder.appending(path: "store")).install() }
    let kernel = fresh.filter { $0.part == .kernel }
    let host =
      kernel.isEmpty
      ? nil : try await HostJudge(root: root, folder: folder.appending(path: "host"))
    let planner =
      !fresh.contains { $0.part == .planner }
      ? nil : try await PlannerJudge(root: root, folder: folder.appending(path: "planner"))
    let image = ImageJudge(right, output: folder.appending(path: "honest"))
    let batches = stride(from: 0, to: kernel.count, by: Self.batchSize).map {
      Work.batch(Array(kernel[$0..<min($0 + Self.batchSize, kernel.count)]))
    }
    let others = fresh.filter { $0.part != .kernel }
    let queue = Queue(batches + others.map { $0.part == .planner ? .planner($0) : .image($0) })
    let log = try log.map { try Log($0) }
    return try await withThrowingTaskGroup(of: [Verdict].self) { group in
      for job in 0..<max(1, jobs) {
        group.addTask {
          let tree = try Tree(of: root, at: folder.appending(path: "tree-\(job)"))
          let place = folder.appending(path: "job-\(job)")
          var verdicts: [Verdict] = []
          func tell(_ verdict: Verdict) throws {
            try log?.append(verdict)
            report(verdict)
            verdicts.append(verdict)
          }
          while let work = queue.next() {
            try Task.checkCancellation()
            switch work {
            case .batch(let mutants):
              guard let host else { break }
              let silent = try await host.judge(mutants, in: place.appending(path: "host"), tell)
              queue.add(silent.map { Work.image($0) })
            case .planner(let mutant):
              guard let planner else { break }
              try tell(
                try await planner.judge(mutant, in: place.appending(path: "planner")))
            case .image(let mutant):
              try tell(
                try await image.judge(mutant, tree, output: place.appending(path: "images")))
            }
          }
          return verdicts
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  /// How many of the kernel's mutants share a program.
  private static let batchSize = 100
}

/// Something for a job to do.
private enum Work {
  /// Mutants of the kernel, for the host.
  case batch([Mutant])
  /// A mutant of the planner, for its tests.
  case planner(Mutant)
  /// A mutant for an image.
  case image(Mutant)
}

/// What is still to be judged, for several jobs.
private final class Queue: Sendable {
  private let rest: Mutex<ArraySlice<Work>>

  init(_ works: [Work]) { rest = Mutex(works[...]) }

  func next() -> Work? { rest.withLock { $0.popFirst() } }

  func add(_ works: [Work]) { rest.withLock { $0 += works } }
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
