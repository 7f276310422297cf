// QEMUKitTests/ConsoleTests.swift: a piped session, from the first byte to the closing line.

import Foundation
import SystemPackage
import Testing

@testable import QEMUKit

@Suite struct ConsoleTests {
  /// Runs the echoing image with `input` in a pipe and returns the ending and what was shown.
  private func session(
    _ input: String, closingLine: String = "bye", limit: Duration = .seconds(90),
    patience: Duration = .seconds(60)
  ) async throws -> (Ending, String) {
    let image = try await TinyImage(TinyImage.echo)
    defer { image.remove() }
    let keys = try FileDescriptor.pipe()
    let screen = try FileDescriptor.pipe()
    try keys.writeEnd.writeAll(Array(input.utf8))
    try keys.writeEnd.close()
    var console = Console(
      Machine(board: "mps2-an385", image: image.url, pace: .interactive),
      closingLine: closingLine, limit: limit)
    console.input = keys.readEnd
    console.output = screen.writeEnd
    (console.patience, console.overtime) = (patience, .seconds(60))
    let ending = try await console.run()
    try screen.writeEnd.close()
    let shown = try screen.readEnd.readSome()
    try keys.readEnd.close()
    try screen.readEnd.close()
    return (ending, String(decoding: shown, as: UTF8.self))
  }

  @Test("Every piped byte arrives in order, and the closing line ends the session.")
  func closingLine() async throws {
    let text = String(repeating: "0123456789abcdefghijklmnop", count: 40)
    let (ending, shown) = try await session(text + "\n" + "q\n")
    #expect(ending == .complete)
    #expect(shown == "ready> \(text)\nq\r\nbye\r\n")
  }

  @Test("After the end of the input the session lasts until the guest is silent.")
  func endOfInput() async throws {
    // On a busy machine the guest's answer may be later than the usual patience.
    for seconds in [2, 10, 50] {
      let (ending, shown) = try await session("abc", patience: .seconds(seconds))
      #expect(ending == .complete)
      if shown == "ready> abc" { break }
      #expect(seconds < 50, "shown: \(shown)")
    }
    #expect(try await session("", patience: .seconds(2)).1 == "ready> ")
  }

  @Test("The limit ends a session that nothing else does.")
  func limit() async throws {
    #expect(try await session("abc", limit: .milliseconds(300)).0 == .timedOut)
  }
}
