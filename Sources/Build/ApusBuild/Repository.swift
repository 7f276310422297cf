// ApusBuild/Repository.swift: where manifests and boards lie, and how they are read.
// Paths in errors are relative to the repository, as its user sees them.

import Foundation
import ImagePlan

/// The files of a repository that the planner needs.
struct Repository {
  let root: URL

  /// Where apps lie: those that run and teach, and those that attack.
  private static let shelves = ["Sources/Firmware", "Sources/Verification/Guests"]

  /// The folder of the app called `name`: on the first shelf if it is on none.
  func folder(of name: String) -> String {
    let words = name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
    let folders = Self.shelves.map { "\($0)/\(words.joined())" }
    return folders.first { exists("\($0)/app.yaml") } ?? folders[0]
  }

  /// The names of all apps, sorted.
  var apps: [String] {
    let folders = Self.shelves.flatMap { shelf in
      names(in: shelf).filter { exists("\(shelf)/\($0)/app.yaml") }
    }
    return folders.sorted().map { folder in
      // UartTest is called uart-test.
      folder.enumerated().map { index, letter in
        letter.isUppercase ? (index > 0 ? "-" : "") + letter.lowercased() : String(letter)
      }.joined()
    }
  }

  /// The manifest of the app called `name`.
  func manifest(_ name: String) throws -> Manifest {
    let file = "\(folder(of: name))/app.yaml"
    guard let text = text(file) else {
      throw PlanError(
        "there is no app '\(name)': '\(file)' is missing", try: advice(apps), kind: .unreadable)
    }
    return try Manifest(parsing: text, file: file)
  }

  /// The app called `name` on `board`, or on the first board of its manifest.
  func app(_ name: String, board: String?) throws -> App {
    let manifest = try manifest(name)
    guard manifest.name.value == name else {
      throw PlanError(
        "app '\(manifest.name.value)' lies in the folder of '\(name)'", at: manifest.name.location,
        try: "app: \(name)")
    }
    let boardName = board ?? manifest.boards[0].value
    let file = "boards/\(boardName)/board.yaml"
    guard !boardName.contains("/"), let text = text(file) else {
      throw PlanError(
        "there is no board '\(boardName)': '\(file)' is missing",
        at: board == nil ? manifest.boards[0].location : nil,
        try: advice(names(in: "boards")), kind: .unreadable)
    }
    let facts = try Board(parsing: text, file: file)
    guard facts.name == boardName else {
      throw PlanError(
        "board '\(facts.name)' lies in the folder of '\(boardName)'",
        at: SourceLocation(file: file, line: 1), try: "name: \(boardName)")
    }
    return try App(manifest, on: facts)
  }

  private func advice(_ names: [String]) -> String { names.joined(separator: " or ") }

  private func names(in folder: String) -> [String] {
    let path = root.appendingPathComponent(folder).path
    return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
      .filter { !$0.hasPrefix(".") }.sorted()
  }

  private func exists(_ file: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(file).path)
  }

  private func text(_ file: String) -> String? {
    let data = try? Data(contentsOf: root.appendingPathComponent(file))
    return data.map { String(decoding: $0, as: UTF8.self) }
  }
}
