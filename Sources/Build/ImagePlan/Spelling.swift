// ImagePlan/Spelling.swift: finds the word that a mistyped one probably meant.
// It only advises: nothing is ever corrected silently.

/// Words of the user's that are compared with words that exist.
enum Spelling {
  /// The candidate nearest to `word`, if it is near enough to be a slip; `nil` otherwise.
  ///
  /// Near enough is a third of the letters, at least one. O(candidates x letters^2).
  static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    var best: (word: String, distance: Int)?
    for candidate in candidates {
      let found = distance(Array(word.lowercased()), Array(candidate.lowercased()))
      if found < best?.distance ?? .max { best = (candidate, found) }
    }
    guard let best, best.distance <= max(1, word.count / 3) else { return nil }
    return best.word
  }

  /// "did you mean 'x'?" if a candidate is near, else the list of what exists.
  static func advice(for word: String, in candidates: some Sequence<String>) -> String {
    if let near = nearest(to: word, in: candidates) { return "'\(near)', if that was meant" }
    let all = Array(candidates)
    return all.isEmpty ? "nothing: none exists here" : "one of \(all.joined(separator: ", "))"
  }

  /// The number of insertions, deletions, replacements and swaps of neighbours between two words.
  private static func distance(_ from: [Character], _ to: [Character]) -> Int {
    var twoBefore: [Int] = []
    var before = Array(0...to.count)
    for row in from.indices {
      var present = [row + 1]
      for column in to.indices {
        let replaced = before[column] + (from[row] == to[column] ? 0 : 1)
        var least = min(replaced, before[column + 1] + 1, present[column] + 1)
        if row > 0, column > 0, from[row] == to[column - 1], from[row - 1] == to[column] {
          least = min(least, twoBefore[column - 1] + 1)
        }
        present.append(least)
      }
      (twoBefore, before) = (before, present)
    }
    return before[to.count]
  }
}
