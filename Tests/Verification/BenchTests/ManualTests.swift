// BenchTests/ManualTests.swift: the safety manual says nothing that is no longer so.
// It reads pages and sources as text; what the counts are is counted anew.

import BenchKit
import Checkout
import Foundation
import Testing

@Suite struct ManualTests {
  static let root = Checkout.root

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  @Test("Every test that the safety manual names is a test of the tree.")
  func evidence() throws {
    let manual = try Self.text("Sources/Kernel/ApusKernel/ApusKernel.docc/Safety.md")
    let named = manual.matches(of: /Shown by "([^"]+)"/).map { String($0.output.1) }
    #expect(named.count > 25)
    // A title may be broken over lines of the source.
    let sources = try Self.files("Tests", "swift").map { try Self.text($0) }.joined()
      .replacing(/"\s*\+\s*"/, with: "")
    for title in Set(named).sorted() {
      #expect(sources.contains("\"\(title)\""), "no test has the title '\(title)'")
    }
  }

  @Test("Every command that the manual names exists: rules of make, verbs of the tools.")
  func commands() throws {
    let make = try Self.text("Makefile")
    let tools = [
      "apus": "Sources/Tools/ApusTool", "apus-verify": "Sources/Verification/VerifyTool",
    ]
    let verbs = try tools.mapValues { folder in
      try Self.files(folder, "swift").map { try Self.text($0) }.joined()
    }
    for page in try Self.files("Sources/Kernel/ApusKernel/ApusKernel.docc", "md") {
      let manual = try Self.text(page)
      for match in manual.matches(of: /`make ([a-z]+)/) {
        #expect(make.contains("\n\(match.output.1):"), "\(page): make \(match.output.1)")
      }
      for match in manual.matches(of: /`(apus(?:-verify)?) ([a-z]+)/) {
        let (tool, verb) = (String(match.output.1), String(match.output.2))
        let type = verb.prefix(1).uppercased() + verb.dropFirst()
        #expect(
          ["struct \(type):", "commandName: \"\(verb)\""].contains {
            verbs[tool]?.contains($0) == true
          }, "\(page): \(tool) \(verb)")
      }
    }
  }

  @Test("The README has at most 130 lines, and every place that it names exists.")
  func readme() throws {
    let readme = try Self.text("README.md")
    #expect(readme.split(separator: "\n", omittingEmptySubsequences: false).count <= 131)
    let links = readme.matches(of: /\]\(([^)]*)\)/).map { String($0.1) }
    let names = readme.matches(of: /`((?:Sources|Tests)\/[\w.\/]+)`/).map { String($0.1) }
    #expect(links.count >= 5 && names.count >= 3)
    for name in links + names where name != "Sources/Firmware/Blink" && name != "Sources/" {
      #expect(
        FileManager.default.fileExists(atPath: Self.root.appending(path: name).path), "\(name)")
    }
  }

  @Test("The safety manual has the longest paths as they are counted today.")
  func worstPath() async throws {
    let path = try await KernelTimeTests.largest.value
    let manual = try Self.text(WorstPath.manual)
    #expect(
      manual.contains(path.page), "`apus-verify bench --worst --readme` puts the rows in place")
    #expect(path.update(manual) == manual)
    let longest = path.rows.map(\.instructions).max() ?? 0
    #expect(
      try Self.text("README.md").contains("the longest\ntakes \(longest) instructions"),
      "the README's longest path is \(longest) instructions")
    // All calls of the contract have a row.
    let calls = try Self.text("Sources/Kernel/ApusABI/Call.swift").matches(of: /case (\w+) = \d+/)
    #expect(calls.count == 24)
    for call in calls {
      #expect(path.rows.contains { $0.way == call.output.1 }, "no row for \(call.output.1)")
    }
  }

  private static func files(_ folder: String, _ suffix: String) throws -> [String] {
    // Resolved, because an enumerator does not enter a link.
    let place = root.appending(path: folder).resolvingSymlinksInPath()
    let names = FileManager.default.enumerator(atPath: place.path)
    return (names?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".\(suffix)") }
      .sorted().map { "\(folder)/\($0)" }
  }
}
