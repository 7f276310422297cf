// FootprintKitTests/RenderTests.swift: tables, treemap and page; hostile names stay harmless.
// How the page looks is a matter for eyes; here is what a browser must never be given.

import ELFKit
import Foundation
import Testing

@testable import FootprintKit

@Suite struct RenderTests {
  @Test(
    "The boxes of a treemap have areas in proportion, lie inside and do not overlap.",
    arguments: [[5], [6, 6, 4, 3, 2, 2, 1], Array(repeating: 1, count: 100), [1000, 1, 1]])
  func treemap(sizes: [Int]) {
    let frame = Box(x: 10, y: 20, width: 600, height: 400)
    let boxes = Treemap.layout(sizes, in: frame)
    let total = Double(sizes.reduce(0, +))
    for (size, box) in zip(sizes, boxes) {
      #expect(abs(box.area / frame.area - Double(size) / total) < 1e-9)
      #expect(box.x >= 10 - 1e-6 && box.x + box.width <= 610 + 1e-6)
      #expect(box.y >= 20 - 1e-6 && box.y + box.height <= 420 + 1e-6)
    }
    for (index, a) in boxes.enumerated() {
      for b in boxes[(index + 1)...] {
        let width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
        let height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
        #expect(width < 1e-6 || height < 1e-6)
      }
    }
  }

  @Test("A hostile symbol name is text on the page, never markup or script.")
  func hostileName() throws {
    var report = BudgetTests.report()
    report.rows[0].name = "</script><script>alert('x')</script>"
    report.rows[0].component = "\"><img src=x onerror=alert(1)>"
    let html = try Page(report).html()
    #expect(!html.contains("<script>alert"))
    #expect(!html.contains("<img src=x"))
    #expect(html.components(separatedBy: "</script>").count == 3)
  }

  @Test("The page loads nothing: no address of another file or host is in it.")
  func offline() throws {
    let html = try Page(try Report(try Foreign.sections.file(), name: "x")).html()
    for needle in ["http://", "https://", "src=", "@import", "url(", "<link"] {
      #expect(!html.contains(needle), "\(needle)")
    }
  }

  @Test("The page has every region, component and stack, and follows dark and light.")
  func complete() throws {
    let file = try Foreign.sections.file()
    let report = try Report(file, name: "firmware.elf", options: try Foreign.sections.options())
    let stacks = try StackReport(file, name: "firmware.elf", options: StackOptions())
    let html = try Page(report, stacks: stacks).html()
    for region in report.regions { #expect(html.contains("<b>\(region.name)</b>")) }
    #expect(html.contains("<td>Reset</td>"))
    #expect(html.contains("prefers-color-scheme:dark"))
    #expect(html.contains("total, equal to what the linker used"))
  }

  @Test("The same report gives the same text, page, drawing and JSON.")
  func deterministic() throws {
    let first = try Report(try Foreign.sections.file(), name: "x")
    let second = try Report(try Foreign.sections.file(), name: "x")
    #expect(first.text() == second.text())
    #expect(try first.json() == second.json())
    #expect(first.svg() == second.svg())
    #expect(try Page(first).html() == Page(second).html())
  }

  @Test("Every level of a table adds up to the same total.", arguments: Level.allCases)
  func levels(level: Level) throws {
    let report = try Report(try Foreign.sections.file(), name: "x")
    let sum = report.grouped(by: [level]).reduce(0) { $0 + $1.total }
    #expect(sum == report.regions.reduce(0) { $0 + $1.used })
    for group in report.grouped(by: [level, .symbol]) {
      #expect(group.children.reduce(0) { $0 + $1.total } == group.total)
    }
  }

  @Test("A limit of lines sums the rest, so that no byte is hidden.")
  func top() throws {
    let report = try Report(try Foreign.sections.file(), name: "x")
    let text = report.text(Selection(levels: [.symbol], top: 2))
    #expect(text.contains(" smaller)"))
    #expect(throws: FootprintError.self) { try Level.path("component,colour") }
  }

  @Test("CSV quotes what needs it, and has a line for each row.")
  func csv() throws {
    var report = BudgetTests.report()
    report.rows[0].name = "f(a, \"b\")"
    let lines = report.csv().split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[1].contains("\"f(a, \"\"b\"\")\""))
  }

  @Test("Numbers are grouped and shares rounded the same everywhere.")
  func numbers() {
    #expect(thousands(0) == "0")
    #expect(thousands(1_234_567) == "1,234,567")
    #expect(thousands(-1_000) == "-1,000")
    #expect(percent(1, of: 3) == "33.3 %")
    #expect(number(-0.25) == "-0.25")
    #expect(number(3.005) == "3.01" || number(3.005) == "3")
  }
}

@Suite struct MemoryTests {
  @Test("A linker script's MEMORY is read: comments, suffixes, sums and attributes.")
  func linkerScript() throws {
    let memories = try LinkerScript.memories(
      """
      /* MEMORY { no } */
      MEMORY
      {
        FLASH (rx)  : ORIGIN = 0x08000000, LENGTH = 1M - 16K
        RAM   (xrw) : org = 0x20000000, len = 0x4000
        REST  : ORIGIN = ORIGIN(RAM) + LENGTH(RAM), LENGTH = (8K + 8)
      }
      """)
    #expect(
      memories == [
        Memory(name: "FLASH", kind: .flash, origin: 0x0800_0000, length: 1_032_192),
        Memory(name: "RAM", kind: .ram, origin: 0x2000_0000, length: 16_384),
        Memory(name: "REST", kind: .ram, origin: 0x2000_4000, length: 8_200),
      ])
  }

  @Test("A memory that cannot be read is refused by name, with the way round it.")
  func unreadable() {
    #expect(
      throws: FootprintError(
        .unreadable,
        "cannot read memory 'F' of the linker script; try: --region F=0x08000000,512K")
    ) { try LinkerScript.memories("MEMORY { F (rx) : ORIGIN = __start, LENGTH = 1K }") }
    #expect(throws: FootprintError.self) { try Memory(argument: "FLASH=12") }
    #expect(throws: FootprintError.self) { try Memory(argument: "FLASH=0x100000000,1K") }
  }
}

@Suite struct TextRunsTests {
  @Test("String literals are cut from other constants, with the zeros behind them.")
  func cut() {
    let bytes: [UInt8] = Array("\u{1}\u{2}hello\0\0\u{3}abc\0ping\0pong\0".utf8) + [0xff, 0x41]
    let runs = TextRuns.cut(bytes[...])
    #expect(runs.map(\.isText) == [false, true, false, true, false])
    #expect(runs.map(\.range) == [0..<2, 2..<9, 9..<14, 14..<24, 24..<26])
  }

  @Test("The runs tile any bytes exactly.")
  func tiling() {
    var random = FuzzTests.Generator(state: 3)
    for _ in 0..<500 {
      let count = Int.random(in: 0...200, using: &random)
      let bytes =
        (0..<count).map { _ in [0, 65, 66, 200].randomElement(using: &random) ?? 0 } as [UInt8]
      let runs = TextRuns.cut(bytes[...])
      #expect(runs.reduce(0) { $0 + $1.range.count } == count)
      #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
    }
  }
}
