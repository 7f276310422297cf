// MirrorKitTests/Images.swift: the release images of the apps, each built once for all tests.
// Nothing is added to an image for a test.

import ApusBuild
import Foundation
import ImagePlan

/// The images under the mirror.
actor Images {
  static let shared = Images()
  static let boards = ["mps2-an385", "mps2-an386", "mps2-an500", "lm3s6965evb"]
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private var builds: [String: Task<ImageBundle, any Error>] = [:]
  private var last: Task<ImageBundle, any Error>?

  /// The bundle of `app` for `board`; the first to ask builds, one image at a time.
  func bundle(_ app: String, _ board: String = "mps2-an385") async throws -> ImageBundle {
    let key = "\(board)/\(app)"
    if let build = builds[key] { return try await build.value }
    let before = last
    let build = Task {
      _ = await before?.result
      return try await ImageBuilder(
        root: Self.root, app: app, board: board,
        output: Self.root.appending(path: "build/tests/mirror/\(key)")
      ).build()
    }
    builds[key] = build
    last = build
    return try await build.value
  }
}
