// BootTests/KeptTests.swift: what a task keeps is there after restarts and resets, on every board.
// The simulator's test of that name runs the same sources.

import BoardSupport
import Conversations
import ELFKit
import Foundation
import ImagePlan
import QEMUKit
import Testing

@Suite struct KeptTests {
  @Test(
    "A task counts its lives in kept memory, over restarts and resets of the machine.",
    arguments: Images.boards)
  func lives(board: String) async throws {
    let session = try await Images.shared.session("lives", board)
    try await session.run { guest in
      let words = try await guest.expect("life 6\r\n")
      #expect(words == LivesTalk.all)
    }
  }

  @Test("Noise at power-on is not taken for a life; the start code paints up to it and no further.")
  func coldStart() async throws {
    let bundle = try await Images.shared.bundle("lives")
    let diary = try #require(bundle.plan.tasks.first { $0.name == "diary" })
    let kept = try #require(diary.kept)
    #expect(kept == Window(base: diary.stackTop, size: 28))
    #expect(diary.ram == Window(base: diary.stack.base, size: 376 + 28))
    #expect(diary.paddedRAM.size > diary.ram.size, "padding, so that the exact end shows")
    // A word behind the count that says 20 bytes, but not the checksum of them.
    for first in [20, 0, ~0] as [UInt32] {
      var machine = Machine(board: bundle.plan.board.machine, image: bundle.image)
      machine.extraArguments = [
        "-device", "loader,addr=0x\(String(kept.base, radix: 16)),data=\(first),data-len=4",
      ]
      try await Session(machine, limit: .seconds(120)).run { guest in
        let words = try await guest.expect("life 1\r\n")
        #expect(words == "nothing kept\r\nlife 1\r\n")
      }
    }
  }
}
