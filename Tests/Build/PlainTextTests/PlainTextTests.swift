// PlainTextTests/PlainTextTests.swift: no character that acts gets through, and none that is seen changes.

import Foundation
import PlainText
import Testing

@Suite struct PlainTextTests {
  @Test("Text that is seen stays as it is, in any language.")
  func seen() {
    for text in ["", "plain, \"quoted\" \\ ~", "größer", "\u{1F600} и 日本", "e\u{301}"] {
      #expect(text.spelledOut == text)
      #expect(text.spelledOutByLine == text)
    }
  }

  @Test("Every control character is spelled out, those of both ranges and what turns the text.")
  func controls() {
    for value in Array(0...0x1F) + Array(0x7F...0x9F) as [UInt32] {
      let text = "a\(UnicodeScalar(value)!)b".spelledOut
      #expect(text.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) }, "\(value)")
      #expect(text.hasPrefix("a\\") && text.hasSuffix("b"), "\(value)")
    }
    #expect("\u{1B}[2J\r\n\tx\u{85}".spelledOut == #"\u001b[2J\r\n\tx\u0085"#)
    #expect("\u{202E}\u{2028}\u{200B}\u{FEFF}".spelledOut == #"\u202e\u2028\u200b\ufeff"#)
    #expect("\u{E0001}".spelledOut == #"\udb40\udc01"#)
  }

  @Test("By line, the ends of lines stay, and a return before one is spelled out.")
  func lines() {
    #expect("one\ntwo\u{1B}\n\nthree\r\n".spelledOutByLine == "one\ntwo\\u001b\n\nthree\\r\n")
    #expect("a\rb\tc\u{2028}d".spelledOutByLine == "a\\rb\tc\\u2028d")
  }

  @Test("JSON that is spelled out by line has the meaning that it had.")
  func json() throws {
    let name = "a\u{1B}\u{85}\u{202E}\u{E0001}\n\"\\ü"
    let encoder = JSONEncoder()
    encoder.outputFormatting = .prettyPrinted
    let text = String(decoding: try encoder.encode([name]), as: UTF8.self)
    let spelled = text.spelledOutByLine
    #expect(spelled != text)
    #expect(try JSONDecoder().decode([String].self, from: Data(spelled.utf8)) == [name])
  }
}
