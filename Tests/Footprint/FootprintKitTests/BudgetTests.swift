// FootprintKitTests/BudgetTests.swift: the gate: what passes, what fails, and in which words.
// No budget of the repository is read here; `make test` does that with the built images.

import FootprintKit
import Testing

@Suite struct BudgetTests {
  /// A report of two components in two regions.
  static func report() -> Report {
    func row(
      _ region: String, _ component: String, _ symbol: String, _ address: UInt32, _ size: Int
    ) -> Row {
      Row(
        region: region, component: component, module: component, file: "a.swift", line: 1,
        symbol: symbol, name: symbol, generic: symbol, kind: .code, address: address, size: size,
        section: ".text")
    }
    return Report(
      image: "hello/board", processor: nil,
      regions: [
        Region(name: "flash", kind: .flash, origin: 0, length: 1000, used: 300),
        Region(name: "ram", kind: .ram, origin: 0x2000_0000, length: nil, used: 50),
      ],
      rows: [
        row("flash", "kernel", "send", 0, 100),
        row("flash", "shell", "swift_allocObject", 100, 200),
        row("ram", "kernel", "state", 0x2000_0000, 50),
      ], notes: [])
  }

  static func check(_ yaml: String, stacks: [String: Int] = [:]) throws -> [Finding] {
    try BudgetFile(text: yaml, path: "b.yaml").check(report(), stacks: stacks)
  }

  @Test(
    "A byte over fails and says by how much; the exact number passes.",
    arguments: [
      ("300", "passed", "300 B of 300 B"), ("299", "failed", "300 B, 1 over 299 B"),
      ("30%", "passed", "300 B of 30 % of 1,000 B"),
      ("29%", "failed", "300 B, 10 over 29 % of 1,000 B"),
    ])
  func region(limit: String, status: String, message: String) throws {
    let findings = try Self.check("images:\n  hello/*:\n    regions: { flash: \(limit) }\n")
    #expect(findings.map(\.status.rawValue) == [status])
    #expect(findings.map(\.message) == [message])
    #expect(findings.map(\.line) == [3])
  }

  @Test("A component is held in each region apart.")
  func components() throws {
    let findings = try Self.check(
      "images:\n  '*':\n    components:\n      kernel: { flash: 99, ram: 50 }\n")
    #expect(findings.map(\.status) == [.failed, .passed])
  }

  @Test("A forbidden symbol fails with its component; an absent one passes.")
  func forbidden() throws {
    let findings = try Self.check(
      "images:\n  '*':\n    symbols: { 'swift_alloc*': forbidden, '*printf*': forbidden, send: 100 }\n"
    )
    #expect(findings.map(\.status) == [.failed, .passed, .passed])
    #expect(findings[0].message == "forbidden, but 'swift_allocObject' is in shell (200 B)")
  }

  @Test("A limit for something that does not exist fails, and names what does.")
  func misspelt() throws {
    let findings = try Self.check(
      "images:\n  '*':\n    components:\n      kernl: { flash: 99 }\n    stacks: { shel: 100 }\n",
      stacks: ["shell": 96])
    #expect(findings.map(\.status) == [.failed, .failed])
    #expect(findings[0].message == "there is no kernl in flash in this image; known: kernel, shell")
    #expect(findings[1].message == "there is no stack of shel in this image; known: shell")
  }

  @Test("A ratchet notes room to spare, and an update writes the exact numbers and nothing else.")
  func ratchet() throws {
    let yaml = """
      # Budgets.
      ratchet: true
      images:
        hello/board:
          regions: { flash: 400, ram: 90 }  # what is used
          symbols: { "*printf*": forbidden }

      """
    #expect(try Self.check(yaml).map(\.status) == [.loose, .loose, .passed])
    let updated = try BudgetFile(text: yaml, path: "b.yaml").updated(by: Self.report())
    #expect(updated.text == yaml.replacing("400", with: "300").replacing("90", with: "50"))
    #expect(try updated.check(Self.report()).allSatisfy { $0.status == .passed })
  }

  @Test(
    "A file that cannot be understood is refused with its line.",
    arguments: [
      (
        "images:\n  x:\n    regoins: { flash: 1 }\n",
        "unknown key 'regoins'; known: regions, components, symbols, stacks, except\n  at b.yaml:3"
      ),
      ("limits: {}\n", "unknown key 'limits'; known: images, ratchet\n  at b.yaml:1"),
      (
        "images:\n  x:\n    regions: { flash: lots }\n",
        "a limit must be a number, a share such as 90%, or 'forbidden'\n  at b.yaml:3"
      ),
    ])
  func refusals(yaml: String, words: String) {
    #expect(throws: FootprintError(.unreadable, words)) {
      try BudgetFile(text: yaml, path: "b.yaml")
    }
  }

  @Test("An image without a budget is an error, not a success.")
  func unknownImage() {
    #expect(throws: FootprintError.self) { try Self.check("images:\n  other: {}\n") }
  }

  @Test("Annotations name file and line; JUnit counts the failures.")
  func outputs() throws {
    let findings = try Self.check("images:\n  '*':\n    regions: { flash: 1, ram: 50 }\n")
    #expect(
      Finding.annotations(findings, file: "b.yaml")
        == "::error file=b.yaml,line=3::hello/board: region flash: 300 B, 299 over 1 B\n")
    let junit = Finding.junit(findings)
    #expect(junit.contains("tests=\"2\" failures=\"1\""))
    #expect(junit.contains("<testcase classname=\"hello/board\" name=\"region ram\"/>"))
  }
}
