// BenchKit/Bench.swift: builds the bench and the hello image, and takes every figure from them.
// Sizes come from the plan and counts from QEMU's plugin; the images are the release images.

import ApusBuild
import ELFKit
import Foundation
import ImagePlan
import QEMUKit

/// The measurement of one board.
public struct Bench: Sendable {
  /// The repository.
  public var root: URL
  /// The board that is measured.
  public var board: String
  /// Where images and the counting plugin go.
  public var output: URL

  /// How many round trips and interrupts are sampled in one run.
  static let sampleCount = 200

  /// Prepares a measurement; images go to `output`, by default the repository's `build`.
  public init(root: URL, board: String = "mps2-an385", output: URL? = nil) {
    self.root = root
    self.board = board
    self.output = output ?? root.appending(path: "build")
  }

  /// Builds both images, counts twice and compares.
  ///
  /// - Throws: What the builder throws, or `QEMUError` if an interval was not reached or if the
  ///   two runs differ in any sample.
  public func measure() async throws -> Figures {
    let hello = try await build("hello")
    let bench = try await build("bench")
    let plan = bench.plan
    let samples = try await Self.counter(for: bench).runTwice(
      bench.image, board: plan.board.machine, toolDirectory: output.appending(path: "tools"))
    let trip = try Self.typical(samples["round_trip"] ?? [], "round trip")
    return Figures(
      board: board,
      kernelFlashBytes: Int(plan.kernel.flash.size - plan.kernel.tables.size),
      tablesPerTaskBytes: (Int(plan.kernel.tables.size) + plan.tasks.count - 1) / plan.tasks.count,
      kernelRAMBytes: Int(plan.kernel.ram.size),
      helloFlashSpanBytes: Int(hello.plan.flashEnd - hello.plan.board.flash.base),
      roundTripInstructions: trip.instructions,
      roundTripAccesses: trip.accesses,
      roundTripExceptions: trip.watched,
      resetToFirstTaskInstructions: try Self.typical(samples["reset"] ?? [], "reset").instructions,
      interruptToDriverInstructions:
        try Self.typical(samples["interrupt"] ?? [], "interrupt").instructions)
  }

  private func build(_ app: String) async throws -> ImageBundle {
    let directory = output.appending(path: board).appending(path: app)
    return try await ImageBuilder(root: root, app: app, board: board, output: directory).build()
  }

  /// The intervals that give the figures, from the symbols of the bundle's ELFs.
  static func counter(for bundle: ImageBundle) throws -> Counter {
    let plan = bundle.plan
    let kernel = try ELFFile(path: bundle.kernel.path)
    let trip = try ELFFile(path: bundle.task("client").path).address(of: "bench_round")
    let woken = try ELFFile(path: bundle.task("driver").path).address(of: "bench_driver_awake")
    // The vector table, without the initial stack pointer and the reset.
    let entries = try (2..<UInt32(16 + plan.board.interruptCount)).map { number in
      guard let word = kernel.word(at: plan.board.flash.base + 4 * number) else {
        throw QEMUError("'\(bundle.kernel.path)' has no vector \(number)", exitCode: 2)
      }
      return word & ~1
    }
    guard let line = plan.interrupts.first(where: { plan.tasks[$0.task].name == "driver" }) else {
      throw QEMUError("the bench app's task 'driver' owns no interrupt", exitCode: 2)
    }
    guard let idle = plan.tasks.last?.flash else { throw QEMUError("the plan has no task") }
    return Counter(
      [
        .init("reset", from: kernel.entry & ~1, to: plan.tasks[0].entry),
        .init("round_trip", from: trip, to: trip, sampleCount: sampleCount),
        .init(
          "interrupt", from: entries[14 + line.number], to: woken, sampleCount: sampleCount,
          after: idle.base..<(idle.base &+ idle.size)),
      ], watching: Set(entries).subtracting([0]).sorted())
  }

  /// The sample that came most often, the smaller of two equals.
  ///
  /// A tick of the kernel's clock lands in some samples and makes them longer: they are the minority,
  /// and if they are not, there is no typical one and the figure would be a matter of taste.
  static func typical(_ samples: [Counter.Sample], _ title: String) throws -> Counter.Sample {
    let counts = Dictionary(samples.map { ($0, 1) }, uniquingKeysWith: +)
    let best = counts.max { ($0.value, $1.key.instructions) < ($1.value, $0.key.instructions) }
    guard let best, best.value * 2 > samples.count else {
      throw QEMUError("no \(title) is typical: \(counts.count) kinds in \(samples.count) samples")
    }
    return best.key
  }
}
