// MutationKitTests/ToolTests.swift: what compilers that run side by side may share.

import Foundation
import Testing

@testable import MutationKit

@Suite struct ToolTests {
  @Test("A link writes nothing into the folder of the objects that others link at the same time.")
  func linksApart() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "links-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (shared, place) = (folder.appending(path: "shared"), folder.appending(path: "own"))
    for (place, module, text) in [
      (shared, "Shared", "public func answer() async -> Int { 42 }"),
      (place, "Own", "@main struct Main { static func main() {} }"),
    ] {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      let source = place.appending(path: "\(module).swift")
      try Data(text.utf8).write(to: source)
      let outcome = try await launch(
        "swiftc",
        ["-parse-as-library", "-c", "-module-name", module, "-o", "\(place.path)/\(module).o"]
          + [source.path], in: place)
      #expect(outcome.isGood, "\(outcome.words)")
    }
    let outcome = try await linkProgram(
      place.appending(path: "program").path, of: "\(place.path)/Own.o",
      with: ["\(shared.path)/Shared.o"], in: place)
    #expect(outcome.isGood, "\(outcome.words)")
    let files = try FileManager.default.contentsOfDirectory(atPath: shared.path).sorted()
    #expect(files == ["Shared.o", "Shared.swift"])
  }
}
