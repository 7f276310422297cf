// Checkout/Checkout.swift: where this clone lies, for tests that read its files or build from them.

import Foundation

/// The clone that the tests were built from.
public enum Checkout {
  /// The folder with Package.swift, as the tests' sources are named; a link stays one.
  public static let root: URL = {
    var folder = URL(filePath: #filePath).deletingLastPathComponent()
    while !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path),
      folder.path != "/"
    {
      folder.deleteLastPathComponent()
    }
    return folder
  }()
}
