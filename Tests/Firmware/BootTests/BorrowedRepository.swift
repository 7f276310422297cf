// BootTests/BorrowedRepository.swift: a folder that looks like the repository, with an app of a test.
// It copies what an image is built from; nothing is built from a test's app in the real one.

import ApusBuild
import BoardSupport
import Foundation
import ImagePlan

/// A repository of its own for one test.
struct BorrowedRepository {
  let root = FileManager.default.temporaryDirectory.appending(path: "apus-\(UUID().uuidString)")

  /// Copies the parts that every image needs.
  init() throws {
    try FileManager.default.createDirectory(
      at: root.appending(path: "Sources/Firmware"), withIntermediateDirectories: true)
    for name in ["boards", "linker", "Sources/Kernel", "Sources/Ports", "Sources/Runtime"] {
      try FileManager.default.copyItem(
        at: Images.root.appending(path: name), to: root.appending(path: name))
    }
  }

  /// Adds the app (or, as `App/Task`, one task) whose sources are in `folder` of the repository.
  func add(_ name: String, from folder: String) throws {
    try FileManager.default.copyItem(
      at: Images.root.appending(path: folder),
      to: root.appending(path: "Sources/Firmware/\(name)"))
  }

  /// Writes a file of an app, `App/app.yaml` or `App/Task/File.swift`.
  func write(_ text: Substring, to path: String) throws {
    let file = root.appending(path: "Sources/Firmware/\(path)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func build(_ app: String, _ board: String) async throws -> ImageBundle {
    try await ImageBuilder(root: root, app: app, board: board, cache: Images.cache).build()
  }

  func remove() { try? FileManager.default.removeItem(at: root) }
}
