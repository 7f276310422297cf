// MirrorKit/Mirror.swift: the proof that the kernel on the host is the kernel on the target.
// The image is the release image: QEMU's gdb stub looks at it, and nothing is built in for that.

import Foundation
import ImagePlan
import QEMUKit
import Synchronization

/// A lock-step run of an image under QEMU and of the same kernel on the host.
///
/// At each entry into the target's kernel the event is observed and served by the kernel on the
/// host, too; at each exit the kernel's whole RAM, the next task, the bytes that the kernel wrote
/// into the tasks' memory and the enabled interrupts must be equal. The host's state is carried on
/// from event to event: from the target come only the registers that the entry code saved.
///
///     let verdict = try await Mirror(bundle).run(events: 20_000)
///     print(verdict.tally.text)
public struct Mirror: Sendable {
  /// What runs.
  public var bundle: ImageBundle
  /// What is said to it.
  public var script: Script
  /// A lie to the host's kernel, for tests of the mirror itself.
  public var distortion: Distortion?

  /// The verdict "yes".
  public struct Verdict: Sendable {
    public var tally: Tally
    /// The host time from the first instruction to the last event.
    public var duration: Duration
    /// Events in a second of host time.
    public var eventsPerSecond: Int {
      Int(Double(tally.eventCount) / max(duration / .seconds(1), 0.001))
    }
  }

  /// Prepares a run of the image in `bundle`, with the script that its app has.
  public init(_ bundle: ImageBundle) {
    self.bundle = bundle
    script = .of(app: bundle.plan.app)
  }

  /// Boots the image and follows `count` events, several hundred in a second.
  ///
  /// - Throws: `Disagreement` at the first difference; `MirrorError` or `QEMUError` if the run
  ///   cannot be followed.
  public func run(events count: Int) async throws -> Verdict {
    let layout = try Layout(bundle)
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "mirror-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let socket = folder.appending(path: "gdb")
    // Where idle time is skipped, QEMU takes every stop for idle time, and skips to the next tick.
    var machine = Machine(
      board: bundle.plan.board.machine, image: bundle.image, pace: .interactive)
    machine.startsStopped = true
    machine.debuggerSocket = socket

    let result = Mutex<Result<Verdict, any Error>?>(nil)
    let (script, distortion, floor) = (script, distortion, Floor())
    let limit = Duration.seconds(60 + count / 200)
    do {
      let report = try await Session(machine, limit: limit).run { guest in
        async let outcome = Self.follow(layout, socket, distortion, floor, count)
        // It ends with QEMU, which ends with the lock-step.
        try? await script.hold(with: guest, floor)
        try? await guest.untilEnd()
        let final = await outcome
        result.withLock { $0 = final }
      }
      guard report.ending != .timedOut else {
        throw MirrorError("\(count) events did not come within \(limit)")
      }
    } catch {
      // A disagreement tells more than how QEMU came to its end.
      if case .failure(let disagreement as Disagreement)? = result.withLock({ $0 }) {
        throw disagreement
      }
      throw error
    }
    guard let verdict = result.withLock({ $0 }) else { throw MirrorError("the run did not begin") }
    return try verdict.get()
  }

  /// Runs the lock-step on a thread of its own, because it blocks, and ends QEMU with it.
  private static func follow(
    _ layout: Layout, _ socket: URL, _ distortion: Distortion?, _ floor: Floor, _ count: Int
  ) async -> Result<Verdict, any Error> {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          returning: Result {
            let stub = try Stub(socket)
            defer {
              floor.close()
              stub.kill()
            }
            let lockStep = LockStep(stub, layout, distortion: distortion)
            let start = ContinuousClock.now
            try lockStep.run(events: count)
            return Verdict(tally: lockStep.tally, duration: .now - start)
          })
      }
    }
  }
}
