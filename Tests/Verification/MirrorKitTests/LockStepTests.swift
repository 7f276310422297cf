// MirrorKitTests/LockStepTests.swift: the release images and the host's kernel, side by side.
// More than 20,000 events in all; the answers on the UART are the boot tests' affair.

import ApusABI
import BoardSupport
import Synchronization
import Testing

@testable import MirrorKit

@Suite(.serialized) struct LockStepTests {
  /// No app asks for the state of an interrupt; every other call is among the console's events.
  private static let calls = (0...Call.readResetRecord.rawValue).filter {
    $0 != Call.irqStatus.rawValue
  }
  private static let kinds = (1...13).compactMap(FaultKind.init(rawValue:))

  @Test("Through all that the console can do, 11,000 events long, host and target agree.")
  func console() async throws {
    // A busy machine is slow at the keyboard, and meanwhile there are ticks: it gets more events.
    let seen = Mutex(Tally())
    let verdict = try await Mirror(Images.shared.bundle("console")).run(
      events: 60_000,
      until: { observation in
        seen.withLock {
          $0.count(observation.event)
          $0.count(
            observation.event, before: observation.before.tasks, after: observation.after.tasks)
          let (calls, faults) = ($0.calls, $0.faults)
          return $0.eventCount >= 11_000 && Self.calls.allSatisfy { calls[$0] != nil }
            && Self.kinds.allSatisfy { faults[$0] != nil }
        }
      })
    let tally = verdict.tally
    #expect(tally.eventCount >= 11_000)
    for number in Self.calls {
      #expect(tally.calls[number, default: 0] > 0, "no call \(number)\n\(tally.text)")
    }
    for kind in Self.kinds {
      #expect(tally.faults[kind, default: 0] > 0, "no \(kind)\n\(tally.text)")
    }
    #expect(tally.interrupts > 100 && tally.ticks > 100 && tally.restarts >= 15)
    #expect(tally.resets[UInt32(ResetCause.requested.rawValue)] ?? 0 > 0)
    #expect(tally.resets[UInt32(ResetCause.supervisorFault.rawValue)] ?? 0 > 0)
    #expect(tally.copiedByteCount > 10_000)
  }

  @Test("On every board the first 1,300 events of the console agree.", arguments: Images.boards)
  func boards(board: String) async throws {
    let verdict = try await Mirror(Images.shared.bundle("console", board)).run(events: 1_300)
    #expect(verdict.tally.interrupts > 0 && verdict.tally.count(.send) > 0)
  }

  @Test(
    "The bench image and the smallest one agree, too.",
    arguments: [("bench", 3_500), ("hello", 500)])
  func otherApps(app: String, events: Int) async throws {
    let verdict = try await Mirror(Images.shared.bundle(app)).run(events: events)
    #expect(verdict.tally.eventCount >= events)
    #expect(!verdict.tally.calls.isEmpty && verdict.tally.interrupts + verdict.tally.ticks > 0)
  }
}
