// FootprintKit/Attribution/Memory.swift: the memories of an image, given or found.
// A memory's kind and bounds are guessed only when nobody states them, and a note says so.

import ELFKit
import PlainText

/// A memory as a plan, a linker script or the command line describes it.
public struct Memory: Sendable, Equatable {
  public var name: String
  public var kind: Region.Kind
  public var origin: UInt32
  /// Nil when the size is unknown.
  public var length: Int?

  public init(name: String, kind: Region.Kind, origin: UInt32, length: Int?) {
    self.name = name
    self.kind = kind
    self.origin = origin
    self.length = length
  }

  /// A hole up to this size between two sections is the linker's padding; a larger one is free.
  static let largestPadding: UInt64 = 4096

  /// Reads `NAME=ORIGIN,LENGTH`, for example `FLASH=0x08000000,512K`.
  public init(argument: String) throws(FootprintError) {
    let halves = argument.split(separator: "=", maxSplits: 1).map(String.init)
    let numbers = halves.count == 2 ? halves[1].split(separator: ",").map(String.init) : []
    guard numbers.count == 2, let origin = LinkerScript.number(numbers[0]),
      let length = LinkerScript.number(numbers[1]), let start = UInt32(exactly: origin), length > 0
    else {
      throw FootprintError(
        .unreadable, "cannot read region '\(argument)'; try: FLASH=0x08000000,512K")
    }
    self.init(name: halves[0], kind: Memory.kind(of: start), origin: start, length: length)
  }

  /// The kind that the Arm memory map suggests for an address.
  static func kind(of address: UInt32) -> Region.Kind {
    switch address >> 28 {
    case 2, 3, 6, 7, 8, 9: .ram
    default: .flash
    }
  }

  /// The memories that `extents` need, when nobody names any: one for each 16 MiB that is used.
  static func guessed(from extents: [Extent]) -> [Memory] {
    var found: [(memory: Memory, end: UInt64, isVolatile: Bool)] = []
    for extent in extents {
      let touchesLast =
        found.last.map {
          $0.memory.origin >> 24 == UInt32(clamping: extent.start) >> 24
            || extent.start <= $0.end
        } ?? false
      if touchesLast {
        let last = found.count - 1
        found[last].end = max(found[last].end, extent.end)
        found[last].isVolatile = found[last].isVolatile && extent.isVolatile
      } else {
        let origin = UInt32(clamping: extent.start)
        let memory = Memory(name: "", kind: kind(of: origin), origin: origin, length: nil)
        found.append((memory, extent.end, extent.isVolatile))
      }
    }
    var memories = found.map { entry in
      var memory = entry.memory
      if entry.isVolatile { memory.kind = .ram }
      return memory
    }
    for kind in [Region.Kind.flash, .ram] {
      let indices = memories.indices.filter { memories[$0].kind == kind }
      for index in indices {
        let suffix = indices.count > 1 ? "@" + hexadecimal(memories[index].origin) : ""
        memories[index].name = kind.rawValue + suffix
      }
    }
    return memories
  }
}
