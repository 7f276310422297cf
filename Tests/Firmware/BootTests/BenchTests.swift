// BootTests/BenchTests.swift: the figures are counted alike every time, and the README has them.

import BenchKit
import BoardSupport
import FootprintKit
import Foundation
import Testing

@Suite struct BenchTests {
  /// The page of figures.
  private static func page() throws -> String {
    try String(contentsOf: Images.root.appending(path: Figures.page), encoding: .utf8)
  }

  @Test("Two runs agree in every sample, and the README shows exactly what was counted.")
  func readme() async throws {
    // It builds by itself, so it must not build where other tests run what is built.
    let output = Images.output.appending(path: "bench")
    let figures = try await Bench(root: Images.root, output: output).measure()
    let readme = try String(
      contentsOf: Images.root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains(figures.summary) && readme.contains(figures.table))
    #expect(try Self.page().contains(figures.comparison))
    #expect(
      readme == figures.update(readme),
      "`apus-verify bench --readme` puts the figures in their place")
  }

  @Test("The README's session is what the console says, but for the moving program counters.")
  func session() async throws {
    let readme = try String(
      contentsOf: Images.root.appending(path: "README.md"), encoding: .utf8)
    let console = try await Images.shared.bundle("console", "mps2-an385")
    let said = try await ReadmeSession.hold(with: console)
    let updated = ReadmeSession.update(readme, with: said)
    // Any change of the code moves them, and a page that shows yesterday's is right enough.
    func still(_ text: String) -> String { text.replacing(/pc 0x[0-9a-f]{8}/, with: "pc") }
    #expect(
      still(readme) == still(updated), "`apus-verify bench --readme` puts the session in its place")
    #expect(said.contains("memory at 0x20000008"))
  }

  @Test("README and figures show what `make footprint` says of the smallest image.")
  func footprint() async throws {
    let readme = try String(
      contentsOf: Images.root.appending(path: "README.md"), encoding: .utf8)
    let hello = try await Images.shared.bundle("hello", "mps2-an385")
    let report = try Report(hello)
    let budget = try BudgetFile(path: Images.root.appending(path: "Tests/footprint.yaml").path)
    let boot = try await Boot(
      hello, toolDirectory: Images.tools,
      options: budget.stackOptions(for: report.image)
    ).measure()
    let shown = try ReadmeFootprint(BootOverview(report, boot).text)
    #expect(readme.contains(shown.summary), "`apus-verify bench --readme` puts it in its place")
    #expect(
      try Self.page().contains(shown.block), "`apus-verify bench --readme` puts it in its place")
  }

  @Test("The speeds stand in bench.json beside the counted figures, which stay what they are.")
  func speeds() throws {
    let host = try JSONDecoder().decode(
      HostFigures.self,
      from: Data(
        """
        {"kernel_steps_per_second": 21000000, "explorer_edges_per_second": 900000,
         "footprint_report_seconds": 0.25, "footprint_report_megabytes": 50.5,
         "footprint_boot_seconds": 2.5}
        """.utf8))
    let figures = try JSONDecoder().decode(Figures.self, from: Data(Self.example.utf8))
    let file = try BenchFile(figures, host: host).json()
    #expect(try JSONDecoder().decode(Figures.self, from: file) == figures)
    #expect(try JSONDecoder().decode(HostFigures.self, from: file) == host)
    #expect(try BenchFile(figures, host: nil).json() == figures.json())
    let missed = host.table.split(separator: "\n").filter { $0.contains("missed") }
    #expect(missed.count == 2)
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
