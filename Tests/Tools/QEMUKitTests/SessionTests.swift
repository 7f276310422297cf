// QEMUKitTests/SessionTests.swift: a run ends in time, and says how it ended.

import Synchronization
import Testing

@testable import QEMUKit

@Suite struct SessionTests {
  private func session(_ image: TinyImage, limit: Duration = .seconds(90)) -> Session {
    Session(Machine(board: "mps2-an385", image: image.url), limit: limit)
  }

  @Test("A conversation sends when the prompt is seen and returns what came up to the next one.")
  func conversation() async throws {
    let image = try await TinyImage(TinyImage.echo)
    defer { image.remove() }
    let report = try await session(image).run { guest in
      #expect(try await guest.expect("> ") == "ready> ")
      try await guest.sendBytes(Array("abc!".utf8))
      #expect(try await guest.expect("!") == "abc!")
      try await guest.sendBytes(Array("q".utf8))
      #expect(try await guest.expect("bye\r\n") == "q\r\nbye\r\n")
    }
    #expect(report.ending == .complete)
    #expect(report.output == "ready> abc!q\r\nbye\r\n")
  }

  @Test("The closing line ends the run, though the guest would go on.")
  func closingLine() async throws {
    let image = try await TinyImage(TinyImage.echo)
    defer { image.remove() }
    let report = try await session(image).run(until: "ready> ")
    #expect(report.ending == .complete)
  }

  @Test("A guest that never says what is awaited is killed at the limit, and its last words shown.")
  func timeLimit() async throws {
    let image = try await TinyImage(TinyImage.echo)
    defer { image.remove() }
    // A guest on a busy machine needs longer for its first word, which is to be among its last.
    for milliseconds in [700, 5_000, 60_000] {
      let error = await #expect(throws: QEMUError.self) {
        try await session(image, limit: .milliseconds(milliseconds)).run {
          try await $0.expect("never")
        }
      }
      #expect(error?.ending == .timedOut)
      #expect(error?.description.contains("no 'never' came") == true)
      let hasSpoken = error?.description.contains("  | ready> ") == true
      if hasSpoken { break }
      #expect(milliseconds < 60_000, "the guest's last words are not shown: \(error as Any)")
    }
    #expect(try await session(image, limit: .milliseconds(700)).run(until: "x").ending == .timedOut)
  }

  @Test("A piece of a limit counts once, however long it lasted; the last one ends the run.")
  func lateWatchdog() async {
    let pieces = Mutex<[Duration]>([])
    let (barks, bark) = AsyncStream.makeStream(of: Int.self)
    let watchdog = Watchdog(limit: .seconds(100)) { piece in
      pieces.withLock { $0.append(piece) }
    } _: {
      bark.yield(pieces.withLock { $0.count })
    }
    let count = await barks.first { _ in true }
    #expect(count == Watchdog.pieceCount)
    #expect(pieces.withLock { $0 } == Array(repeating: .seconds(2), count: Watchdog.pieceCount))
    #expect(await watchdog.stop())
  }

  @Test("A watchdog that is stopped in time never barks.")
  func stoppedWatchdog() async {
    let watchdog = Watchdog(limit: .seconds(1_000_000)) { Issue.record("it barked") }
    #expect(await !watchdog.stop())
  }

  @Test("A lock-up is told from every other end.")
  func lockUp() async throws {
    let image = try await TinyImage(
      """
      .thumb_func
      reset:
        udf #0
      .thumb_func
      handler:
        udf #0
      """)
    defer { image.remove() }
    #expect(try await session(image).run(until: "x").ending == .lockedUp)
    let error = await #expect(throws: QEMUError.self) {
      try await session(image).run { try await $0.untilEnd() }
    }
    #expect(error?.ending == .lockedUp)
  }

  @Test("A reset that ends QEMU has status 0 and is not taken for a conversation that was held.")
  func statusZeroIsNoVerdict() async throws {
    let image = try await TinyImage(TinyImage.reset)
    defer { image.remove() }
    var resetting = session(image)
    resetting.machine.endsAtReset = true
    #expect(try await resetting.run(until: "x").ending == .exited(status: 0))
    let error = await #expect(throws: QEMUError.self) {
      try await resetting.run { try await $0.expect("x") }
    }
    #expect(error?.ending == .exited(status: 0))
  }

  @Test("To speak to a QEMU that has ended is an error, not a wait without end.")
  func endedListener() async throws {
    let image = try await TinyImage(TinyImage.reset)
    defer { image.remove() }
    var ending = session(image)
    ending.machine.endsAtReset = true
    let error = await #expect(throws: QEMUError.self) {
      try await ending.run { guest in
        try await guest.untilEnd()
        // The first may still find a pipe; the library knows of the death a moment later.
        for _ in 0..<60_000 {
          try await guest.send("is anybody there?")
          try await Task.sleep(for: .milliseconds(1))
        }
      }
    }
    #expect(error?.ending == .exited(status: 0))
  }

  @Test("An image that is not there is QEMU's own message, not a hang.")
  func noImage() async throws {
    let image = try await TinyImage(TinyImage.echo)
    image.remove()
    let error = await #expect(throws: QEMUError.self) {
      try await session(image).run { try await $0.expect("ready") }
    }
    #expect(error?.ending == .exited(status: 1))
    #expect(error?.description.contains("Could not load kernel") == true)
  }
}
