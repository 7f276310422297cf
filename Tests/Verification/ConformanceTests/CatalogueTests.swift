// ConformanceTests/CatalogueTests.swift: no number of the catalogue without a case, a test or a reason.
// No QEMU here.

import Foundation
import Testing

@testable import ConformanceKit

@Suite struct CatalogueTests {
  @Test("Every number of the catalogue has a case, a test of the tree, or a reason.")
  func complete() throws {
    let texts = try Self.testSources()
    let names = Set(Case.all.map(\.name))
    for entry in CatalogueEntry.all {
      switch entry.shown {
      case .ownCases, .cases:
        #expect(!entry.cases.isEmpty, "\(entry.number) has no case")
        for name in entry.cases { #expect(names.contains(name), "\(entry.number): \(name)") }
      case .tests(let titles):
        #expect(!titles.isEmpty, "\(entry.number)")
        for title in titles {
          #expect(texts.contains { $0.contains("\"\(title)\"") }, "\(entry.number): \(title)")
        }
      case .reason(let reason): #expect(!reason.isEmpty, "\(entry.number)")
      }
    }
  }

  @Test("The catalogue has 150 numbers, each once.")
  func numbers() {
    let numbers = CatalogueEntry.all.map(\.number)
    #expect(numbers.count == 150)
    #expect(Set(numbers).count == numbers.count)
    #expect(numbers.allSatisfy { $0.count == 3 && $0.first?.isLetter == true })
  }

  @Test("The page has a row a case, a column a board, each limit once, and no number is lost.")
  func page() {
    func verdict(
      _ name: String, _ board: String, _ status: Verdict.Status, _ reason: String, _ order: Int
    ) -> Verdict {
      Verdict(
        name: name, family: .memory, board: board, status: status, reason: reason, order: order)
    }
    let page = Results(cases: [
      verdict("a", "x", .passed, "", 0), verdict("b", "x", .notApplicable, "no unit", 1),
      verdict("a", "y", .failed, "1 | 2\r\n3", 0), verdict("b", "y", .notApplicable, "no unit", 1),
    ]).markdown()
    #expect(page.contains("| family | case | x | y |"))
    #expect(page.contains("| memory | `a` | passed | **failed**: 1 \\| 2 3 |"))
    #expect(page.contains("| memory | `b` | not applicable (1) | not applicable (1) |"))
    #expect(page.contains("\n1. not applicable: no unit\n"))
    for entry in CatalogueEntry.all {
      if case .ownCases = entry.shown { continue }
      #expect(page.contains("| \(entry.number) | \(entry.subject) | "))
    }
  }

  private static func testSources() throws -> [String] {
    let folder = SuiteTests.root.appending(path: "Tests")
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix("Tests.swift") }
      .map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
  }
}
