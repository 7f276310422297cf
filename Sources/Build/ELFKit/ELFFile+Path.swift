// ELFKit/ELFFile+Path.swift: the only file of this module that touches the file system.
// It never writes.

import Foundation

extension ELFFile {
  /// Reads a file from disk.
  ///
  /// - Throws: `unreadable` with the path and the system's reason, or what `init(bytes:)` throws.
  public init(path: String) throws(ELFError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let reason =
        FileManager.default.fileExists(atPath: path)
        ? "permission denied, or not a file" : "no such file"
      throw .unreadable(path: path, reason: reason)
    }
    try self.init(bytes: [UInt8](data))
  }
}
