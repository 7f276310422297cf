// ELFKit/DWARF/CallFrames.swift: `.debug_frame`, how far each function moves the stack pointer.
// It runs no register rules beyond the frame address: that is all a stack bound needs.

/// What the call frame information says about one function.
public struct CallFrame: Sendable, Equatable {
  /// The function's first instruction, Thumb bit cleared.
  public let address: UInt32
  public let byteCount: UInt32
  /// The largest distance between the stack pointer and the caller's, in bytes, as far as stated.
  public let maximumOffset: Int
  /// True when part of the function measures from another register (a frame pointer), so that
  /// `maximumOffset` may miss what is allocated after it.
  public let usesFramePointer: Bool
}

extension ELFFile {
  /// Reads `.debug_frame`, in the file's order; empty when there is none.
  ///
  /// - Throws: what is wrong with the section; call frames of discarded functions (address 0 and
  ///   size 0) are left out.
  public func callFrames() throws(ELFError) -> [CallFrame] {
    guard let section = section(named: ".debug_frame") else { return [] }
    var reader = CallFrameReader(start: section.fileRange.lowerBound)
    var cursor = cursor(over: section)
    while cursor.remaining >= 4 {
      let start = cursor.offset
      var entry = try cursor.unit(of: ".debug_frame")
      guard entry.remaining > 0 else { continue }
      try reader.read(&entry, at: start)
    }
    return reader.frames
  }
}

private struct CallFrameReader {
  struct Common {
    var codeFactor: UInt64
    var dataFactor: Int64
    var addressByteCount: Int
    var initial: ByteCursor
  }

  /// The state that call frame instructions change, and what it reached.
  struct Machine {
    var register: UInt64 = 13
    var offset: Int64 = 0
    var saved: [(register: UInt64, offset: Int64)] = []
    var maximum: Int64 = 0
    var usesFramePointer = false

    mutating func note() {
      if register == 13 {
        maximum = max(maximum, offset)
      } else {
        usesFramePointer = true
      }
    }
  }

  let start: Int
  var commons: [Int: Common] = [:]
  var frames: [CallFrame] = []

  init(start: Int) { self.start = start }

  mutating func read(_ entry: inout ByteCursor, at offset: Int) throws(ELFError) {
    let identifier = try entry.u32()
    if identifier == 0xffff_ffff {
      commons[offset - start] = try readCommon(&entry)
      return
    }
    guard let common = commons[Int(identifier)] else {
      throw .malformed(what: ".debug_frame: entry without a common one", offset: offset)
    }
    let address = try entry.u32()
    let byteCount = try entry.u32()
    var machine = Machine()
    var initial = common.initial
    try run(&initial, common, &machine)
    try run(&entry, common, &machine)
    guard byteCount > 0 else { return }
    frames.append(
      CallFrame(
        address: address & ~1, byteCount: byteCount,
        maximumOffset: Int(min(max(machine.maximum, 0), Int64(UInt32.max))),
        usesFramePointer: machine.usesFramePointer))
  }

  private func readCommon(_ entry: inout ByteCursor) throws(ELFError) -> Common {
    let version = try entry.u8()
    guard (1...4).contains(version) else {
      throw .unsupported(what: ".debug_frame version", found: Int(version), wanted: 4)
    }
    let augmentation = try entry.string()
    guard augmentation.isEmpty else {
      throw .malformed(what: ".debug_frame: augmentation '\(augmentation)'", offset: entry.offset)
    }
    if version >= 4 { try entry.skip(2) }
    let codeFactor = try entry.uleb()
    let dataFactor = try entry.sleb()
    _ = version == 1 ? UInt64(try entry.u8()) : try entry.uleb()
    let rest = try entry.sub(entry.remaining, what: ".debug_frame")
    return Common(
      codeFactor: codeFactor, dataFactor: dataFactor, addressByteCount: 4, initial: rest)
  }

  private func run(
    _ cursor: inout ByteCursor, _ common: Common, _ machine: inout Machine
  ) throws(ELFError) {
    while !cursor.isAtEnd {
      let code = try cursor.u8()
      switch code >> 6 {
      case 1, 3: continue  // advance_loc, restore
      case 2: _ = try cursor.uleb()  // offset
      default: try runExtended(code, &cursor, common, &machine)
      }
    }
  }

  private func runExtended(
    _ code: UInt8, _ cursor: inout ByteCursor, _ common: Common, _ machine: inout Machine
  ) throws(ELFError) {
    func clipped(_ value: UInt64) -> Int64 { Int64(min(value, UInt64(UInt32.max))) }
    switch code {
    case 0x00: break
    case 0x01: try cursor.skip(common.addressByteCount)
    case 0x02: try cursor.skip(1)
    case 0x03: try cursor.skip(2)
    case 0x04: try cursor.skip(4)
    case 0x05, 0x09, 0x14, 0x2f:
      _ = try cursor.uleb()
      _ = try cursor.uleb()
    case 0x06, 0x07, 0x08, 0x2e: _ = try cursor.uleb()
    case 0x0a: machine.saved.append((machine.register, machine.offset))
    case 0x0b:
      if let last = machine.saved.popLast() { (machine.register, machine.offset) = last }
    case 0x0c:
      machine.register = try cursor.uleb()
      machine.offset = clipped(try cursor.uleb())
      machine.note()
    case 0x0d:
      machine.register = try cursor.uleb()
      machine.note()
    case 0x0e:
      machine.offset = clipped(try cursor.uleb())
      machine.note()
    case 0x0f:
      try cursor.skip(Int(clipped(try cursor.uleb())))
      machine.usesFramePointer = true
    case 0x10, 0x16:
      _ = try cursor.uleb()
      try cursor.skip(Int(clipped(try cursor.uleb())))
    case 0x11, 0x15:
      _ = try cursor.uleb()
      _ = try cursor.sleb()
    case 0x12:
      machine.register = try cursor.uleb()
      machine.offset = scaled(try cursor.sleb(), common)
      machine.note()
    case 0x13:
      machine.offset = scaled(try cursor.sleb(), common)
      machine.note()
    default:
      throw .unsupported(what: "call frame instruction", found: Int(code), wanted: 0x16)
    }
  }

  private func scaled(_ value: Int64, _ common: Common) -> Int64 {
    let (product, overflow) = value.multipliedReportingOverflow(by: common.dataFactor)
    return overflow ? 0 : product
  }
}
