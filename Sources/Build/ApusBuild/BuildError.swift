// ApusBuild/BuildError.swift: how a build that fails on a tool reads.
// The tool's own words are kept whole: they name the user's file and line better than we could.

/// Why an image could not be built, although its plan is sound.
public struct BuildError: Error, Equatable, Sendable {
  /// What failed; lower case, no full stop.
  public var message: String
  /// What a tool said, or what surrounds the failure; shown as it is.
  public var detail: String
  /// The command that failed, ready to be pasted into a shell; "" if none did.
  public var command: String
  /// What to do about it; "" if the detail says so.
  public var cure: String
  /// The exit status for a tool: 1 for an image that cannot be, 2 for a missing tool or file.
  public var exitCode: Int32

  /// Composes an error.
  public init(
    _ message: String, detail: String = "", command: String = "", try cure: String = "",
    exitCode: Int32 = 1
  ) {
    self.message = message
    self.detail = detail
    self.command = command
    self.cure = cure
    self.exitCode = exitCode
  }
}

extension BuildError: CustomStringConvertible {
  /// The whole text, without a leading "error: ".
  public var description: String {
    var lines = [message]
    if !detail.isEmpty { lines.append(detail) }
    if !command.isEmpty { lines.append("  command: \(command)") }
    if !cure.isEmpty { lines.append("  try: \(cure)") }
    return lines.joined(separator: "\n")
  }
}
