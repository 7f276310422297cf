// ConsoleShell/Words.swift: a line as words between spaces, compared where they stand.
// Nothing is copied: a word is a pair of places in the line.

import Apus

/// A word of the line: from `start` up to `end`.
struct Word {
  var start: Int
  var end: Int

  var isEmpty: Bool { start == end }
}

extension TextBuffer {
  // Mutating, though they change nothing: a method that only reads gets a copy of the whole line.

  /// The first word at or after `place`; empty if there is none.
  mutating func word(from place: Int) -> Word {
    var start = place
    while start < count, self[start] == 0x20 { start &+= 1 }
    var end = start
    while end < count, self[end] != 0x20 { end &+= 1 }
    return Word(start: start, end: end)
  }

  /// Whether `word` reads `text`.
  @inline(never)
  mutating func reads(_ word: Word, _ text: StaticString) -> Bool {
    guard word.end &- word.start == text.utf8CodeUnitCount else { return false }
    var index = 0
    while index < text.utf8CodeUnitCount {
      if self[word.start &+ index] != text.utf8Start[index] { return false }
      index &+= 1
    }
    return true
  }
}
