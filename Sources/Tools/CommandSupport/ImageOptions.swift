// CommandSupport/ImageOptions.swift: where the repository lies, and which image a verb is about.

import ApusBuild
import ArgumentParser
import Foundation
import ImagePlan
import QEMUKit

/// The repository: the folder with `boards` and `Package.swift` in or above the present one.
///
/// - Throws: `QEMUError` if there is none.
public func repositoryRoot() throws -> URL {
  let start = URL(filePath: FileManager.default.currentDirectoryPath)
  var folder = start
  while true {
    let hasAll = ["boards", "Package.swift"].allSatisfy {
      FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
    }
    if hasAll { return folder }
    let parent = folder.deletingLastPathComponent()
    guard parent.path != folder.path else {
      throw QEMUError(
        "'\(start.path)' is not in a clone of Apus: no 'boards' and 'Package.swift' in it or above",
        exitCode: 2)
    }
    folder = parent
  }
}

/// The app and the board, as several verbs take them.
public struct ImageOptions: ParsableArguments {
  @Argument(help: "The app, a folder under Sources/Firmware or Sources/Verification/Guests.")
  public var app = "console"
  @Option(help: "The board, a folder under boards; the app's first board by default.")
  public var board: String?

  /// The console on its first board.
  public init() {}

  /// Builds the image, with its progress on standard error.
  public func build() async throws -> ImageBundle {
    let builder = ImageBuilder(
      root: try repositoryRoot(), app: app, board: board, progress: printToStandardError)
    return try await builder.build()
  }
}
