// LayerTests/LayerTests.swift: dependencies go up the list of layers only, and products read no test.
// What does not yet is listed here, and nowhere else; a line that is no longer true fails, too.

import Checkout
import Foundation
import Testing

@Suite struct LayerTests {
  /// What points the wrong way today.
  static let debts: Set<String> = [
    // What reads a QEMU run event by event is not apart from what compares it.
    "TraceKit on MirrorKit", "ApusTool on MirrorKit",
  ]

  /// The source files that read or name files below `Tests`.
  static let readers: Set<String> = [
    // Mutants are judged by the tests of what they change.
    "Verification/MutationKit/HostJudge.swift", "Verification/MutationKit/PlannerJudge.swift",
  ]

  private static func package() throws -> String {
    try String(contentsOf: Checkout.root.appending(path: "Package.swift"), encoding: .utf8)
  }

  /// The Swift files below `Sources`, by their paths from there.
  private static func sources() throws -> [(path: String, text: String)] {
    let folder = Checkout.root.appending(path: "Sources")
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return try (names ?? []).filter { $0.hasSuffix(".swift") }.map {
      ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
  }

  @Test("Sources has nine layers, and every folder in one is a module of its layer.")
  func folders() throws {
    let layers = Layers(package: try Self.package())
    let folder = Checkout.root.appending(path: "Sources").path
    let found = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(Set(found) == Set(layers.names) && layers.names.count == 9, "\(found.sorted())")
    for (place, layer) in layers.names.enumerated() where layer != "Firmware" {
      for module in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(layer)") {
        guard !["Guests", "FuzzTargets"].contains(module) else { continue }
        #expect(layers.places[module] == place, "\(layer)/\(module)")
      }
    }
  }

  @Test("No target depends on a later layer, by its declaration or by an import.")
  func directions() throws {
    let layers = Layers(package: try Self.package())
    #expect(layers.dependencies.count > 25 && layers.dependencies["ApusBuild"] != nil)
    var wrong = layers.wrongDependencies
    for (path, text) in try Self.sources() {
      let parts = path.split(separator: "/")
      wrong.formUnion(layers.wrongImports(in: text, of: String(parts[1])))
    }
    #expect(wrong == Self.debts, "\(wrong.symmetricDifference(Self.debts).sorted())")
  }

  @Test("No source reads a file below Tests.")
  func testsAreRead() throws {
    let readers = try Self.sources().filter { file in
      // A folder of tests; the budget file beside them is no test.
      file.text.ranges(of: "Tests/").contains { range in
        file.text[range.upperBound...].first?.isUppercase == true
      }
    }.map(\.path)
    #expect(Set(readers) == Self.readers, "\(Set(readers).symmetricDifference(Self.readers))")
  }

  @Test("A violation is seen: in a declaration, in an import, whatever its form.")
  func violations() {
    let package = """
      let layers: KeyValuePairs = [
        "Kernel": ["A"],
        "Tools": ["B", "C"],
        "Verification": ["D"],
      ]
      .target(name: "A", swiftSettings: x), .target(name: "B", dependencies: ["A", "D"]),
      .executableTarget(
        name: "C",
        dependencies: [
          "B", .product(name: "Yams", package: "Yams"),
        ]),
      .testTarget(name: "BTests", dependencies: ["D"]),
      """
    let layers = Layers(package: package)
    #expect(layers.wrongDependencies == ["B on D"])
    #expect(layers.wrongImports(in: "import B\nimport A\n", of: "A") == ["A on B"])
    #expect(layers.wrongImports(in: "// x\n@testable import D\n", of: "C") == ["C on D"])
    #expect(layers.wrongImports(in: "import struct B.Thing", of: "A") == ["A on B"])
    #expect(layers.wrongImports(in: "import A\nimport C", of: "D") == [])
  }
}
