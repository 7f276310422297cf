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

  private let honest: HonestImages
  private let killers = Killers()

  /// Judges against the images of `tree`, which are built when they are first needed.
  init(_ tree: Tree, output: URL) {
    honest = HonestImages(tree: tree, output: output)
  }

  /// Judges `mutant`, put into `tree` meanwhile, with images in `output`.
  func judge(_ mutant: Mutant, _ tree: Tree, output: URL) async throws -> Verdict {
    let start = ContinuousClock.now
    try tree.set(mutant)
    defer { try? tree.reset(mutant) }
    var verdict = try await verdict(on: mutant, tree, output)
    verdict.seconds = ((ContinuousClock.now - start) / .seconds(1) * 10).rounded() / 10
    return verdict
  }

  private func verdict(on mutant: Mutant, _ tree: Tree, _ output: URL) async throws -> Verdict {
    var isDifferent = false
    for board in Self.boards {
      do {
        let bundle = try await Self.build(tree, "conformance", board, output)
        if try Self.loads(bundle) != (await honest.loads("conformance", board)) {
          isDifferent = true
          if let reason = try await Self.conform(tree, board, output, killers) {
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
      if try Self.loads(bundle) == (await honest.loads("console", board)) { continue }
      if let reason = try await mirror(bundle) {
        return Verdict(mutant, .killed, oracle: "mirror on \(board)", reason: reason)
      }
    }
    return Verdict(mutant, .survived)
  }

  // MARK: - Images

  fileprivate static func build(
    _ tree: Tree, _ app: String, _ board: String, _ output: URL
  ) async throws -> ImageBundle {
    try await ImageBuilder(
      root: tree.root, app: app, board: board, output: output.appending(path: "\(app)/\(board)")
    ).build()
  }

  /// What the image puts into memory, without names and debug information.
  fileprivate static func loads(_ bundle: ImageBundle) throws -> [UInt8] {
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
  fileprivate static func conform(
    _ tree: Tree, _ board: String, _ output: URL, _ killers: Killers
  ) async throws -> String? {
    var suite = try Suite(
      root: tree.root, output: output.appending(path: "conformance"), boards: [board])
    suite.cases = killers.first(suite.cases)
    // The watch knows better: what a guest may use is the processor's time, not a shared machine's.
    suite.limit = .seconds(3600)
    let image = output.appending(path: "conformance/\(board)/image.elf").path
    let watch = Watch(of: image)
    let all = suite
    return try await watch.run {
      _ = try await all.run { verdict in
        watch.isAlive()
        if verdict.status == .failed {
          killers.add(verdict.name)
          watch.end("\(verdict.name): \(verdict.reason)")
        }
      }
    }
  }

  /// Follows the image for some events; returns where it went another way.
  private func mirror(_ bundle: ImageBundle) async throws -> String? {
    do {
      _ = try await Mirror(bundle).run(events: Self.mirrorEvents)
    } catch let disagreement as Disagreement {
      return "\(disagreement)"
    } catch let error as BuildError {
      throw error
    } catch {
      // A busy machine may be too slow to follow; that is no word against the mutant.
      if "\(error)".contains("locked up") { return "\(error)" }
    }
    return nil
  }
}

/// Which cases have killed: they come first with the next mutant, and most of them end there.
private final class Killers: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  func add(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }

  /// `cases`, those that have killed most often first, the others in their order.
  func first(_ cases: [Case]) -> [Case] {
    let counts = counts.withLock { $0 }
    return cases.enumerated().sorted {
      (-counts[$0.element.name, default: 0], $0.offset)
        < (-counts[$1.element.name, default: 0], $1.offset)
    }.map(\.element)
  }
}

/// The bytes that the right images load, each built once, after they have passed the judges.
private actor HonestImages {
  private let tree: Tree
  private let output: URL
  private var known: [String: Task<[UInt8], any Error>] = [:]

  init(tree: Tree, output: URL) { (self.tree, self.output) = (tree, output) }

  func loads(_ app: String, _ board: String) async throws -> [UInt8] {
    let key = "\(app) \(board)"
    let (tree, output) = (tree, output)
    let task =
      known[key]
      ?? Task {
        let loads = try ImageJudge.loads(await ImageJudge.build(tree, app, board, output))
        if app == "conformance",
          let reason = try await ImageJudge.conform(tree, board, output, Killers())
        {
          throw MutationError(
            "the unchanged image does not pass on \(board): \(reason)", try: "make conformance",
            exitCode: 1)
        }
        return loads
      }
    known[key] = task
    return try await task.value
  }
}
