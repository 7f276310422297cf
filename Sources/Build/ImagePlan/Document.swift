// ImagePlan/Document.swift: YAML as a tree in which every node knows its line.
// The only file that knows the YAML library; everything above asks for fields and gets values or
// an error that names file, line and field.

import Yams

/// One node of a YAML file, with the path of names that leads to it.
struct Document {
  let file: String
  /// What the node is, as an error should call it: "task 'shell'".
  let subject: String
  private let node: Node

  /// The most bytes that a manifest or a board file may have.
  static let maximumByteCount = 64 * 1024

  /// Parses `text`, which was read from `file`.
  init(parsing text: String, file: String, subject: String) throws(PlanError) {
    guard text.utf8.count <= Self.maximumByteCount else {
      throw PlanError(
        "the file has \(text.utf8.count) bytes, more than \(Self.maximumByteCount)",
        at: SourceLocation(file: file, line: 1), try: "a shorter file", kind: .unreadable)
    }
    try Self.refuseAliases(text, file: file)
    let parsed: Node?
    do {
      parsed = try Yams.compose(yaml: text)
    } catch {
      throw Document.translate(error, file: file)
    }
    guard let parsed else {
      throw PlanError(
        "the file is empty", at: SourceLocation(file: file, line: 1),
        try: "start from an app or a board that exists", kind: .unreadable)
    }
    self.init(file: file, subject: subject, node: parsed)
  }

  private init(file: String, subject: String, node: Node) {
    self.file = file
    self.subject = subject
    self.node = node
  }

  /// Where the node begins.
  var location: SourceLocation { SourceLocation(file: file, line: node.mark?.line ?? 1) }

  /// The node under another name, for its errors.
  func named(_ subject: String) -> Document {
    Document(file: file, subject: subject, node: node)
  }

  /// The scalar's text.
  func text(_ what: String) throws(PlanError) -> Located<String> {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
      throw PlanError(
        "\(subject): \(what) is no text", at: location, try: "one word after the colon",
        kind: .unreadable)
    }
    return Located(scalar.string, at: location)
  }

  /// A scalar read by `parse`, described by `example` when it is none.
  func quantity(
    _ what: String, example: String, _ parse: (String) -> Int?
  ) throws(PlanError) -> Located<Int> {
    let written = try text(what)
    guard let value = parse(written.value) else {
      throw PlanError(
        "\(subject): \(what) cannot be '\(written.value)'", at: location,
        try: "a number such as \(example)", kind: .unreadable)
    }
    return Located(value, at: location)
  }

  /// The items of a list; none for an empty node.
  func items(
    _ what: String, example: String = "[first, second]"
  ) throws(PlanError) -> [Document] {
    switch node {
    case .sequence(let sequence):
      return sequence.map { Document(file: file, subject: subject, node: $0) }
    case .scalar(let scalar) where scalar.string.isEmpty:
      return []
    default:
      throw PlanError(
        "\(subject): \(what) is no list", at: location, try: "\(what): \(example)",
        kind: .unreadable)
    }
  }

  /// The entries of a mapping whose keys the user chooses, in the file's order.
  func entries(
    _ what: String, example: String = "{ name: value }"
  ) throws(PlanError) -> [(key: Located<String>, value: Document)] {
    if case .scalar(let scalar) = node, scalar.string.isEmpty { return [] }
    guard case .mapping(let mapping) = node else {
      throw PlanError(
        "\(subject): \(what) is no mapping", at: location, try: "\(what): \(example)",
        kind: .unreadable)
    }
    var found: [(key: Located<String>, value: Document)] = []
    for (key, value) in mapping {
      let name = try Document(file: file, subject: subject, node: key).text("a key of \(what)")
      found.append((name, Document(file: file, subject: subject, node: value)))
    }
    return found
  }

  /// Anchors and aliases are refused: a few lines of them can stand for more than a memory holds.
  ///
  /// No name or number here needs their signs, so outside of comments the signs alone will do.
  private static func refuseAliases(_ text: String, file: String) throws(PlanError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      guard let sign = line.prefix(while: { $0 != "#" }).first(where: { "&*".contains($0) }) else {
        continue
      }
      throw PlanError(
        "anchors and aliases are not read here: '\(sign)'",
        at: SourceLocation(file: file, line: index + 1), try: "the value itself, written out",
        kind: .unreadable)
    }
  }

  private static func translate(_ error: any Error, file: String) -> PlanError {
    let (problem, line): (String, Int) =
      switch error as? YamlError {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        (problem, mark.line)
      case .duplicatedKeysInMapping(let duplicates, let context):
        ("the key '\(duplicates.first.map { "\($0)" } ?? "")' stands twice", context.mark.line)
      default: ("the text is not UTF-8", 1)
      }
    return PlanError(
      "not YAML: \(problem)", at: SourceLocation(file: file, line: line),
      try: "spaces, not tabs; 'key: value'; each key once", kind: .unreadable)
  }
}

/// The fields of one mapping, of which every one must be known.
struct Fields {
  private let owner: Document
  private var values: [String: Document] = [:]

  /// Reads the mapping `document`; a key that is not in `known` is refused with the nearest one.
  init(_ document: Document, known: [String]) throws(PlanError) {
    owner = document
    for (key, value) in try document.entries(document.subject) {
      guard known.contains(key.value) else {
        throw PlanError(
          "\(document.subject): unknown key '\(key.value)'", at: key.location,
          try: Spelling.advice(for: key.value, in: known))
      }
      values[key.value] = value.named(document.subject)
    }
  }

  /// The field `key`, if it was written.
  subscript(key: String) -> Document? { values[key] }

  /// The field `key`, which must have been written.
  func required(_ key: String, example: String) throws(PlanError) -> Document {
    guard let value = values[key] else {
      throw PlanError(
        "\(owner.subject): '\(key)' is missing", at: owner.location, try: "\(key): \(example)",
        kind: .unreadable)
    }
    return value
  }
}
