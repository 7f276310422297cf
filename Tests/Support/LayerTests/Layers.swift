// LayerTests/Layers.swift: the layers that Package.swift names, and who breaks their order.
// It reads texts only: what the package's targets declare, and what their files import.

/// The package as its manifest describes it.
struct Layers {
  /// The layers' names, from the kernel on.
  private(set) var names: [String] = []
  /// The place in `names` of each module's layer.
  private(set) var places: [String: Int] = [:]
  /// What each target declares to depend on.
  private(set) var dependencies: [String: [String]] = [:]

  /// Reads the text of Package.swift: the list `layers`, and the targets that it spells out.
  init(package: String) {
    if let start = package.firstRange(of: "let layers: KeyValuePairs = [")?.upperBound,
      let end = package[start...].firstRange(of: "\n]")?.lowerBound
    {
      // The name of a layer stands before a colon; its modules follow.
      for word in Self.words(in: package[start..<end]) {
        if word.isKey { names.append(word.text) } else { places[word.text] = names.count - 1 }
      }
    }
    for part in package.split(separator: #/\.(?:target|executableTarget|testTarget|plugin)\(/#) {
      guard let name = Self.words(in: part.prefix { $0 != "," }).first?.text,
        let start = part.firstRange(of: "dependencies: [")
      else { continue }
      let list = part[start.upperBound...].prefix { $0 != "]" }
      dependencies[name, default: []] += Self.words(in: list).map(\.text)
    }
  }

  /// What stands between quotation marks, and whether a colon follows.
  private static func words(in text: Substring) -> [(text: String, isKey: Bool)] {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return stride(from: 1, to: parts.count, by: 2).map { index in
      (String(parts[index]), index + 1 < parts.count && parts[index + 1].hasPrefix(":"))
    }
  }

  /// Whether a module may use another: one of its own layer or of one before.
  private func allows(_ user: String, _ used: String) -> Bool {
    guard let upper = places[user], let lower = places[used] else { return true }
    return lower <= upper
  }

  /// Every declared dependency that points the wrong way, as "A on B".
  var wrongDependencies: Set<String> {
    Set(
      dependencies.flatMap { user, all in
        all.filter { !allows(user, $0) }.map { "\(user) on \($0)" }
      })
  }

  /// Every import in `text`, a file of `module`, that points the wrong way, as "A on B".
  func wrongImports(in text: String, of module: String) -> Set<String> {
    let imports = text.split(separator: "\n").compactMap { line -> String? in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place < 2, place + 1 < words.count,
        place == 0 || words[0].hasPrefix("@")
      else { return nil }
      // "import struct Module.Name" imports Module.
      let last = words[min(place + 2, words.count - 1)]
      return last.split(separator: ".").first.map(String.init)
    }
    return Set(imports.filter { !allows(module, $0) }.map { "\(module) on \($0)" })
  }
}
