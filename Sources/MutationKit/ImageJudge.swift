// MutationKit/ImageJudge.swift: whole images with a mutant in them: do they differ, boot, hold out?
// The judges are the project's own: the conformance suite, and the lock-step with the host's kernel.

import ApusBuild
import ConformanceKit
import ELFKit
import Foundation
import ImagePlan
import MirrorKit
import Synchronization

/// Judges mutants by the images that they end up in.
struct ImageJudge: Sendable {
  /// One without and one with a floating-point unit: between them they compile every line.
  static let boards = ["mps2-an385", "mps2-an386"]
  /// How many events of lock-step a mutant must survive.
  static let mirrorEvents = 2_000

  /// The bytes that the right images load, by app and board.
  private var honest: [String: [UInt8]] = [:]

  /// Builds the right images.
  init(_ tree: Tree, output: URL) async throws {
    for board in Self.boards {
      for app in ["conformance", "console"] {
        let bundle = try await Self.build(tree, app, board, output)
        honest["\(app) \(board)"] = try Self.loads(bundle)
      }
    }
  }

  /// Judges what stands in `tree`, building into `output`.
  func judge(_ mutant: Mutant, _ tree: Tree, output: URL) async throws -> Verdict {
    var isDifferent = false
    for board in Self.boards {
      do {
        let bundle = try await Self.build(tree, "conformance", board, output)
        if try Self.loads(bundle) != honest["conformance \(board)"] {
          isDifferent = true
          if let reason = try await conform(tree, board, output) {
            return Verdict(mutant, .killed, oracle: "conformance on \(board)", reason: reason)
          }
        }
      } catch let error as BuildError {
        guard error.exitCode == 1 else { throw error }
        return Verdict(mutant, .notBuilt, reason: error.message + ": " + error.detail)
      }
    }
    if !isDifferent { return Verdict(mutant, .equivalent) }
    for board in Self.boards {
      let bundle = try await Self.build(tree, "console", board, output)
      if try Self.loads(bundle) == honest["console \(board)"] { continue }
      if let reason = try await mirror(bundle) {
        return Verdict(mutant, .killed, oracle: "mirror on \(board)", reason: reason)
      }
    }
    return Verdict(mutant, .survived)
  }

  // MARK: - Images

  private static func build(
    _ tree: Tree, _ app: String, _ board: String, _ output: URL
  ) async throws -> ImageBundle {
    try await ImageBuilder(
      root: tree.root, app: app, board: board, output: output.appending(path: "\(app)/\(board)")
    ).build()
  }

  /// What the image puts into memory, without names and debug information.
  private static func loads(_ bundle: ImageBundle) throws -> [UInt8] {
    let file = try ELFFile(path: bundle.image.path)
    var bytes: [UInt8] = []
    for segment in file.segments where segment.isLoad {
      bytes += "\(segment.loadAddress) \(segment.fileByteCount) ".utf8
      bytes += file.bytes[segment.fileRange]
    }
    return bytes
  }

  // MARK: - Judges

  /// Runs every case until one fails; returns why, or `nil` if all pass.
  private func conform(_ tree: Tree, _ board: String, _ output: URL) async throws -> String? {
    var suite = try Suite(
      root: tree.root, output: output.appending(path: "conformance"), boards: [board])
    suite.limit = .seconds(120) * Load.factor
    let watch = Watch(patience: .seconds(8) * Load.factor)
    let all = suite
    return try await watch.run {
      _ = try await all.run { verdict in
        watch.isAlive()
        if verdict.status == .failed { watch.end("\(verdict.name): \(verdict.reason)") }
      }
    }
  }

  /// Follows the image for some events; returns where it went another way.
  private func mirror(_ bundle: ImageBundle) async throws -> String? {
    for attempt in 0..<2 {
      do {
        _ = try await Mirror(bundle).run(events: Self.mirrorEvents)
        return nil
      } catch let disagreement as Disagreement {
        return "\(disagreement)"
      } catch {
        // A run that could not be followed may be the machine's fault once.
        if attempt == 1 { return "\(error)" }
      }
    }
    return nil
  }
}

/// How much longer everything takes than on an idle machine.
enum Load {
  /// At least 1, at most 10.
  static var factor: Int {
    let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
    let load = text.split(separator: " ").first.flatMap { Double($0) } ?? 0
    let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
    return max(1, min(10, Int((load / cores).rounded(.up))))
  }
}

/// Ends a job when it has found what it is for, or has been silent for too long.
final class Watch: Sendable {
  private struct State {
    var lastSign = ContinuousClock.now
    var reason: String?
    var isOver = false
  }
  private let state = Mutex(State())
  private let patience: Duration

  init(patience: Duration) { self.patience = patience }

  /// A sign of life.
  func isAlive() { state.withLock { $0.lastSign = .now } }

  /// The job has found something; the first time counts.
  func end(_ reason: String) { state.withLock { if $0.reason == nil { $0.reason = reason } } }

  /// Runs `job` and returns what it found, `nil` if it came to its end without.
  func run(_ job: @escaping @Sendable () async throws -> Void) async throws -> String? {
    let task = Task {
      defer { state.withLock { $0.isOver = true } }
      try await job()
    }
    while true {
      let (reason, isOver, silence) = state.withLock {
        ($0.reason, $0.isOver, ContinuousClock.now - $0.lastSign)
      }
      if isOver || reason != nil { break }
      if silence > patience { end("no answer for \(patience)") }
      try await Task.sleep(for: .milliseconds(20))
    }
    if state.withLock({ $0.reason }) != nil { task.cancel() }
    let result = await task.result
    if let reason = state.withLock({ $0.reason }) { return reason }
    try result.get()
    return nil
  }
}
