// FuzzKit/FuzzError.swift: what went wrong, said once and completely.

/// A crash that was found (status 1), or a tool that is missing or fails (status 2).
public struct FuzzError: Error, CustomStringConvertible, Sendable {
  /// The whole text, with the cure.
  public var description: String
  /// 1: a crash; 2: the programs cannot be made or run.
  public var exitCode: Int32

  init(_ description: String, exitCode: Int32 = 2) {
    self.description = description
    self.exitCode = exitCode
  }
}
