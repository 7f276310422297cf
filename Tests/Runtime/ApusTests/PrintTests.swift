// ApusTests/PrintTests.swift: numbers and text as bytes, in every width.

import Apus
import Testing

@Suite struct PrintTests {
  @Test("A decimal number has no leading zeros, and zero has one digit.")
  func decimal() {
    for value in [0, 1, 9, 10, 99, 100, 12_345, 1_000_000_000, UInt32.max] {
      #expect(TextSink.text { $0.print(decimal: value) } == "\(value)")
    }
  }

  @Test("A decimal number fills its width on the left, and a longer one is not cut.")
  func decimalWidth() {
    #expect(TextSink.text { $0.print(decimal: 42, width: 5) } == "   42")
    #expect(TextSink.text { $0.print(decimal: 7, width: 3, fill: 0x30) } == "007")
    #expect(TextSink.text { $0.print(decimal: 0, width: 10) } == "         0")
    #expect(TextSink.text { $0.print(decimal: 12_345, width: 2) } == "12345")
  }

  @Test("Foreign bytes print as they are if they are plain; a quote and a backslash are not.")
  func untrusted() {
    for byte in 0...UInt8.max {
      let digits = (byte < 16 ? "0" : "") + String(byte, radix: 16)
      let isPlain = (0x20..<0x7F).contains(byte) && byte != 0x22 && byte != 0x5C
      let expected = isPlain ? String(UnicodeScalar(byte)) : "\\x\(digits)"
      #expect(TextSink.text { $0.print(untrusted: byte) } == expected)
    }
    let forged = Array("a\u{1B}[2J\r\nfault: \"b\"\u{85}".utf8)
    #expect(
      TextSink.text { $0.print(untrusted: forged.span.bytes) }
        == #"a\x1b[2J\x0d\x0afault: \x22b\x22\xc2\x85"#)
  }

  @Test("A hexadecimal number has eight lower-case digits.")
  func hexadecimal() {
    #expect(TextSink.text { $0.print(hex: 0) } == "00000000")
    #expect(TextSink.text { $0.print(hex: 0x2000_0008) } == "20000008")
    #expect(TextSink.text { $0.print(hex: 0xDEAD_BEEF) } == "deadbeef")
  }

  @Test("Text is written as it is, and a line ends as terminals want it.")
  func text() {
    let text = TextSink.text {
      $0.print("Apus")
      $0.print("")
      $0.endLine()
    }
    #expect(text == "Apus\r\n")
  }

  @Test("A text buffer cuts what does not fit, and says that it is full.")
  func buffer() {
    var buffer = TextBuffer<4>()
    buffer.print("abc")
    let wasFull = buffer.isFull
    buffer.print("def")
    let held = buffer.withUnsafeBytes { Array($0) }
    #expect(!wasFull && buffer.isFull && held == Array("abcd".utf8))
    buffer.removeLast()
    #expect(buffer.count == 3 && buffer[2] == 0x63)
    buffer.removeAll()
    buffer.removeLast()
    #expect(buffer.count == 0)
  }
}
