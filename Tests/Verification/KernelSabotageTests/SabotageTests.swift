// KernelSabotageTests/SabotageTests.swift: the edits fit the sources that they break.
// That the broken kernels are caught is for the tests of those who catch them.

import Checkout
import Foundation
import KernelSabotage
import Testing

@Suite struct SabotageTests {
  static let root = Checkout.root

  static let all =
    Sabotage.brokenKernels + Sabotage.subtleKernels + Sabotage.brokenContracts
    + Sabotage.brokenPorts

  @Test("The original text of every sabotage stands exactly once in the tree's file.")
  func originals() throws {
    for sabotage in Self.all {
      let file = Self.root.appendingPathComponent(sabotage.file)
      let text = try String(contentsOf: file, encoding: .utf8)
      let edited = try sabotage.edited(text)
      #expect(edited != text, "\(sabotage) changes nothing")
    }
  }

  @Test("The ten broken kernels are there, each by one name.")
  func names() {
    let names = Sabotage.brokenKernels.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(Sabotage.brokenKernels.map(\.slug)).count == names.count)
    #expect(
      names == [
        "wrong priority", "lost notification", "stale generation accepted", "wrong dead code",
        "timer off by one", "leaked lease", "slice check off by one at the start",
        "slice check off by one at the end", "missing wake-up", "fault charged to the wrong task",
        "restart that keeps a bit",
      ])
  }

  @Test("No two edits of all lists have one name or one file name.")
  func allNames() {
    #expect(Set(Self.all.map(\.slug)).count == Self.all.count)
  }

  @Test("Text that does not stand exactly once is refused by name, with the count.")
  func refusal() {
    let sabotage = Sabotage("none", "Nothing.", file: "Sources/A.swift", "ab", becomes: "c")
    for (text, count) in [("xyz", 0), ("ab ab", 2)] {
      let error = #expect(throws: SabotageError.self) { try sabotage.edited(text) }
      #expect(error?.description.contains("sabotage 'none'") == true)
      #expect(error?.description.contains("stands \(count) times, not once") == true)
    }
  }

  @Test("A broken copy differs from the tree in the one file only, and the tree stays as it was.")
  func copy() throws {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID())")
    defer { try? FileManager.default.removeItem(at: place) }
    let sabotage = Sabotage.brokenKernels[4]
    let original = Self.root.appendingPathComponent(sabotage.file)
    let before = try String(contentsOf: original, encoding: .utf8)
    try sabotage.copyTree(from: Self.root, to: place, folders: ["Sources/Kernel/ApusKernel"])
    let copied = place.appendingPathComponent(sabotage.file)
    #expect(try String(contentsOf: copied, encoding: .utf8) == sabotage.edited(before))
    #expect(try String(contentsOf: original, encoding: .utf8) == before)
    let other = "Sources/Kernel/ApusKernel/Messages.swift"
    #expect(
      try Data(contentsOf: place.appendingPathComponent(other))
        == Data(contentsOf: Self.root.appendingPathComponent(other)))
    #expect(throws: SabotageError.self) { try sabotage.copyTree(from: Self.root, to: place) }
  }
}
