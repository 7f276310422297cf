// SweepSupervisor/Words.swift: a line of the host as numbers and one letter.
// Nothing here is checked: the host is no adversary, and a word that is missing is 0.

/// The hexadecimal words of a line; the second of them is a letter.
struct Words {
  /// What is to be done.
  var letter: UInt8 = 0
  private var values: InlineArray<20, UInt32> = InlineArray(repeating: 0)

  init() {}

  /// Reads `line`; the words behind the twentieth are left out.
  init(_ line: UnsafeRawBufferPointer) {
    var count = 0
    var isBetween = true
    var index = 0
    while index < line.count {
      let byte = line[index]
      index &+= 1
      if byte == 0x20 {
        isBetween = true
        continue
      }
      if isBetween {
        // The letter stands behind the first word, and is none itself.
        if count == 1 && letter == 0 {
          letter = byte
          continue
        }
        count &+= 1
        isBetween = false
      }
      if count <= 20 {
        let digit = byte < 0x3A ? byte &- 0x30 : byte &- 0x57
        values[count &- 1] = values[count &- 1] &<< 4 | UInt32(digit)
      }
    }
  }

  /// Word `index`: 0 is the session's number, 1 the first behind the letter.
  subscript(index: Int) -> UInt32 {
    values[index]
  }
}
