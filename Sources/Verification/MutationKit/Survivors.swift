// MutationKit/Survivors.swift: the reasons why some mutants cannot be noticed, read from a page.
// A reason goes with the changed text, not with a line's number, so that it outlives edits above it.

import Foundation

/// The explained survivors.
///
/// The page is Markdown. A heading `### Entry.S drop` names file and operator; below it, each mutant
/// is a line that begins with `-` and one that begins with `+` in a `diff` block; the text behind the
/// blocks is the reason for all of them. A text that stands on several lines has one reason, for
/// those of them that survive.
public struct Survivors: Sendable {
  private var reasons: [String: String] = [:]

  /// No survivor is explained.
  public init() {}

  /// Reads a page.
  public init(_ page: String) {
    var head = ""
    var keys: [String] = []
    var reason: [Substring] = []
    var before: String?
    var isInside = false
    func close(_ reasons: inout [String: String]) {
      let text = reason.joined(separator: " ").trimmingCharacters(in: .whitespaces)
      for key in keys where !text.isEmpty { reasons[key] = text }
    }
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("#"), !isInside {
        close(&reasons)
        (keys, reason) = ([], [])
        head = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
      } else if line.hasPrefix("```") {
        isInside.toggle()
      } else if !isInside {
        if !line.isEmpty { reason.append(line) }
      } else if line.hasPrefix("-") {
        before = line.dropFirst().trimmingCharacters(in: .whitespaces)
      } else if line.hasPrefix("+"), let old = before {
        keys.append(Self.key(head, old, line.dropFirst().trimmingCharacters(in: .whitespaces)))
      }
    }
    close(&reasons)
  }

  /// Reads the page of the repository; one that is not there explains nothing.
  public init(root: URL) {
    let file = root.appending(path: "Sources/Verification/MutationKit/Survivors.md")
    self.init((try? String(contentsOf: file, encoding: .utf8)) ?? "")
  }

  private static func key(_ head: String, _ before: String, _ after: String) -> String {
    "\(head)\n\(before)\n\(after)"
  }

  /// What a reason goes with: the file, the operator and the changed text, whatever the line.
  static func key(_ verdict: Verdict) -> String {
    key("\(verdict.file) \(verdict.operator.rawValue)", verdict.before, verdict.after)
  }

  /// How many mutants are explained.
  public var count: Int { reasons.count }

  /// Why nothing can notice the mutant; `nil` if that is not explained.
  public func reason(for verdict: Verdict) -> String? {
    reasons[Self.key(verdict)]
  }
}
