// QEMUKitTests/ScreenTests.swift: the closing line and the prompt are found in any pieces.

import Testing

@testable import QEMUKit

@Suite struct ScreenTests {
  @Test("The closing line counts only as a whole line, however it is cut into pieces.")
  func closingLine() {
    let screen = Screen(closingLine: "bye", output: .standardOutput)
    #expect(!screen.note(Array("say bye\r\n".utf8)))
    #expect(!screen.note(Array("by".utf8)))
    #expect(!screen.note(Array("e\r".utf8)))
    #expect(screen.note(Array("\n".utf8)))
  }

  @Test("A prompt is a begun line that ends in '> ', until it is answered.")
  func prompt() {
    let screen = Screen(closingLine: "bye", output: .standardOutput)
    #expect(!screen.showsPrompt)
    _ = screen.note(Array("a > b\r\n> ".utf8))
    #expect(screen.showsPrompt)
    screen.lineWasSent()
    #expect(!screen.showsPrompt)
    _ = screen.note(Array("ps\r\n".utf8))
    #expect(!screen.showsPrompt)
    _ = screen.note(Array("> ".utf8))
    #expect(screen.showsPrompt)
  }
}
