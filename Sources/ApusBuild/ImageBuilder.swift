// ApusBuild/ImageBuilder.swift: from a manifest to a bundle: compile, measure, plan, place, check.
// It decides nothing about memory, that is ImagePlan's, and writes nothing outside the bundle.

import ELFKit
import Foundation
import ImagePlan

/// Builds the image of one app for one board.
///
/// Every task is linked twice, first anywhere to learn its size, then at its place; so is the
/// kernel, first with empty tables. An image takes a few seconds, all of it from scratch.
public struct ImageBuilder: Sendable {
  let root: URL
  let app: String
  let board: String?
  let output: URL?
  let progress: @Sendable (String) -> Void

  /// Prepares to build.
  ///
  /// - Parameters:
  ///   - root: the repository.
  ///   - app: the app's name, `console` for the folder `Sources/Firmware/Console`.
  ///   - board: the board's name; by default the first that the manifest lists.
  ///   - output: the bundle's folder; by default `build/<board>/<app>` in the repository.
  ///   - progress: told what runs, about every two seconds.
  public init(
    root: URL, app: String, board: String? = nil, output: URL? = nil,
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.root = root.standardizedFileURL
    self.app = app
    self.board = board
    self.output = output
    self.progress = progress
  }

  /// Builds the bundle and returns it.
  ///
  /// - Throws: `PlanError` for what the planner refuses, `BuildError` for what a tool refuses or
  ///   what no image may contain. The bundle's plan.json is written last, so that a folder with one
  ///   is whole.
  public func build() async throws -> ImageBundle {
    let repository = Repository(root: root)
    let app = try repository.app(self.app, board: board)
    let tools = try Tools(path: ProcessInfo.processInfo.environment["PATH"] ?? "")
    let folder = output ?? root.appendingPathComponent("build/\(app.board.name)/\(app.name)")
    let objects = folder.appendingPathComponent("objects")
    let planFile = folder.appendingPathComponent(ImageBundle.planName)
    do {
      try? FileManager.default.removeItem(at: planFile)
      try FileManager.default.createDirectory(at: objects, withIntermediateDirectories: true)
    } catch {
      throw BuildError(
        "cannot write to '\(folder.path)': \(error.localizedDescription)",
        try: "another folder, or its permissions", exitCode: 2)
    }
    let workshop = Workshop(progress: progress)
    let sign = Task { await workshop.reportUntilCancelled() }
    defer { sign.cancel() }
    let assembly = Assembly(
      app: app, folder: folder, workshop: workshop,
      recipe: Recipe(tools: tools, root: root, board: app.board, objects: objects))
    let plan = try await assembly.run()
    try plan.json().write(to: planFile)
    return ImageBundle(directory: folder, plan: plan)
  }

  /// The apps that have a manifest, as `init` takes them, sorted.
  public static func apps(root: URL) throws -> [String] { Repository(root: root).apps }

  /// The boards that the manifest of `app` lists, in its order.
  public static func boards(root: URL, app: String) throws -> [String] {
    try Repository(root: root).manifest(app).boards.map(\.value)
  }
}
