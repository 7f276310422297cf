// FootprintKitTests/ConservationTests.swift: no byte is lost or counted twice, in anybody's image.
// The oracles are the GNU and LLVM tools, which know nothing of our code.

import ELFKit
import FootprintKit
import Testing

@Suite struct ConservationTests {
  @Test(
    "Rows add up to what the linker used, in every region of every image.",
    arguments: Foreign.allCases)
  func law(way: Foreign) throws {
    for options in [ReadingOptions(), try way.options()] {
      let report = try Report(try way.file(), name: way.rawValue, options: options)
      #expect(report.unsoundness().isEmpty)
      for region in report.regions { #expect(report.sum(of: region.name) == region.used) }
    }
  }

  @Test(
    "Without padding between sections the sums are those of arm-none-eabi-size.",
    arguments: Foreign.allCases)
  func size(way: Foreign) throws {
    let report = try Report(try way.file(), name: "x", options: try way.options())
    let output = try run("arm-none-eabi-size", [way.url.path])
    let numbers = output.split(separator: "\n")[1].split(whereSeparator: \.isWhitespace)
      .compactMap { Int($0) }
    let (text, data, bss) = (numbers[0], numbers[1], numbers[2])
    func sum(_ kind: Region.Kind) -> Int {
      let names = report.regions.filter { $0.kind == kind }.map(\.name)
      // Padding between sections belongs to no section, so the GNU tool cannot see it.
      return report.rows.filter { names.contains($0.region) && !$0.section.isEmpty }
        .reduce(0) { $0 + $1.size }
    }
    #expect(sum(.flash) == text + data)
    #expect(sum(.ram) == data + bss)
  }

  @Test(
    "Every sized symbol of llvm-nm is a row of the same size, or the alias of one.",
    arguments: Foreign.allCases.filter { $0 != .stripped })
  func names(way: Foreign) throws {
    let report = try Report(try way.file(), name: "x", options: try way.options())
    let sizes = Dictionary(report.rows.map { ($0.address, $0.size) }) { a, _ in a }
    let named = Set(report.rows.map(\.symbol))
    var seen = 0
    for line in try run("llvm-nm", ["-S", "--defined-only", way.url.path]).split(separator: "\n") {
      let fields = line.split(separator: " ").map(String.init)
      guard fields.count == 4, let address = UInt32(fields[0], radix: 16),
        let size = Int(fields[1], radix: 16), size > 0
      else { continue }
      seen += 1
      #expect(sizes[address & ~1] == size, "\(fields[3])")
      #expect(named.contains(fields[3]), "\(fields[3]) is missing")
    }
    #expect(seen >= 8)
  }

  @Test("Initialised data is counted in flash and in RAM, with the same size.")
  func dataTwice() throws {
    let report = try Report(
      try Foreign.sections.file(), name: "x", options: try Foreign.sections.options())
    let odd = report.rows.filter { $0.symbol == "odd" }
    #expect(odd.map(\.region) == ["FLASH", "RAM"])
    #expect(odd.map(\.kind) == [.dataInit, .data])
    #expect(odd.map(\.size) == [6, 6])
  }

  @Test("Several memories are told apart, also when nobody names them.")
  func manyMemories() throws {
    let file = try Foreign.manyMemories.file()
    let named = try Report(file, name: "x", options: try Foreign.manyMemories.options())
    #expect(named.regions.map(\.name) == ["FLASH", "RAM", "CCM", "EXTERNAL"])
    #expect(named.regions.map(\.kind) == [.flash, .ram, .ram, .flash])
    #expect(named.sum(of: "CCM") == 200)
    #expect(named.sum(of: "EXTERNAL") == 800)
    let guessed = try Report(file, name: "x")
    #expect(guessed.regions.count == 4)
    #expect(guessed.regions.first { $0.origin == 0x1000_0000 }?.kind == .ram)
  }

  @Test("An image that does not fit is reported in full, with how much it is over.")
  func overfull() throws {
    let small = ReadingOptions(memories: [
      try Memory(argument: "FLASH=0x08000000,1K"), try Memory(argument: "RAM=0x20000000,64"),
    ])
    let report = try Report(try Foreign.overfull.file(), name: "x", options: small)
    #expect(report.regions[0].excess == report.regions[0].used - 1024)
    #expect(report.regions[0].excess > 2000)
    #expect(report.regions[1].excess == report.regions[1].used - 64)
    #expect(report.unsoundness().isEmpty)
    #expect(report.text().contains("over by"))
  }

  @Test(
    "Debugging information gives each symbol its file and line.",
    arguments: [Foreign.sections, .plain, .dwarf4])
  func sources(way: Foreign) throws {
    let report = try Report(try way.file(), name: "x")
    let deep = try #require(report.rows.first { $0.symbol == "deep" })
    #expect(deep.file.hasSuffix("main.c"))
    let line = Foreign.source.split(separator: "\n", omittingEmptySubsequences: false)
      .firstIndex { $0.contains("deep(int n)") }.map { $0 + 1 }
    #expect(deep.line == line)
    #expect(report.rows.first { $0.symbol == "buffer" }?.file.hasSuffix("main.c") == true)
  }

  @Test("A stripped image is reported by section and says why.")
  func stripped() throws {
    let report = try Report(try Foreign.stripped.file(), name: "x")
    #expect(report.notes.contains { $0.contains("stripped") })
    #expect(report.rows.contains { $0.symbol == "[unattributed .text]" })
  }

  @Test("The build attributes name the processor the image was built for.")
  func processor() throws {
    let attributes = try #require(try Foreign.sections.file().armAttributes())
    #expect(attributes.architectureName == "armv7-m")
    #expect(attributes.floatingPoint == nil)
    #expect(try Report(try Foreign.sections.file(), name: "x").processor == "armv7-m")
  }

  @Test("The vector table has a kind of its own.")
  func vectors() throws {
    let report = try Report(try Foreign.sections.file(), name: "x")
    let vectors = report.rows.filter { $0.kind == .vectors }
    #expect(vectors.map(\.size) == [64])
    #expect(vectors.map(\.address) == [0x0800_0000])
  }
}

@Suite struct UnsoundnessTests {
  @Test("A row that is missing, double or misplaced is told with both numbers.")
  func broken() throws {
    let sound = try Report(try Foreign.sections.file(), name: "x")
    var missing = sound
    missing.rows.removeFirst()
    #expect(missing.unsoundness().first?.contains("rows add up to") == true)
    var double = sound
    double.rows.append(sound.rows[0])
    #expect(double.unsoundness().contains { $0.contains("overlaps") })
    var misplaced = sound
    misplaced.rows[0].region = "nowhere"
    #expect(misplaced.unsoundness().contains { $0.contains("does not exist") })
  }
}
