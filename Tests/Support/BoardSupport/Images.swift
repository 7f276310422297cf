// BoardSupport/Images.swift: the apps as built for the boards, each built once for all tests.
// The images are the release images: nothing is added for a test, and nobody else builds in there.

import ApusBuild
import Checkout
import Foundation
import ImagePlan
import QEMUKit

/// The images under test.
public actor Images {
  public static let shared = Images()
  public static let boards = ["mps2-an385", "mps2-an386", "mps2-an500", "lm3s6965evb"]
  public static let apps = ["hello", "console", "bench"]

  /// The repository, which holds the manifests, the boards and the README.
  public static let root = Checkout.root
  /// Where the tests build, apart from `make build`: who builds by itself takes a folder of its own.
  public static let output = root.appending(path: "build/tests")
  /// What tools made for the repository and for copies of it, broken or not.
  public static let cache = root.appending(path: "build/cache")
  /// Where QEMU's plugins are kept.
  public static let tools = output.appending(path: "tools")

  private var builds: [String: Task<ImageBundle, any Error>] = [:]

  /// The bundle of `app` for `board`; the first to ask builds, one image at a time.
  public func bundle(_ app: String, _ board: String = "mps2-an385") async throws -> ImageBundle {
    let key = "\(board)/\(app)"
    if let build = builds[key] { return try await build.value }
    let before = last
    let build = Task {
      _ = await before?.result
      return try await ImageBuilder(
        root: Self.root, app: app, board: board,
        output: Self.output.appending(path: "images/\(key)")
      ).build()
    }
    builds[key] = build
    last = build
    return try await build.value
  }

  /// The latest build: each waits for the one before it, as two at once would only be in each
  /// other's way.
  private var last: Task<ImageBundle, any Error>?

  /// A session with `app` on `board`, deterministic and fast.
  public func session(
    _ app: String, _ board: String, limit: Duration = .seconds(120)
  ) async throws -> Session {
    let bundle = try await bundle(app, board)
    return Session(Machine(board: bundle.plan.board.machine, image: bundle.image), limit: limit)
  }
}
