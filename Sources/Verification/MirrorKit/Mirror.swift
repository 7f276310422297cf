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
  /// The noise in the reset record at power-on, from which the app `random` takes all it does.
  public var seed: UInt32 = 0
  /// How virtual time goes on: where idle time is skipped, every run is the same to the bit.
  public var pace: Pace
  /// A lie to the host's kernel, for tests of the mirror itself; not in real time, where an event's
  /// number means nothing.
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
    // Who is talked to lives in the time of the one who talks.
    pace = script.lines.isEmpty ? .fast : .interactive
  }

  /// Boots the image and follows `count` events, several hundred in a second.
  ///
  /// - Parameters:
  ///   - count: how many events; one that ends the machine's life brings the next boot with it.
  ///   - observing: told of each event as soon as host and target have agreed on it, in order, on
  ///     the thread of the lock-step.
  ///   - isOver: asked after that whether the run may end before its time.
  /// - Throws: `Disagreement` at the first difference; `MirrorError` or `QEMUError` if the run
  ///   cannot be followed.
  public func run(
    events count: Int, observing: (@Sendable (Observation) -> Void)? = nil,
    until isOver: (@Sendable (Observation) -> Bool)? = nil
  ) async throws -> Verdict {
    guard distortion == nil || !pace.followsRealTime else {
      throw MirrorError("a lie at an event's number is one at any event where no run is repeated")
    }
    let layout = try Layout(bundle)
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "mirror-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let socket = folder.appending(path: "gdb")
    var machine = Machine(board: bundle.plan.board.machine, image: bundle.image, pace: pace)
    machine.startsStopped = true
    // Each stop of ours is idle time for QEMU, and skips as much: the same in every run.
    machine.idleMicroseconds = 10
    machine.debuggerSocket = socket

    let result = Mutex<Result<Verdict, any Error>?>(nil)
    let floor = Floor()
    let watch: @Sendable (Observation) -> Bool = { observation in
      observing?(observation)
      return isOver?(observation) ?? false
    }
    let watching = observing == nil && isOver == nil ? nil : watch
    let limit = Duration.seconds(60 + count / 20)
    do {
      let report = try await Session(machine, limit: limit).run { guest in
        async let outcome = onThread { try follow(layout, socket, floor, count, watching) }
        // It ends with QEMU, which ends with the lock-step.
        try? await script.hold(with: guest, floor)
        try? await guest.untilEnd()
        let final: Result<Verdict, any Error>
        do { final = .success(try await outcome) } catch { final = .failure(error) }
        result.withLock { $0 = final }
      }
      guard report.ending != .timedOut else {
        throw MirrorError("\(count) events did not come within \(limit)")
      }
    } catch {
      // A disagreement tells more than how QEMU came to its end.
      if case .failure(let disagreement as Disagreement)? = result.withLock({ $0 }) {
        throw replayable(disagreement)
      }
      throw error
    }
    switch result.withLock({ $0 }) {
    case .success(let verdict): return verdict
    case .failure(let disagreement as Disagreement): throw replayable(disagreement)
    case .failure(let error): throw error
    case nil: throw MirrorError("the run did not begin")
    }
  }

  /// The disagreement with the command that leads to it again, if there is one.
  private func replayable(_ disagreement: Disagreement) -> Disagreement {
    guard !pace.followsRealTime else { return disagreement }
    var disagreement = disagreement
    let plan = bundle.plan
    disagreement.replay = """
      apus-verify mirror \(plan.app) --board \(plan.board.name) --seed \(seed) \
      --events \(disagreement.event.number + 1)
      """
    return disagreement
  }

  /// Runs the lock-step, and ends QEMU with it.
  private func follow(
    _ layout: Layout, _ socket: URL, _ floor: Floor, _ count: Int,
    _ watching: (@Sendable (Observation) -> Bool)?
  ) throws -> Verdict {
    let stub = try Stub(socket)
    defer {
      floor.close()
      stub.kill()
    }
    let lockStep = LockStep(stub, layout, distortion: distortion, watching: watching)
    let start = ContinuousClock.now
    try lockStep.run(events: count, seed: seed)
    return Verdict(tally: lockStep.tally, duration: .now - start)
  }
}
