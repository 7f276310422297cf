// FootprintKitTests/AnswerTests.swift: diff, why, traps, suggest, layout and history.
// One test for each promise of a verb's first sentence.

import ELFKit
import FootprintKit
import Foundation
import Testing

@Suite struct DifferenceTests {
  @Test("A report differs from itself in nothing.")
  func same() throws {
    let report = try Report(try Foreign.sections.file(), name: "x")
    let difference = Difference(from: report, to: report)
    #expect(difference.items.isEmpty)
    #expect(difference.text().contains("no symbol changed"))
  }

  @Test("Added, removed, grown and shrunk are told apart, the largest change first.")
  func changes() throws {
    let old = BudgetTests.report()
    var new = old
    new.rows[0].size = 130  // send
    new.rows[1].name = "fresh"
    new.rows[1].generic = "fresh"
    new.rows[1].address = 130
    new.rows[2].size = 45
    new.regions[0].used = 330
    new.regions[1].used = 45
    let difference = Difference(from: old, to: new)
    #expect(difference.items.map(\.change) == [.added, .removed, .grown, .shrunk])
    #expect(difference.items.map(\.delta) == [200, -200, 30, -5])
    #expect(difference.regions.map(\.delta) == [30, -5])
    #expect(Difference(from: old, to: new, threshold: 10).items.count == 3)
    #expect(difference.markdown().contains("<details><summary>4 symbols changed</summary>"))
  }

  @Test("One specialisation in place of another is no addition and no removal.")
  func specialisations() {
    func report(_ variant: String, _ size: Int) -> Report {
      var report = BudgetTests.report()
      report.rows[0].name = "Kernel.send <\(variant)>"
      report.rows[0].generic = "Kernel.send"
      report.rows[0].size = size
      return report
    }
    #expect(Difference(from: report("3", 100), to: report("8", 100)).items.isEmpty)
    let grown = Difference(from: report("3", 100), to: report("8", 104)).items
    #expect(grown.map(\.change) == [.grown])
  }

  @Test("A report that is saved as JSON reads back as it was; a broken sum is refused.")
  func saved() throws {
    let report = try Report(try Foreign.sections.file(), name: "x")
    let json = try report.json()
    #expect(try Report(json: Data(json.utf8), name: "x.json") == report)
    let broken = json.replacing("\"used\" : ", with: "\"used\" : 1")
    #expect { try Report(json: Data(broken.utf8), name: "x.json") } throws: {
      ($0 as? FootprintError)?.exit == .unsound
    }
    let foreign = json.replacing("\"version\" : 1", with: "\"version\" : 9")
    #expect(
      throws: FootprintError(.unreadable, "'x.json' has version 9, this tool reads 1")
    ) { try Report(json: Data(foreign.utf8), name: "x.json") }
  }

  @Test("The published schema names every field of the JSON, and no other.")
  func schema() throws {
    let schema = try #require(
      JSONSerialization.jsonObject(with: Data(ReportSchema.text.utf8)) as? [String: Any])
    let report = try Report(
      try Foreign.sections.file(), name: "x", options: try Foreign.sections.options())
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(try report.json().utf8)) as? [String: Any])
    func check(_ schema: [String: Any], _ value: [String: Any]) throws {
      let properties = try #require(schema["properties"] as? [String: Any])
      let required = try #require(schema["required"] as? [String])
      #expect(Set(value.keys).isSubset(of: properties.keys))
      #expect(Set(required).isSubset(of: value.keys))
      for (key, child) in properties {
        guard let child = child as? [String: Any], let items = child["items"] as? [String: Any],
          items["properties"] != nil, let values = value[key] as? [[String: Any]]
        else { continue }
        for value in values { try check(items, value) }
      }
    }
    try check(schema, json)
    let kinds = Set(report.rows.map(\.kind.rawValue))
    #expect(kinds.allSatisfy { ReportSchema.text.contains("\"\($0)\"") })
  }
}

@Suite struct ReasonTests {
  @Test("The chain starts at a root, and each link refers to the next.")
  func chain() throws {
    let why = try Why("leaf", in: try Foreign.sections.file())
    #expect(why.root == "the entry point")
    #expect(why.chain.map(\.name) == ["reset", "middle", "leaf"])
    #expect(why.chain.map(\.how) == ["calls", "calls", ""])
    #expect(why.referrers.sorted() == ["middle", "tail"])
  }

  @Test("A function that only a table names is kept by that table.")
  func table() throws {
    let why = try Why("helper", in: try Foreign.plain.file())
    #expect(why.referrers.contains("table"))
    #expect(why.root == "the entry point")
  }

  @Test("Assembly without sizes is followed through a shared literal pool and past its own end.")
  func assembly() throws {
    let file = try StackTests.image(
      """
      fn root
      movs r0, #1
      fn next
      ldr r3, =worker
      blx r3
      b .
      fn last
      bx lr
      .ltorg
      fn worker
      bx lr
      """)
    let why = try Why("worker", in: file)
    #expect(why.root == "the entry point")
    #expect(why.chain.map(\.name) == ["root", "next", "worker"])
    #expect(why.chain.map(\.how) == ["runs on into", "takes its address", ""])
    #expect(try Why("last", in: file).root == nil)
  }

  @Test("What nothing refers to is said to be kept by the linker script or an attribute.")
  func unreachable() throws {
    let why = try Why("picture", in: try Foreign.manyMemories.file())
    #expect(why.root != nil)
    #expect(try Why("vectors", in: try Foreign.sections.file()).root == nil)
  }

  @Test("An unknown symbol is an error; a part of several names lists them.")
  func unknown() throws {
    let file = try Foreign.sections.file()
    #expect(throws: FootprintError.self) { try Why("no_such_thing", in: file) }
    #expect { try Why("e", in: file) } throws: { "\($0)".hasPrefix("'e' may be: ") }
  }

  @Test("Traps are counted once for each check, at the check's line.")
  func traps() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("apus-traps-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("t.c")
    let image = folder.appendingPathComponent("t.elf")
    try """
    void reset(int a) {
      if (a > 3)
        __builtin_trap();
      for (;;) ;
    }
    """.write(to: source, atomically: true, encoding: .utf8)
    _ = try run(
      "arm-none-eabi-gcc",
      [
        "-mcpu=cortex-m3", "-mthumb", "-Os", "-g", "-nostdlib", "-Wl,-e,reset", source.path, "-o",
        image.path,
      ])
    let traps = Traps(try ELFFile(path: image.path), name: "t")
    #expect(traps.instructionCount == 1)
    #expect(traps.sites.map(\.count) == [1])
    #expect(traps.sites.map(\.function) == ["reset"])
    #expect([2, 3].contains(traps.sites.first?.line))
  }

  @Test("A suggestion has a number, a name and a cure; a tight image gets none for its stacks.")
  func suggestions() throws {
    let report = BudgetTests.report()
    func stacks(_ reserved: Int) -> StackReport {
      StackReport(
        image: "x",
        entries: [
          StackEntry(
            name: "shell", kind: .task, bound: 100, isProven: true, reserved: reserved,
            measured: nil, path: [], doubts: [])
        ])
    }
    let wide = Suggestions(report, stacks: stacks(512)).items
    #expect(wide.contains { $0.bytes == 384 && $0.text.hasSuffix("try: 'stack: 128'") })
    #expect(wide.contains { $0.text.contains("a heap is in the image (swift_allocObject)") })
    let tight = Suggestions(report, stacks: stacks(128)).items
    #expect(!tight.contains { $0.text.contains("stack of") })
  }
}

@Suite struct LayoutTests {
  @Test("The map covers each region from its first to its last byte, in order of addresses.")
  func cover() throws {
    let report = try Report(try Foreign.sections.file(), name: "x")
    let layout = Layout(report)
    for region in report.regions {
      let entries = layout.entries.filter { $0.region == region.name }
      #expect(entries.reduce(0) { $0 + $1.size } == region.used)
      #expect(entries.map(\.address) == entries.map(\.address).sorted())
    }
    #expect(layout.svg.hasPrefix("<svg xmlns="))
  }
}

@Suite struct HistoryTests {
  @Test("An entry becomes one line; the same entry again adds nothing; the file reads back.")
  func lines() throws {
    var history = History()
    let entry = HistoryEntry(BudgetTests.report(), commit: "abc")
    let line = try #require(try history.add(entry))
    #expect(line.split(separator: "\n").count == 1)
    #expect(try history.add(entry) == nil)
    #expect(try History(text: line, path: "h.jsonl").entries == [entry])
    #expect(entry.components == ["kernel": ["flash": 100, "ram": 50], "shell": ["flash": 200]])
  }

  @Test("A line of another format is refused with its number.")
  func foreign() {
    #expect(
      throws: FootprintError(.unreadable, "this line is no history entry\n  at h.jsonl:2")
    ) { try History(text: "\n{}\n", path: "h.jsonl") }
  }

  @Test("The curve tells first, last and change.")
  func plot() throws {
    var history = History()
    for (commit, used) in [("a", 300), ("b", 320), ("c", 310)] {
      var report = BudgetTests.report()
      report.regions[0].used = used
      _ = try history.add(HistoryEntry(report, commit: commit))
    }
    #expect(history.text.contains("▁█▄ "))
    #expect(history.text.contains(" 300   310     +10"))
    #expect(history.svg.contains("c: 310 B"))
  }
}
