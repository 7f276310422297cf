// BootTests/ConsoleTests.swift: the console's conversations, held on every board.
// The verdict is what comes out of the UART; nothing inside the guest is asked.

import BoardSupport
import Conversations
import ELFKit
import Foundation
import ImagePlan
import QEMUKit
import Testing

@Suite struct ConsoleTests {
  /// Boots the console on `board` and holds `talk` from the first prompt on.
  private func console(
    _ board: String, _ talk: @escaping @Sendable (BoardConsole) async throws -> Void
  ) async throws {
    let session = try await Images.shared.session("console", board, limit: .seconds(240))
    try await session.run { guest in
      try await guest.expect(ConsoleTalk.prompt)
      try await talk(BoardConsole(guest, board: board))
    }
  }

  @Test(
    "On every board the console holds the conversations that it holds in the simulator.",
    arguments: Images.boards, ConsoleTalk.all)
  func conversation(board: String, talk: ConsoleTalk) async throws {
    try await console(board) { try await talk.hold($0) }
  }

  @Test(
    "The fault's program counter lies in the code of the crime, in the task's own flash.",
    arguments: Images.boards)
  func programCounter(board: String) async throws {
    let bundle = try await Images.shared.bundle("console", board)
    let task = try #require(bundle.plan.tasks.first { $0.name == "sensor" })
    let file = try ELFFile(path: bundle.task("sensor").path)
    try await console(board) { console in
      for crime in ["memory", "device", "illegal", "divide"] {
        let answer = try await console.ask("crash sensor \(crime)")
        let address = try #require(answer.programCounter, "\(answer)")
        #expect(
          address >= task.flash.base
            && UInt64(address) < UInt64(task.flash.base) + UInt64(task.flash.size))
        // The instruction there is the one that did it: a load, `udf` or `udiv`.
        let half = try #require(file.bytes(at: address, count: 2).map(Array.init))
        let code = UInt16(half[0]) | UInt16(half[1]) << 8
        switch crime {
        case "illegal": #expect(code >> 8 == 0xDE)
        case "divide": #expect(code & 0xFFF0 == 0xFBB0 || code & 0xFFF0 == 0xFB90)
        default: #expect(code >> 11 == 0b01101 || code >> 4 == 0xF8D)
        }
      }
    }
  }
}

extension String {
  /// The program counter of the first fault in the text.
  var programCounter: UInt32? {
    firstRange(of: "pc 0x").flatMap { UInt32(self[$0.upperBound...].prefix(8), radix: 16) }
  }
}
