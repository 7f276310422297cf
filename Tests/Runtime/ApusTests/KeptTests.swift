// ApusTests/KeptTests.swift: kept memory as words behind the host's loads and stores.
// A reset is a prefix of the stores: every one of them is tried.

import Apus
import Testing

/// Kept memory of `capacity` bytes, as its words.
private final class Cells {
  let host = HostCalls()
  let kept: Kept
  var words: [UInt32]

  init(_ capacity: Int, words: [UInt32]? = nil) {
    kept = Kept(capacity: capacity)
    self.words = words ?? Array(repeating: 0, count: 2 + capacity / 4)
    host.read = { [unowned self] in self.words[Self.index($0)] }
    host.write = { [unowned self] in self.words[Self.index($0)] = $1 }
  }

  private static func index(_ address: UInt32) -> Int {
    #expect(address.isMultiple(of: 4))
    return Int(address - Kept.hostAddress) / 4
  }

  func write(_ bytes: [UInt8]) { host.run { kept.write(bytes.span.bytes) } }

  /// What is kept, read into a span of `room` bytes.
  func read(room: Int = 64) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0xEE, count: room)
    let count = host.run {
      var span = bytes.mutableSpan
      var raw = span.mutableBytes
      return kept.read(into: &raw)
    }
    guard let count else {
      #expect(bytes.allSatisfy { $0 == 0xEE }, "nothing was kept, and bytes were written")
      return nil
    }
    #expect(bytes[count...].allSatisfy { $0 == 0xEE }, "bytes were written past the end")
    return Array(bytes[..<count])
  }
}

@Suite struct KeptTests {
  @Test("What was written is read, whatever its length.")
  func lengths() {
    for capacity in [4, 20, 64] {
      for count in 0...capacity {
        let cells = Cells(capacity)
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 200) }
        cells.write(bytes)
        #expect(cells.read() == bytes)
        #expect(cells.read(room: count) == bytes)
        if count > 0 { #expect(cells.read(room: count - 1) == nil, "no part of it is read") }
        #expect(cells.host.run { cells.kept.count } == count)
        cells.host.run { cells.kept.erase() }
        #expect(cells.read() == nil)
      }
    }
  }

  @Test("A reset before or after any store of a write leaves the old bytes, the new or nothing.")
  func torn() {
    for (old, new) in [(0, 20), (20, 0), (20, 20), (7, 20), (20, 3), (5, 6), (1, 1)] {
      let before = (0..<old).map { UInt8($0) }
      let after = (0..<new).map { UInt8(0xFF - $0) }
      let cells = Cells(20)
      cells.write(before)
      let start = cells.words
      let first = cells.host.stores.count
      cells.write(after)
      let stores = cells.host.stores[first...]
      for cut in 0...stores.count {
        var words = start
        for store in stores.prefix(cut) {
          words[Int(store.address - Kept.hostAddress) / 4] = store.value
        }
        let found = Cells(20, words: words).read()
        let expected = cut == 0 ? before : cut == stores.count ? after : nil
        #expect(found == expected, "\(old) to \(new) bytes, \(cut) of \(stores.count) stores")
      }
    }
  }

  @Test("A count beyond the memory, and memory of one value, are nothing; so is every flipped bit.")
  func noise() {
    for value in [0, ~0, 0xE7E7_E7E7, 0x5A5A_5A5A, 0xA5A5_A5A5] as [UInt32] {
      #expect(Cells(20, words: Array(repeating: value, count: 7)).read() == nil)
    }
    let cells = Cells(20)
    cells.write(Array("one two three four..".utf8))
    let right = cells.words
    for bit in 0..<(32 * right.count) {
      cells.words = right
      cells.words[bit / 32] ^= 1 << UInt32(bit % 32)
      #expect(cells.read() == nil, "bit \(bit)")
    }
    for count in 21...200 as ClosedRange<UInt32> {
      cells.words = right
      cells.words[0] = count
      #expect(cells.read() == nil, "\(count) bytes")
    }
    // Words that follow the bytes are nobody's: a shorter write leaves them.
    cells.words = right
    cells.write([1])
    cells.words[3] = 77
    #expect(cells.read() == [1])
  }

  @Test("The checksum is Ethernet's CRC-32 of the count and the bytes, filled up with zeros.")
  func checksum() {
    func crc(_ bytes: [UInt8]) -> UInt32 {
      var crc: UInt32 = ~0
      for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB8_8320 }
      }
      return ~crc
    }
    let checkValue = crc(Array("123456789".utf8))
    #expect(checkValue == 0xCBF4_3926, "the check value of every table of CRCs")
    let cells = Cells(20)
    let digits = Array("123456789".utf8)
    cells.write(digits)
    let count: [UInt8] = [9, 0, 0, 0]
    let fill: [UInt8] = [0, 0, 0]
    #expect(cells.words[0] == 9)
    #expect(cells.words[1] == crc(count + digits + fill))
  }

  @Test("A number is read as what it was written, and as nothing of another size.")
  func numbers() {
    let cells = Cells(20)
    cells.host.run {
      #expect(cells.kept.read(as: UInt32.self) == nil)
      cells.kept.write(0x1234_5678 as UInt32)
      #expect(cells.kept.read() == 0x1234_5678 as UInt32)
      #expect(cells.kept.read(as: UInt16.self) == nil)
      #expect(cells.kept.read(as: UInt64.self) == nil)
      cells.kept.write(-5 as Int64)
      #expect(cells.kept.read(as: Int64.self) == -5)
    }
  }

  @Test("A write of more bytes than there is room for ends the task.")
  func tooMany() async {
    await #expect(processExitsWith: .failure) {
      let cells = Cells(4)
      cells.write([1, 2, 3, 4, 5])
    }
  }
}
