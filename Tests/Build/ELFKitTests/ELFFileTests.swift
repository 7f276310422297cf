// ELFKitTests/ELFFileTests.swift: reader and writer against each other, and refusals by their words.
// Files of other tools are covered by FootprintKitTests, which has a compiler.

import ELFKit
import Testing

@Suite struct ELFFileTests {
  @Test("A name that could act on a terminal or begin a line is spelled out where it is read.")
  func hostileName() throws {
    var cursor = ByteCursor(Array("a\u{1B}[2J\nfault: b\u{85}\0tail\0".utf8), what: "names")
    #expect(try cursor.string() == #"a\u001b[2J\nfault: b\u0085"#)
    #expect(try cursor.string() == "tail")
  }

  @Test("A written image reads back: parts, entry, symbols; an empty part is left out.")
  func roundTrip() throws {
    let file = try ELFFile(bytes: smallImage().serialized())
    #expect(file.kind == .executable)
    #expect(file.machine == ELFFile.armMachine)
    #expect(file.entry == 0x101)
    #expect(file.segments.map(\.loadAddress) == [0x100, 0x2000_0000])
    #expect(file.segments.allSatisfy { Int($0.memoryByteCount) == $0.fileByteCount })
    #expect(file.section(named: "flash")?.isExecutable == true)
    #expect(file.section(named: "empty") == nil)
    #expect(Array(file.bytes(at: 0x2000_0000, count: 4) ?? []) == [9, 8, 7, 6])
    #expect(file.bytes(at: 0x2000_0001, count: 4) == nil)
    #expect(file.word(at: 0x100) == 0x0302_0100)
  }

  @Test("A function's address has no Thumb bit, and is found by name and by any address inside.")
  func symbols() throws {
    let file = try ELFFile(bytes: smallImage().serialized())
    let main = try #require(file.symbol(named: "main"))
    #expect(main.address == 0x100)
    #expect(main.isThumb)
    #expect(file.symbol(containing: 0x10f)?.name == "main")
    #expect(file.symbol(containing: 0x110)?.name == "table")
    #expect(file.symbol(containing: 0x130) == nil)
    #expect(file.symbol(containing: 0xffff_ffff) == nil)
  }

  @Test("A Swift name that starts with $e is no Arm mapping symbol; $t and $d.12 are.")
  func mappingSymbols() throws {
    var image = smallImage()
    for name in ["$t", "$d.12", "$a"] {
      image.symbols.append(.init(name: name, address: 0x120, byteCount: 0, isFunction: false))
    }
    let file = try ELFFile(bytes: image.serialized())
    let mapped = file.symbols.filter { $0.mapping != nil }.map(\.name)
    #expect(mapped == ["$t", "$d.12", "$a"])
    #expect(file.symbol(named: "$e4main3fooyyF") != nil)
  }

  @Test("The same image value gives the same bytes.")
  func deterministic() {
    #expect(smallImage().serialized() == smallImage().serialized())
  }

  @Test(
    "A file that is no ELF32 is refused in one sentence with what was found and what was expected.",
    arguments: [
      ([], "not an ELF file: it starts with [], expected [7f 45 4c 46]"),
      (
        Array("#!/bin/sh".utf8),
        "not an ELF file: it starts with [23 21 2f 62], expected [7f 45 4c 46]"
      ),
      (
        [0x7f, 0x45, 0x4c, 0x46, 2, 1],
        "unsupported ELF class: found 2, this reader handles 1"
      ),
      (
        [0x7f, 0x45, 0x4c, 0x46, 1, 2],
        "unsupported byte order: found 2, this reader handles 1"
      ),
      (
        [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1],
        "ELF header is out of bounds: 10 bytes at offset 6, only 7 exist"
      ),
    ] as [([UInt8], String)])
  func refusals(bytes: [UInt8], words: String) {
    #expect { try ELFFile(bytes: bytes) } throws: { "\($0)" == words }
  }

  @Test("A segment that reaches past the file names its number, offset and size.")
  func truncated() {
    let bytes = Array(smallImage().serialized().prefix(130))
    #expect { try ELFFile(bytes: bytes) } throws: {
      "\($0)" == "segment 0 is out of bounds: 64 bytes at offset 116, only 130 exist"
    }
  }

  @Test("A missing file is an error with its path.")
  func missing() {
    #expect(throws: ELFError.unreadable(path: "/nowhere/x.elf", reason: "no such file")) {
      try ELFFile(path: "/nowhere/x.elf")
    }
  }
}

@Suite struct ELFFuzzTests {
  @Test("20,000 mutated files either read or throw; none traps.", arguments: [1, 2, 3, 4])
  func mutations(seed: UInt64) {
    let original = smallImage().serialized()
    var random = SeededGenerator(state: seed)
    for _ in 0..<5_000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        bytes[index] =
          [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)]
          .randomElement(using: &random) ?? 0
      }
      if Bool.random(using: &random) {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
      }
      exercise(bytes)
    }
  }

  /// Calls everything that interprets bytes of the file.
  private func exercise(_ bytes: [UInt8]) {
    guard let file = try? ELFFile(bytes: bytes) else { return }
    _ = try? file.relocations()
    for section in file.sections { _ = file.contents(of: section).count }
    for address: UInt32 in [0, 0x100, 0x118, 0x2000_0003, 0xffff_ffff] {
      _ = file.symbol(containing: address)
      _ = file.word(at: address)
    }
  }
}
