// BootTests/IsolationTests.swift: a task that reaches beyond its own is stopped, every time.
// The app under Fixtures is built like any other, in a repository that borrows ours.

import BoardSupport
import ELFKit
import Foundation
import ImagePlan
import QEMUKit
import Testing

@Suite struct IsolationTests {
  @Test(
    "Reads and writes of kernel, neighbour, devices and nothing fault with their address and PC.",
    arguments: Images.boards)
  func intruder(board: String) async throws {
    let repository = try BorrowedRepository()
    defer { repository.remove() }
    try repository.add("Intruder", from: "Tests/Firmware/BootTests/Fixtures/Intruder")
    let bundle = try await repository.build("intruder", board)
    let plan = bundle.plan
    let file = try ELFFile(path: bundle.task("intruder").path)
    let session = Session(
      Machine(board: plan.board.machine, image: bundle.image), limit: .seconds(120))
    let steps: [UInt32?] = [
      0x2000_0008, nil, 0, 0x4000_4000, 0x4000_C000, 0x2200_0000, 0x2FFF_FFFC,
    ]
    try await session.run { guest in
      for life in 0..<(2 * steps.count) {
        let line = try await guest.expect("\r\n").split(whereSeparator: \.isWhitespace)
        try #require(line.count == 5, "\(line)")
        // Kind 1 is the MPU's refusal; no other task, the victim above all, ever faults.
        #expect(line[..<3] == ["1", "\(life)", "1"], "\(line)")
        let address = try #require(UInt32(line[3], radix: 16))
        let counter = try #require(UInt32(line[4], radix: 16))
        if let expected = steps[life / 2] {
          #expect(address == expected, "life \(life)")
        } else {
          let victim = plan.tasks[2].ram
          #expect(address >= victim.base && address - victim.base < victim.size, "life \(life)")
        }
        let half = try #require(file.bytes(at: counter, count: 2).map(Array.init), "\(line)")
        // A load in even lives, a store in odd ones: 16-bit or 32-bit, with an immediate offset.
        let code = UInt16(half[0]) | UInt16(half[1]) << 8
        let isLoad = code >> 11 == 0b01101 || code >> 4 == 0xF8D
        let isStore = code >> 11 == 0b01100 || code >> 4 == 0xF8C
        #expect(life.isMultiple(of: 2) ? isLoad : isStore, "\(line)")
      }
    }
  }
}
