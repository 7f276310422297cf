// ApusBuild/ImageBuilder.swift: from a manifest to a bundle: compile, measure, plan, place, check.
// It decides nothing about memory, that is ImagePlan's, and writes nothing outside the bundle.

import ELFKit
import Foundation
import ImagePlan

/// Builds the image of one app for one board.
///
/// Every task is linked twice, first anywhere to learn its size, then at its place; so is the
/// kernel, first with empty tables. What was made of the same input before is taken from a cache: an
/// image from scratch takes a few seconds, an unchanged one no compiler at all.
public struct ImageBuilder: Sendable {
  let root: URL
  let app: String
  let board: String?
  let output: URL?
  let cache: URL?
  let progress: @Sendable (String) -> Void

  /// Prepares to build.
  ///
  /// - Parameters:
  ///   - root: the repository.
  ///   - app: the app's name, `console` for the folder `Sources/Firmware/Console`.
  ///   - board: the board's name; by default the first that the manifest lists.
  ///   - output: the bundle's folder; by default `build/<board>/<app>` in the repository.
  ///   - cache: where modules, objects and linked ELFs are kept, for any number of builds at a time;
  ///     by default `build/cache` in the repository, from where another folder is linked to.
  ///   - progress: told what runs, about every two seconds.
  public init(
    root: URL, app: String, board: String? = nil, output: URL? = nil, cache: URL? = nil,
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.root = root.standardizedFileURL
    self.app = app
    self.board = board
    self.output = output
    self.cache = cache
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
    let planFile = folder.appendingPathComponent(ImageBundle.planName)
    do {
      try? FileManager.default.removeItem(at: planFile)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
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
      recipe: Recipe(tools: tools, root: root, board: app.board, cache: try stepCache()))
    let plan = try await assembly.run()
    try plan.json().write(to: planFile, options: .atomic)
    return ImageBundle(directory: folder, plan: plan)
  }

  /// The cache, always seen as `build/cache` of the repository: debug information names sources there.
  private func stepCache() throws -> StepCache {
    let own = root.appendingPathComponent("build/cache")
    if let cache, cache.standardizedFileURL != own {
      let files = FileManager.default
      try files.createDirectory(
        at: own.deletingLastPathComponent(), withIntermediateDirectories: true)
      try files.createDirectory(at: cache, withIntermediateDirectories: true)
      if !files.fileExists(atPath: own.path) {
        try files.createSymbolicLink(at: own, withDestinationURL: cache)
      }
    }
    let steps = StepCache(folder: own)
    steps.prune()
    return steps
  }

  /// The apps that have a manifest, as `init` takes them, sorted.
  public static func apps(root: URL) throws -> [String] { Repository(root: root).apps }

  /// The boards that the manifest of `app` lists, in its order.
  public static func boards(root: URL, app: String) throws -> [String] {
    try Repository(root: root).manifest(app).boards.map(\.value)
  }
}
