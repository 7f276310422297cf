// BoardSupport/BoardConsole.swift: the console on a board, as the conversations want to talk to it.
// What is said and what must come back is theirs; nothing here judges.

import Conversations
import QEMUKit

/// The console on a board, its release image under QEMU.
public struct BoardConsole: ConsoleUnderTest {
  let guest: Conversation
  public let board: String

  /// The console behind `guest`.
  public init(_ guest: Conversation, board: String) {
    self.guest = guest
    self.board = board
  }

  public var refusesControlSpace: Bool { board != "lm3s6965evb" }

  public func type(_ bytes: [UInt8]) async throws { try await guest.sendBytes(bytes) }
  public func expect(_ text: String) async throws -> String { try await guest.expect(text) }

  public func letPass(milliseconds: Int) async throws {
    var start: Double?
    for _ in 0..<2000 {
      guard let now = try await ask("uptime").seconds else { continue }
      if (now - (start ?? now)) * 1_000 >= Double(milliseconds) { return }
      start = start ?? now
      // The guest idles meanwhile, and skips the time.
      try await Task.sleep(for: .milliseconds(5))
    }
    throw QEMUError("the guest's time stands still")
  }
}
