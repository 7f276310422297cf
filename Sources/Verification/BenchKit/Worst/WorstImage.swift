// BenchKit/WorstImage.swift: builds the image in which every way into the kernel takes longest.
// Its tasks are two programs; manifest, board and the actors' folders are written here.

import ApusBuild
import Foundation
import ImagePlan

/// A repository of its own for the image, made of links to the real one.
///
/// The board gets a name for each line of its interrupt controller, so that one task can own them
/// all; everything that is compiled is the release code.
struct WorstImage {
  let root: URL
  let board: String
  let output: URL
  let size: WorstPath.Size

  /// The actors: all tasks but the supervisor, which is the first.
  var actors: ClosedRange<Int> { 1...size.taskCount - 1 }

  /// The name of actor `index`, whose program is the interface's `Actor`.
  static func name(_ index: Int) -> String { "actor\(index)" }

  /// Builds the image under `output`.
  func build() async throws -> ImageBundle {
    let place = output.appending(path: "worst/\(board)-\(size.taskCount)-\(size.lineCount)")
    let repository = place.appending(path: "repository")
    try? FileManager.default.removeItem(at: repository)
    let lineCount = try link(in: repository)
    let app = "Sources/Verification/Guests/Worst"
    try write(manifest(lineCount: lineCount), to: "\(app)/app.yaml", in: repository)
    for index in actors {
      try write(source(index), to: "\(app)/Actor\(index)/Actor.swift", in: repository)
    }
    return try await ImageBuilder(
      root: repository, app: "worst", board: board, output: place.appending(path: "image"),
      cache: root.appending(path: "build/cache")
    ).build()
  }

  /// Links what every image needs; returns the number of interrupt lines.
  private func link(in repository: URL) throws -> Int {
    let system = ["Kernel", "Ports", "Runtime"].map { "Sources/\($0)" }
    let program = ["Interface", "Supervisor"].map { "Sources/Verification/Guests/Worst/\($0)" }
    for path in ["linker"] + system + program {
      let link = repository.appending(path: path)
      try FileManager.default.createDirectory(
        at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: link, withDestinationURL: root.appending(path: path).resolvingSymlinksInPath())
    }
    let file = "boards/\(board)/board.yaml"
    var text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
    let facts = try Board(parsing: text, file: file)
    let named = Set(facts.interrupts.map(\.number))
    let lines = (0..<min(size.lineCount, facts.interruptCount)).filter { !named.contains($0) }
      .map { "  line-\($0): \($0)\n" }.joined()
    text.replace(/interrupts:\n/) { _ in "interrupts:\n" + lines }
    try write(text, to: file, in: repository)
    return min(size.lineCount, facts.interruptCount)
  }

  /// The first actor owns every interrupt; each may send to all above it.
  private func manifest(lineCount: Int) throws -> String {
    let file = "boards/\(board)/board.yaml"
    let facts = try Board(
      parsing: String(contentsOf: root.appending(path: file), encoding: .utf8), file: file)
    let names = Dictionary(facts.interrupts.map { ($0.number, $0.name) }) { first, _ in first }
    let lines = (0..<lineCount).map { "\(names[$0] ?? "line-\($0)"): bit\(min($0, 30))" }
    var text = """
      app: worst
      boards: [\(board)]
      tick: 1 ms
      tasks:
        - name: supervisor
          stack: 8192
          notifications: [fault, timer]
          peripherals: [timer0]

      """
    for index in actors {
      let above = (["supervisor"] + (1..<index).map(Self.name)).joined(separator: ", ")
      text += "  - { name: \(Self.name(index)), stack: 1024, calls: [\(above)]"
      if index == 1 {
        // The last bit is for posts: what an interrupt posts, no task may.
        text += ", notifications: [\((0..<31).map { "bit\($0)" }.joined(separator: ", ")), go]"
        text += ", interrupts: { \(lines.joined(separator: ", ")) }"
      }
      let last = actors.upperBound
      if index == last - 1 { text += ", notifies: { \(Self.name(last)): [go] }" }
      if index == last { text += ", notifications: [go], notifies: { \(Self.name(1)): [go] }" }
      text += " }\n"
    }
    return text
  }

  private func source(_ index: Int) -> String {
    """
    import Apus
    import WorstInterface

    struct Actor\(index): TaskProgram {
      mutating func run() -> Never { WorstInterface.Actor.run() }
    }

    """
  }

  private func write(_ text: String, to path: String, in repository: URL) throws {
    let file = repository.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
