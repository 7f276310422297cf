// MirrorKit/Script.swift: what is said to an app so that it does everything that it can.
// The answers are waited for, not judged: that is the mirror's part, and the boot tests'.

import Foundation
import QEMUKit
import Synchronization

/// Lines for the guest's UART, said until the run is over.
public struct Script: Sendable {
  /// What the guest prints when it is ready for a line; `nil` for one that is not to be talked to.
  public var prompt: String?
  /// The lines, without their ends.
  public var lines: [String]
  /// Whether the lines are said again and again; if not, silence follows them.
  public var repeats = true

  /// Composes a script.
  public init(prompt: String?, lines: [String]) {
    self.prompt = prompt
    self.lines = lines
  }

  /// Nothing is said.
  public static let silence = Script(prompt: nil, lines: [])

  /// What the console understands: messages, loans, every kind of fault, restarts and resets.
  public static let console = Script(
    prompt: "apus> ",
    lines: [
      "ps", "crash sensor memory", "crash clock panic", "lend", "read", "crash logger usage",
      "reset", "log", "uptime", "crash supervisor memory", "dance",
    ] + crimes.map { "crash clock \($0)" } + [
      "crash uart memory", "crash sensor slice", "crash shell stack", "crash logger trap", "flood",
      "ps", "crash sensor refused", "lend", "crash supervisor panic", "log", "crash shell panic",
    ])

  private static let crimes = [
    "device", "stack", "bus", "text", "illegal", "trap", "divide", "invalid", "unaligned",
    "breakpoint", "slice", "usage", "service", "panic", "refused", "injected",
  ]

  /// The script for an app by its name.
  public static func of(app: String) -> Script { app == "console" ? .console : .silence }

  /// Says the lines until QEMU ends or the floor is closed.
  func hold(with guest: Conversation, _ floor: Floor) async throws {
    guard let prompt, !lines.isEmpty else { return }
    try await guest.expect(prompt)
    repeat {
      for line in lines {
        guard floor.take() else { return }
        do {
          defer { floor.leave() }
          try await guest.send(line)
        }
        try await guest.expect(prompt)
      }
    } while repeats
  }
}

/// Who may speak to the guest, and until when.
///
/// A write to a QEMU that ends meanwhile would never return: it ends when nobody speaks.
final class Floor: Sendable {
  private struct State {
    var isTaken = false
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Whether there is still somebody to speak to; if so, `leave` must follow.
  func take() -> Bool {
    state.withLock {
      $0.isTaken = !$0.isClosed
      return $0.isTaken
    }
  }

  func leave() { state.withLock { $0.isTaken = false } }

  /// Lets nobody speak any more, and waits for who does, a second at most.
  func close() {
    state.withLock { $0.isClosed = true }
    for _ in 0..<1000 where state.withLock({ $0.isTaken }) { usleep(1000) }
  }
}
