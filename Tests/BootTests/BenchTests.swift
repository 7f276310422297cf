// BootTests/BenchTests.swift: the figures are counted alike every time, and the README has them.

import BenchKit
import Foundation
import Testing

@Suite struct BenchTests {
  @Test("Two runs agree in every sample, and the README shows exactly what was counted.")
  func readme() async throws {
    let figures = try await Bench(root: Images.root, output: Images.output).measure()
    let readme = try String(
      contentsOf: Images.root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains(figures.summary))
    #expect(
      readme == figures.update(readme), "`apus bench --readme` puts the figures in their place")
  }

  @Test("The README's conversation is what the console says, to the letter.")
  func conversation() async throws {
    let readme = try String(
      contentsOf: Images.root.appending(path: "README.md"), encoding: .utf8)
    let start = try #require(readme.firstRange(of: "| make run\n")).upperBound
    let end = try #require(readme[start...].firstRange(of: "\n```")).lowerBound
    let session = try await Images.shared.session("console", "mps2-an385")
    let report = try await session.run { guest in
      for line in ["ps", "crash sensor memory", "ps", "exit"] {
        try await guest.expect("apus> ")
        try await guest.send(line)
      }
      try await guest.expect("end of session\r\n")
    }
    let shown = readme[start..<end].split(whereSeparator: \.isNewline)
    #expect(shown == report.output.split(whereSeparator: \.isNewline))
  }

  @Test("bench.json has the promised keys, each with a number.")
  func keys() throws {
    let figures = try JSONDecoder().decode(Figures.self, from: Data(Self.example.utf8))
    #expect(String(decoding: try figures.json(), as: UTF8.self) == Self.example)
  }

  private static let example = """
    {
      "board" : "mps2-an385",
      "hello_flash_span_bytes" : 4,
      "interrupt_to_driver_instructions" : 9,
      "kernel_flash_bytes" : 1,
      "kernel_ram_bytes" : 3,
      "reset_to_first_task_instructions" : 8,
      "round_trip_accesses" : 6,
      "round_trip_exceptions" : 7,
      "round_trip_instructions" : 5,
      "tables_per_task_bytes" : 2
    }

    """
}
