// Apus/Devices/HostLink.swift: numbered lines between a supervisor under test and the host behind it.
// Nothing here judges, and no line is believed that does not begin with the session's number.
//
// A line of the host: the session's number, a letter, words in hexadecimal. A line of ours: the same
// number, the count of our lines, a letter, words. Who does not own the UART can write none.

/// A supervisor's end of a conversation with a test on the host.
public struct HostLink {
  /// The UART that the conversation goes over.
  public let device: UART
  /// The session's number, which no other task knows; 0 until the host has told it.
  public var session: UInt32 = 0
  private var linesSent: UInt32 = 0
  private var line = TextBuffer<240>()

  /// Names the UART; nothing is touched yet.
  public init(_ device: UART) {
    self.device = device
  }

  // MARK: - The host's lines

  /// The next line of this session, or `nil` if no further one has begun.
  ///
  /// A line that has begun is waited for: the host writes it in one piece. The first line's number
  /// becomes the session's. What does not fit into 240 bytes is cut.
  public mutating func read() -> HostLine? {
    while device.hasByte {
      var byte = device.byte
      // The second half of a line's end is no line.
      if byte == 0x0A { continue }
      while byte != 0x0D {
        line.write(byte)
        while !device.hasByte {}
        byte = device.byte
      }
      var words = HostLine()
      line.withUnsafeBytes { words = HostLine($0) }
      line.removeAll()
      if session == 0 { session = words[0] }
      if words[0] == session { return words }
    }
    return nil
  }

  // MARK: - Our lines

  /// Begins a line: the session's number, the line's, and what kind of line it is.
  public mutating func begin(_ letter: UInt8) {
    var device = device
    device.print(hex: session)
    word(linesSent)
    linesSent &+= 1
    device.write(0x20)
    device.write(letter)
  }

  /// Adds a word to the line.
  public func word(_ value: UInt32) {
    var device = device
    device.write(0x20)
    device.print(hex: value)
  }

  /// Ends the line.
  public func end() {
    var device = device
    device.endLine()
  }
}

/// The hexadecimal words of a line of the host; the second of them is a letter.
///
/// Nothing is checked: the host is no adversary, and a word that is missing is 0.
public struct HostLine {
  /// What is to be done.
  public private(set) var letter: UInt8 = 0
  private var values: InlineArray<20, UInt32> = InlineArray(repeating: 0)

  /// An empty line.
  public init() {}

  /// Reads `line`; the words behind the twentieth are left out.
  public init(_ line: UnsafeRawBufferPointer) {
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

  /// Word `index`, less than 20: 0 is the session's number, 1 the first behind the letter.
  public subscript(index: Int) -> UInt32 {
    values[index]
  }
}
