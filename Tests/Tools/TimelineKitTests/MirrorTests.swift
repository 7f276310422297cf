// TimelineKitTests/MirrorTests.swift: the same app as a simulation and as an image under QEMU.
// The times differ; what the kernel did, and in which order, must not.

import BoardSupport
import Testing
import TraceKit

@testable import TimelineKit

@Suite(.serialized) struct MirrorTests {
  private func observe(
    _ app: String, _ dialogue: Dialogue, _ window: TraceWindow
  ) async throws -> Timeline {
    try await ImageRecorder.timeline(of: Images.shared.bundle(app), dialogue, window)
  }

  /// What happened without what depends on the speed of a keyboard or a clock: the UART's part,
  /// ticks, and where code lies.
  private func order(_ timeline: Timeline, of incidents: some Sequence<Incident>)
    -> [String]
  {
    let uart = timeline.lanes.firstIndex { $0.name == "uart" }
    return incidents.compactMap { incident in
      if incident.task == uart { return nil }
      switch incident.kind {
      case .tick, .interrupt: return nil
      case .sent(let id), .ended(let id):
        if timeline.message(id)?.receiver == uart { return nil }
      case .armed(_, let bits):
        let name = timeline.subject.notifications(bits, of: incident.task)
        return "\(timeline.name(incident.task)) sets its timer for \(name)"
      case .faulted(let kind, _, _, _): return "\(timeline.name(incident.task)) faults: \(kind)"
      default: break
      }
      return timeline.text(incident)
    }
  }

  @Test("'hello' does the same under QEMU and simulated, call by call, for its first milliseconds.")
  func hello() async throws {
    let ours = try Devices.hello(microseconds: 3_000)
    let theirs = try await observe(
      "hello", Dialogue(prompt: nil, lines: []), TraceWindow(from: 0, length: 3_000_000))
    let (here, there) = (order(ours, of: ours.incidents), order(theirs, of: theirs.incidents))
    #expect(here.count >= 5)
    #expect(here == there)
  }

  @Test("A crash at the console goes the same way under QEMU and simulated, to the new life's end.")
  func console() async throws {
    let ours = try Devices.console("crash sensor memory", from: nil, microseconds: 20_000)
    // A second, as QEMU's time follows the real one here: on a busy machine the image does less in it.
    let theirs = try await observe(
      "console", Dialogue(prompt: "apus> ", text: "crash sensor memory"),
      TraceWindow(from: nil, length: 1_000_000_000))
    let (here, there) = (try death(ours), try death(theirs))
    #expect(here.count > 10)
    #expect(here == there)
    #expect(TraceFormatChecker(ChromeTrace(theirs).text).problems.isEmpty)
  }

  /// From the message that kills to the first message of the shell to the logger: its report.
  private func death(_ timeline: Timeline) throws -> [String] {
    let killer = try #require(
      timeline.messages.first { if case .peerDied = $0.outcome { true } else { false } })
    let start = try #require(timeline.incidents.firstIndex { $0.kind == .sent(killer.id) })
    let logger = timeline.lanes.firstIndex { $0.name == "logger" }
    let rest = timeline.incidents[start...]
    let end = try #require(
      rest.firstIndex { incident in
        if case .delivered = incident.kind { incident.task == logger } else { false }
      }, "the trace ends before the logger is told")
    return order(timeline, of: rest[..<end])
  }
}
