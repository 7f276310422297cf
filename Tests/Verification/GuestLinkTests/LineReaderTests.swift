// GuestLinkTests/LineReaderTests.swift: a verdict rests on lines, so no line may be believed easily.
// No QEMU here.

import Testing

@testable import GuestLink

@Suite struct LineReaderTests {
  @Test("A line with the session's number and the next count is the supervisor's.")
  func good() throws {
    var reader = LineReader(session: 0x1234_5678)
    #expect(
      try reader.read("12345678 00000007 r 00000005 deadbeef")
        == .line(GuestLine(letter: "r", words: [5, 0xDEAD_BEEF])))
    #expect(try reader.read("12345678 00000008 n") == .line(GuestLine(letter: "n", words: [])))
  }

  @Test(
    "A line without the session's number is nobody's word.",
    arguments: [
      "passed", "", "12345679 00000000 r 00000005", "M01 passed", "00000000 00000001 r 00000005",
      "12345678", "2345678 00000000 r 5",
    ])
  func forgedSession(text: String) throws {
    var reader = LineReader(session: 0x1234_5678)
    #expect(try reader.read(text[...]) == .noise)
  }

  @Test("A line that guessed the number but not the count ends the session, as does a lost one.")
  func forgedCount() throws {
    for text in ["12345678 00000007 r", "12345678 00000009 r", "12345678 0000000x r"] {
      var reader = LineReader(session: 0x1234_5678)
      _ = try reader.read("12345678 00000007 n")
      #expect(throws: ForgedLine.self) { try reader.read(text[...]) }
    }
  }

  @Test("A line with a word that is no number is an error, not a guess.")
  func malformed() {
    var reader = LineReader(session: 1)
    #expect(throws: ForgedLine.self) { try reader.read("00000001 00000000 r 0000000g") }
    #expect(throws: ForgedLine.self) { try reader.read("00000001 00000001 report 00000000") }
  }

  @Test("A banner starts the count anew.")
  func banner() throws {
    var reader = LineReader(session: 1)
    _ = try reader.read("00000001 00000041 n")
    #expect(
      try reader.read("apus conformance mps2-an385 41505501 00000000 00000000 00000000")
        == .banner(board: "mps2-an385", record: [0x4150_5501, 0, 0, 0]))
    #expect(try reader.read("00000001 00000004 n") == .line(GuestLine(letter: "n", words: [])))
  }
}
