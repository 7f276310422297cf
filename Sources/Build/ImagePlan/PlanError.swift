// ImagePlan/PlanError.swift: how every refusal of the planner reads.
// No error is thrown without a next step: where there is no cure, there is no refusal.

import PlainText

/// A place in a file that the user wrote.
public struct SourceLocation: Equatable, Sendable {
  /// The file's path as it should be shown.
  public var file: String
  /// The line, counted from 1.
  public var line: Int

  /// Names line `line` of `file`.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }
}

/// A value together with the place where the user wrote it.
public struct Located<Value: Sendable>: Sendable {
  /// What was written.
  public var value: Value
  /// Where it was written.
  public var location: SourceLocation

  /// Pairs a value with its place.
  public init(_ value: Value, at location: SourceLocation) {
    self.value = value
    self.location = location
  }
}

/// Why an image cannot be planned: what is wrong, where, what surrounds it, and what to do.
public struct PlanError: Error, Equatable, Sendable {
  /// What a tool's exit status says of the error.
  public enum Kind: Sendable {
    /// The input was understood, and the answer is no.
    case refused
    /// The input could not be read.
    case unreadable
  }

  /// Refused or unreadable.
  public var kind: Kind
  /// What is wrong, with both numbers; lower case, no full stop.
  public var message: String
  /// The line of the user's file that is to blame, if one is.
  public var location: SourceLocation?
  /// What surrounds the mistake, a line each.
  public var context: [String]
  /// What to do about it.
  public var cure: String

  /// Composes an error.
  public init(
    _ message: String, at location: SourceLocation? = nil, context: [String] = [], try cure: String,
    kind: Kind = .refused
  ) {
    self.kind = kind
    self.message = message
    self.location = location
    self.context = context
    self.cure = cure
  }

  /// The exit status for a tool: 1 for a refusal, 2 for input that cannot be read.
  public var exitCode: Int32 {
    switch kind {
    case .refused: 1
    case .unreadable: 2
    }
  }
}

extension PlanError: CustomStringConvertible {
  /// The whole text in two to five lines, without a leading "error: ".
  public var description: String {
    var lines = [message]
    if let location { lines.append("  at \(location.file):\(location.line)") }
    lines += context.map { "  \($0)" }
    lines.append("  try: \(cure)")
    // They quote what stands in the user's files, which may be anything.
    return lines.map(\.spelledOut).joined(separator: "\n")
  }
}
