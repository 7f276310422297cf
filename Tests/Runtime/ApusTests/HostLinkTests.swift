// ApusTests/HostLinkTests.swift: which lines a supervisor under test believes, and what it writes.

import Apus
import Testing

@Suite struct HostLinkTests {
  private let host = HostCalls()
  private let uart = UART(0x4000_4000, .cmsdk)

  /// Lets the UART hold `text`, byte for byte.
  private func type(_ text: String) {
    var rest = Array(text.utf8)[...]
    host.read = { address in
      // Bit 1 of the state: a byte can be read; bit 0, that none can be written, stays clear.
      if address == 0x4000_4004 { return rest.isEmpty ? 0 : 2 }
      return UInt32(rest.popFirst() ?? 0)
    }
  }

  /// All lines that `link` reads.
  private func read(_ link: inout HostLink) -> [HostLine] {
    host.run {
      var lines: [HostLine] = []
      while let line = link.read() { lines.append(line) }
      return lines
    }
  }

  @Test("A line is a session, a letter and words, of which a missing one is 0.")
  func words() {
    type("1234abcd t 1 ffffffff  0\r\n")
    var link = HostLink(uart)
    let lines = read(&link)
    #expect(lines.count == 1 && link.session == 0x1234_ABCD)
    #expect(lines.first?.letter == UInt8(ascii: "t"))
    #expect(lines.first.map { line in (0..<5).map { line[$0] } } == [0x1234_ABCD, 1, ~0, 0, 0])
  }

  @Test("The first line names the session; another session's line is passed over.")
  func sessions() {
    type("00000007 a 1\r00000008 b 2\r\n00000007 c 3\r")
    var link = HostLink(uart)
    #expect(read(&link).map(\.letter) == [UInt8(ascii: "a"), UInt8(ascii: "c")])
  }

  @Test("A line with more words, or more bytes, than there is room for is cut, not overrun.")
  func long() {
    type(
      "1 x" + (1...30).map { " \($0)" }.joined() + "\r"
        + "1 y " + String(repeating: "0", count: 300) + "5\r")
    var link = HostLink(uart)
    let lines = read(&link)
    #expect(lines.count == 2)
    #expect(lines.first?[19] == 0x19)
    #expect(lines.last?.letter == UInt8(ascii: "y") && lines.last?[1] == 0)
  }

  @Test("Each line of ours has the session's number and a count that goes up by one.")
  func ours() {
    var link = HostLink(uart)
    link.session = 0xBEEF
    host.run {
      for value: UInt32 in [5, 6] {
        link.begin(UInt8(ascii: "r"))
        link.word(value)
        link.end()
      }
    }
    let text = String(decoding: host.stores.map { UInt8($0.value) }, as: UTF8.self)
    #expect(
      text == "0000beef 00000000 r 00000005\r\n" + "0000beef 00000001 r 00000006\r\n")
  }
}
