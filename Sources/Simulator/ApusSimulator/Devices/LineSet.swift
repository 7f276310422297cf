// ApusSimulator/Devices/LineSet.swift: a set of interrupt lines, as many as the NVIC can have.
// Four words, not a growing array: it is copied at every step of a simulation.

/// Interrupt lines by number, 0...239.
public struct LineSet: Equatable, Sendable {
  private var words: InlineArray<4, UInt64> = InlineArray(repeating: 0)

  /// The numbers that a line can have: those of the architecture, whatever a board has of them.
  public static let numbers = 0..<240

  /// No line.
  public init() {}

  /// The line `number`; traps if the NVIC has no such line.
  public init(_ number: Int) {
    self.init()
    insert(number)
  }

  /// Whether there is no line in it.
  public var isEmpty: Bool { words[0] | words[1] | words[2] | words[3] == 0 }

  /// The lowest line in it; nil if there is none.
  public var first: Int? {
    for index in words.indices where words[index] != 0 {
      return index * 64 + words[index].trailingZeroBitCount
    }
    return nil
  }

  /// The lines in it, ascending.
  public var members: [Int] { isEmpty ? [] : Self.numbers.filter(contains) }

  /// Whether line `number` is in it.
  public func contains(_ number: Int) -> Bool {
    words[Self.place(number)] >> UInt64(number & 63) & 1 != 0
  }

  /// Adds line `number`; traps if the NVIC has no such line.
  public mutating func insert(_ number: Int) {
    words[Self.place(number)] |= 1 << UInt64(number & 63)
  }

  /// Takes line `number` out.
  public mutating func remove(_ number: Int) {
    words[Self.place(number)] &= ~(1 << UInt64(number & 63))
  }

  /// The lines in either.
  public func union(_ other: LineSet) -> LineSet { combined(other, |) }

  /// The lines in both.
  public func intersection(_ other: LineSet) -> LineSet { combined(other, &) }

  /// The lines in this one that are not in `other`.
  public func subtracting(_ other: LineSet) -> LineSet { combined(other) { $0 & ~$1 } }

  private func combined(_ other: LineSet, _ body: (UInt64, UInt64) -> UInt64) -> LineSet {
    var result = self
    for index in words.indices { result.words[index] = body(words[index], other.words[index]) }
    return result
  }

  private static func place(_ number: Int) -> Int {
    precondition(numbers.contains(number), "the NVIC has lines 0...239, not \(number)")
    return number >> 6
  }

  /// Whether both have the same lines.
  public static func == (one: LineSet, other: LineSet) -> Bool {
    one.subtracting(other).isEmpty && other.subtracting(one).isEmpty
  }
}
