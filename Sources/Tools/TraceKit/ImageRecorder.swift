// TraceKit/ImageRecorder.swift: a release image under QEMU as the moments of a timeline.
// The mirror watches it, and compares each event with the kernel here: what is drawn is proven.

import ApusABI
import ImagePlan
import MirrorKit
import Synchronization
import TimelineKit

/// Makes timelines of images, of which not a byte is changed.
public enum ImageRecorder {
  /// The most events that a run is followed for; several hundred take a second.
  public static let eventLimit = 10_000

  /// Runs the image in `bundle` with `dialogue` at its UART, and returns the stretch of `window`.
  ///
  /// The kernel's events come in the order in which a simulation has them. Their times are those of
  /// the target's own clock, and with somebody at the keyboard differ from run to run.
  ///
  /// - Throws: `TraceError` if the run does not come to the stretch; `Disagreement`, `MirrorError`
  ///   or `QEMUError` if it cannot be followed.
  public static func timeline(
    of bundle: ImageBundle, _ dialogue: Dialogue, _ window: TraceWindow
  ) async throws -> Timeline {
    let recording = Mutex(Recording(Subject(bundle.plan, place: "under QEMU")))
    var mirror = Mirror(bundle)
    mirror.script = Script(prompt: dialogue.prompt, lines: dialogue.lines)
    mirror.script.repeats = false
    _ = try await mirror.run(
      events: eventLimit,
      until: { observation in
        recording.withLock {
          $0.add(observation)
          return observation.left >= window.end(firstFault: $0.firstFault)
        }
      })
    return try window.cut(recording.withLock { $0.builder.timeline() })
  }

  private struct Recording {
    var builder: TimelineBuilder
    var firstFault: UInt64?

    init(_ subject: Subject) { builder = TimelineBuilder(subject) }

    mutating func add(_ observation: Observation) {
      let (event, after) = (observation.event, observation.after)
      let tasks = after.tasks.enumerated().map { index, task in
        KernelState.Task(task, isArmed: after.armed.contains(index))
      }
      if firstFault == nil, tasks.contains(where: { $0.state.isFaulted }) {
        firstFault = observation.left
      }
      builder.add(
        Moment(
          entered: observation.entered, left: observation.left,
          door: Self.door(event, tasks[event.task].state.fault ?? .none), task: event.task,
          registers: event.registers.words,
          after: KernelState(tasks: tasks, current: after.current, now: after.now)))
    }

    private static func door(_ event: Event, _ kind: FaultKind) -> Moment.Door {
      switch event.door {
      case .boot: .boot
      case .call: .call
      case .tick: .tick
      case .interrupt(let number): .interrupt(number)
      case .fault(_, let address): .fault(kind, address: address)
      }
    }
  }
}
