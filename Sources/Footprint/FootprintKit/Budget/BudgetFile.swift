// FootprintKit/Budget/BudgetFile.swift: the committed budgets, read with their lines.
// An unknown key is an error: a limit that is misspelt must not silently hold nothing.

import Foundation
import Yams

/// A limit of the budget file.
public struct Limit: Sendable, Equatable {
  public enum Subject: Sendable, Equatable {
    case region(String)
    /// A component's bytes in one region.
    case component(String, region: String)
    /// All symbols whose raw or readable name matches a pattern with `*`.
    case symbols(String)
    /// The static worst case of a task, the kernel or an exception.
    case stack(String)
  }

  public enum Maximum: Sendable, Equatable {
    case bytes(Int)
    /// Of the region's length, in percent.
    case share(Int)
    case forbidden
  }

  /// The pattern of the images it holds for.
  public var image: String
  public var subject: Subject
  public var maximum: Maximum
  /// Where its value stands in the file, counted from 1.
  public var line: Int
  var column: Int
  var spelling: String
}

/// A budget file: limits by image, and whether a shrunken image is worth a note.
///
///     ratchet: true
///     images:
///       hello/mps2-an385:
///         regions: { flash: 4608, ram: 90% }
///         components: { kernel: { flash: 3328, ram: 900 } }
///         symbols: { swift_allocObject: forbidden, "*printf*": 2K }
///         stacks: { kernel: 256 }
///         except: ["App.Crash.*"]  # functions that overflow their stack on purpose
public struct BudgetFile: Sendable {
  public let path: String
  public let text: String
  /// True when a limit above what is needed is reported, so that it gets lowered.
  public private(set) var ratchet = false
  public private(set) var limits: [Limit] = []
  /// The images that have an entry, as patterns.
  public private(set) var images: [String] = []
  /// Functions whose stacks do not count, by the pattern of their image.
  private var exceptions: [(image: String, function: String)] = []

  /// Reads a file from disk.
  ///
  /// - Throws: `unreadable` with file and line.
  public init(path: String) throws(FootprintError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FootprintError(.unreadable, "cannot read '\(path)': no such file")
    }
    try self.init(text: String(decoding: data, as: UTF8.self), path: path)
  }

  /// Reads a file's text; `path` is for messages.
  public init(text: String, path: String) throws(FootprintError) {
    self.text = text
    self.path = path
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw FootprintError(.unreadable, "\(path): \(error)")
    }
    guard let root, let mapping = root.mapping else {
      throw FootprintError(.unreadable, "\(path): expected 'images:' with an entry for each image")
    }
    for (key, value) in mapping {
      switch key.string {
      case "ratchet":
        guard let flag = value.bool else { throw failure(value, "'ratchet' must be true or false") }
        ratchet = flag
      case "images":
        for (image, sections) in try entries(value) { try readImage(image, sections) }
      default: throw failure(key, "unknown key '\(key.string ?? "")'; known: images, ratchet")
      }
    }
  }

  /// What the file declares about the stacks of an image.
  public func stackOptions(for image: String) -> StackOptions {
    StackOptions(exceptions: exceptions.filter { Glob.matches(image, $0.image) }.map(\.function))
  }

  private func failure(_ node: Node, _ text: String) -> FootprintError {
    FootprintError(.unreadable, "\(text)\n  at \(path):\(node.mark?.line ?? 1)")
  }

  private func entries(_ node: Node) throws(FootprintError) -> [(String, Node)] {
    guard let mapping = node.mapping else { throw failure(node, "expected 'name: value' pairs") }
    return mapping.map { ($0.key.string ?? "", $0.value) }
  }

  private mutating func readImage(_ image: String, _ node: Node) throws(FootprintError) {
    images.append(image)
    for (section, values) in try entries(node) {
      if section == "except" {
        guard let names = values.sequence else { throw failure(values, "'except' must be a list") }
        exceptions += names.compactMap { $0.string.map { (image, $0) } }
        continue
      }
      for (name, value) in try entries(values) {
        switch section {
        case "regions": try add(image, .region(name), value)
        case "symbols": try add(image, .symbols(name), value)
        case "stacks": try add(image, .stack(name), value)
        case "components":
          for (region, value) in try entries(value) {
            try add(image, .component(name, region: region), value)
          }
        default:
          throw failure(
            node, "unknown key '\(section)'; known: regions, components, symbols, stacks, except")
        }
      }
    }
  }

  private mutating func add(
    _ image: String, _ subject: Limit.Subject, _ node: Node
  ) throws(FootprintError) {
    guard let spelling = node.scalar?.string, let maximum = Self.maximum(spelling) else {
      throw failure(node, "a limit must be a number, a share such as 90%, or 'forbidden'")
    }
    if case .share = maximum, case .region = subject {
    } else if case .share = maximum {
      throw failure(node, "a share such as \(spelling) is for regions only")
    }
    limits.append(
      Limit(
        image: image, subject: subject, maximum: maximum, line: node.mark?.line ?? 1,
        column: node.mark?.column ?? 1, spelling: spelling))
  }

  private static func maximum(_ text: String) -> Limit.Maximum? {
    if text == "forbidden" { return .forbidden }
    if text.hasSuffix("%") {
      return Int(String(text.dropLast()).trimming()).map { .share($0) }
    }
    return LinkerScript.number(text).map { .bytes($0) }
  }

  /// The file with each number of bytes of `report`'s image replaced by what is measured.
  ///
  /// Comments, order and everything else stay; shares and `forbidden` are decisions, not numbers.
  public func updated(
    by report: Report, stacks: [String: Int] = [:]
  ) throws(FootprintError) -> BudgetFile {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let mine = limits.filter { Glob.matches(report.image, $0.image) }
    // From the right, so that columns on the left stay valid.
    for limit in mine.sorted(by: { ($0.line, $0.column) > ($1.line, $1.column) }) {
      guard case .bytes = limit.maximum, lines.indices.contains(limit.line - 1),
        let measured = limit.measured(in: report, stacks: stacks)
      else { continue }
      var line = Array(lines[limit.line - 1])
      let start = limit.column - 1
      guard start >= 0, start + limit.spelling.count <= line.count,
        String(line[start..<(start + limit.spelling.count)]) == limit.spelling
      else { continue }
      line.replaceSubrange(start..<(start + limit.spelling.count), with: Array(String(measured)))
      lines[limit.line - 1] = String(line)
    }
    return try BudgetFile(text: lines.joined(separator: "\n"), path: path)
  }
}

/// Patterns in which `*` stands for any run of characters.
enum Glob {
  static func matches(_ text: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return text == pattern }
    var rest = Substring(text)
    for (index, part) in parts.enumerated() {
      if index == 0 {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
      } else if index == parts.count - 1 {
        return rest.hasSuffix(part)
      } else if !part.isEmpty {
        guard let range = rest.firstRange(of: part) else { return false }
        rest = rest[range.upperBound...]
      }
    }
    return true
  }
}
