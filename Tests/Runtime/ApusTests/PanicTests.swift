// ApusTests/PanicTests.swift: a task's last words, seen from a process of their own.

import Apus
import CApus
import Foundation
import Testing

@Suite struct PanicTests {
  @Test("A panic hands over file, line and message, and never returns.")
  func text() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(7), observing: [\.standardErrorContent]
    ) {
      let host = HostCalls()
      host.answer = { registers in
        guard registers.r11 == 15, let text = UnsafeRawPointer(bitPattern: registers.r5) else {
          exit(8)
        }
        let bytes = UnsafeRawBufferPointer(start: text, count: Int(registers.r6))
        FileHandle.standardError.write(Data(bytes))
        exit(7)
      }
      host.run { panic("out of paper", file: "Printer/Printer.swift", line: 42) }
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("Printer/Printer.swift:42 out of paper"))
  }
}
