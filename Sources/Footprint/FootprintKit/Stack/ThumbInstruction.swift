// FootprintKit/Stack/ThumbInstruction.swift: what an instruction does to the stack and the flow.
// Encodings are those of DDI 0403E, chapter A7. It is no disassembler: the rest has no effect here.

/// A Thumb-2 instruction, as far as a stack bound needs it.
struct ThumbInstruction: Equatable {
  enum Stack: Equatable {
    case none
    /// The stack grows (positive) or shrinks by this many bytes.
    case moves(Int)
    /// The stack pointer comes from this register.
    case fromRegister(Int)
    /// The stack pointer is loaded with a constant: a stack of its own begins.
    case fresh
    /// It moves by a number that is not known before run time.
    case dynamic
  }

  enum Flow: Equatable {
    case next
    /// A jump; a conditional one also goes on.
    case branch(UInt32, conditional: Bool)
    case call(UInt32)
    case callRegister(Int)
    case jumpRegister(Int)
    /// A jump through a word of memory at a known address.
    case jumpLiteral(UInt32)
    case tableBranch(entryByteCount: UInt32)
    case jumpUnknown
    case returns
    case traps
  }

  var byteCount: UInt32 = 2
  var stack = Stack.none
  var flow = Flow.next
  /// A register that becomes the word at this address.
  var literal: (register: Int, address: UInt32)?
  /// Registers that may have changed; more than really do is harmless.
  var clobbers: UInt16 = 0
  /// Registers that are pushed, to be restored before the function returns.
  var saves: UInt16 = 0
  /// A register that becomes the stack pointer, or the frame pointer, and a constant.
  var frameRegister: Int?
  /// How many of the following instructions are conditional.
  var conditionalCount = 0

  static func == (a: Self, b: Self) -> Bool {
    a.byteCount == b.byteCount && a.stack == b.stack && a.flow == b.flow
      && a.literal?.register == b.literal?.register && a.literal?.address == b.literal?.address
      && a.frameRegister == b.frameRegister && a.conditionalCount == b.conditionalCount
  }

  /// Decodes the instruction at `address`, whose halfwords are `first` and, if long, `second`.
  init(at address: UInt32, _ first: UInt32, _ second: UInt32) {
    if Self.isLong(first) {
      byteCount = 4
      decodeLong(address, first, second)
    } else {
      decodeShort(address, first)
    }
  }

  static func isLong(_ first: UInt32) -> Bool { first >> 11 >= 0b11101 }

  /// Sign-extends the low `bits` of a value.
  static func extend(_ value: UInt32, bits: UInt32) -> UInt32 {
    let shift = 32 - bits
    return UInt32(bitPattern: Int32(bitPattern: value << shift) >> Int32(shift))
  }

  private static func register(_ number: UInt32) -> UInt16 { 1 << UInt16(number & 15) }

  // MARK: 16 bits

  private mutating func decodeShort(_ address: UInt32, _ word: UInt32) {
    let pc = address &+ 4
    switch word {
    case 0xb400...0xb5ff:
      stack = .moves(4 * (word & 0x1ff).nonzeroBitCount)
      saves = UInt16(word & 0xff)
    case 0xbc00...0xbdff:
      stack = .moves(-4 * (word & 0x1ff).nonzeroBitCount)
      clobbers = UInt16(word & 0xff)
      if word & 0x100 != 0 { flow = .returns }
    case 0xb000...0xb07f: stack = .moves(-4 * Int(word & 0x7f))
    case 0xb080...0xb0ff: stack = .moves(4 * Int(word & 0x7f))
    case 0x4400...0x47ff: decodeHigh(word)
    case 0x4800...0x4fff:
      let target = (pc & ~3) &+ 4 * (word & 0xff)
      literal = (Int(word >> 8 & 7), target)
      clobbers = Self.register(word >> 8 & 7)
    case 0xa800...0xafff:
      frameRegister = Int(word >> 8 & 7)
      clobbers = Self.register(word >> 8 & 7)
    case 0xd000...0xddff:
      flow = .branch(pc &+ Self.extend((word & 0xff) << 1, bits: 9), conditional: true)
    case 0xde00...0xdeff: flow = .traps
    case 0xdf00...0xdfff: break
    case 0xe000...0xe7ff:
      flow = .branch(pc &+ Self.extend((word & 0x7ff) << 1, bits: 12), conditional: false)
    case 0xbf00...0xbfff:
      let mask = word & 15
      if mask != 0 { conditionalCount = 4 - mask.trailingZeroBitCount }
    case _ where word & 0xf500 == 0xb100:
      let offset = (word >> 9 & 1) << 6 | (word >> 3 & 31) << 1
      flow = .branch(pc &+ offset, conditional: true)
    case 0x1e00...0x1fff where word >> 3 & 7 == 7:
      frameRegister = Int(word & 7)
      clobbers = Self.register(word & 7)
    case 0xc800...0xcfff: clobbers = UInt16(word & 0xff) | Self.register(word >> 8 & 7)
    default: clobbers = Self.shortTarget(word)
    }
  }

  /// The register that an instruction without effect on stack and flow writes (A5.2).
  private static func shortTarget(_ word: UInt32) -> UInt16 {
    switch word {
    case 0x0000...0x1fff, 0x4000...0x43ff, 0x5600...0x5fff, 0xb200...0xb2ff, 0xba00...0xbaff:
      register(word & 7)
    case 0x2000...0x27ff, 0x3000...0x3fff, 0x9800...0xa7ff, 0xc000...0xc7ff:
      register(word >> 8 & 7)
    case 0x6000...0x8fff: word & 0x0800 != 0 ? register(word & 7) : 0
    default: 0
    }
  }

  /// Special data instructions and branches with high registers (A5.2.3).
  private mutating func decodeHigh(_ word: UInt32) {
    let source = Int(word >> 3 & 15)
    let target = Int(word & 7 | word >> 4 & 8)
    switch word & 0xff00 {
    case 0x4400:
      if target == 13 { stack = .dynamic } else if target == 15 { flow = .jumpUnknown }
    case 0x4600:
      if target == 13 {
        stack = .fromRegister(source)
      } else if target == 15 {
        flow = source == 14 ? .returns : .jumpRegister(source)
      } else if source == 13 {
        frameRegister = target
      }
    case 0x4700:
      if word & 0x80 != 0 {
        flow = .callRegister(source)
      } else {
        flow = source == 14 ? .returns : .jumpRegister(source)
      }
      return
    default: return
    }
    clobbers = Self.register(UInt32(target))
  }

  // MARK: 32 bits

  /// The registers that a 32-bit instruction may write: all it names where that is not certain.
  private static func longTarget(_ first: UInt32, _ second: UInt32) -> UInt16 {
    let high = register(second >> 12)
    let low = register(second >> 8)
    switch first >> 9 {
    // Single loads and stores: the base changes only where there is write-back.
    case 0b1111100:
      let target: UInt16 = first & 0x10 != 0 ? high : 0
      let hasWriteBack = first & 0x80 == 0 && second & 0x0900 == 0x0900
      return target | (hasWriteBack ? register(first) : 0)
    // Data processing: the result alone. With the program counter as result it is a comparison.
    case 0b1111000, 0b1111001, 0b1110101: return low
    default: return high | low | register(first)
    }
  }

  private mutating func decodeLong(_ address: UInt32, _ first: UInt32, _ second: UInt32) {
    if first & 0xf800 == 0xf000, second & 0x8000 != 0 {
      decodeBranch(address, first, second)
      return
    }
    clobbers = Self.longTarget(first, second)
    if decodeMultiple(first, second) || decodeTransfer(address, first, second) { return }
    decodeArithmetic(first, second)
  }

  private mutating func decodeBranch(_ address: UInt32, _ first: UInt32, _ second: UInt32) {
    let pc = address &+ 4
    let sign = first >> 10 & 1
    let j1 = second >> 13 & 1
    let j2 = second >> 11 & 1
    let far =
      sign << 24 | (1 ^ j1 ^ sign) << 23 | (1 ^ j2 ^ sign) << 22 | (first & 0x3ff) << 12
      | (second & 0x7ff) << 1
    switch second & 0x5000 {
    case 0x5000: flow = .call(pc &+ Self.extend(far, bits: 25))
    case 0x4000: flow = .traps  // BLX to Arm code, which Cortex-M does not have.
    case 0x1000: flow = .branch(pc &+ Self.extend(far, bits: 25), conditional: false)
    default:
      if first >> 6 & 15 < 14 {
        let near = sign << 20 | j2 << 19 | j1 << 18 | (first & 0x3f) << 12 | (second & 0x7ff) << 1
        flow = .branch(pc &+ Self.extend(near, bits: 21), conditional: true)
      } else if first & 0xfff0 == 0xf7f0, second & 0xf000 == 0xa000 {
        flow = .traps
      } else {
        clobbers = Self.register(second >> 8)  // MRS
      }
    }
  }

  /// Loads and stores of several registers, table branches; false for anything else.
  private mutating func decodeMultiple(_ first: UInt32, _ second: UInt32) -> Bool {
    switch first {
    case 0xe92d:
      stack = .moves(4 * second.nonzeroBitCount)
      saves = UInt16(second & 0x1fff)
      clobbers = 0
    case 0xe8bd:
      stack = .moves(-4 * second.nonzeroBitCount)
      clobbers = UInt16(second)
      if second & 0x8000 != 0 { flow = .returns }
    case 0xe96d:  // STRD with write-back
      stack = .moves(4 * Int(second & 0xff))
      saves = Self.register(second >> 12) | Self.register(second >> 8)
      clobbers = 0
    case 0xe8fd: stack = .moves(-4 * Int(second & 0xff))  // LDRD with write-back
    case _ where first & 0xffbf == 0xed2d && second & 0x0e00 == 0x0a00:
      stack = .moves(4 * Int(second & 0xff))
    case _ where first & 0xffbf == 0xecbd && second & 0x0e00 == 0x0a00:
      stack = .moves(-4 * Int(second & 0xff))
    case _ where first & 0xfff0 == 0xe8d0 && second & 0xffe0 == 0xf000:
      flow =
        first & 15 == 15
        ? .tableBranch(entryByteCount: second & 0x10 != 0 ? 2 : 1) : .jumpUnknown
    case _ where first & 0xffd0 == 0xe890 || first & 0xffd0 == 0xe910:
      clobbers = UInt16(second) | Self.register(first)
      if second & 0x8000 != 0 { flow = .jumpUnknown }
    default: return false
    }
    return true
  }

  /// Single loads and stores that touch the stack pointer or the program counter.
  private mutating func decodeTransfer(_ address: UInt32, _ first: UInt32, _ second: UInt32) -> Bool
  {
    let target = second >> 12
    switch first {
    case 0xf84d where second & 0x0f00 == 0x0d00:
      stack = .moves(Int(second & 0xff))
      saves = Self.register(target)
    case 0xf85d where second & 0x0f00 == 0x0b00:
      stack = .moves(-Int(second & 0xff))
      if target == 15 { flow = .returns }
    case 0xf85f, 0xf8df:
      let base = (address &+ 4) & ~3
      let word = first == 0xf8df ? base &+ (second & 0xfff) : base &- (second & 0xfff)
      if target == 15 {
        flow = .jumpLiteral(word)
      } else if target == 13 {
        stack = .fresh
      } else {
        literal = (Int(target), word)
      }
    case _ where first & 0xff70 == 0xf850 && target == 15: flow = .jumpUnknown
    case _ where first & 0xff70 == 0xf850 && target == 13: stack = .fresh
    default: return false
    }
    return true
  }

  /// Additions and subtractions whose result is the stack pointer or a copy of a frame pointer.
  private mutating func decodeArithmetic(_ first: UInt32, _ second: UInt32) {
    let target = second >> 8 & 15
    let source = first & 15
    let isImmediate = second & 0x8000 == 0
    let plain = (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xff
    switch first & 0xfbe0 {
    case 0xf1a0 where isImmediate, 0xf100 where isImmediate:
      let amount = Int(Self.expand(plain))
      adjust(target, source, first & 0x00a0 == 0x00a0 ? amount : -amount)
    case 0xf2a0 where isImmediate, 0xf200 where isImmediate:
      adjust(target, source, first & 0x00a0 == 0x00a0 ? Int(plain) : -Int(plain))
    case 0xeba0 where target == 13, 0xeb00 where target == 13: stack = .dynamic
    default: break
    }
  }

  private mutating func adjust(_ target: UInt32, _ source: UInt32, _ growth: Int) {
    if target == 13 {
      stack = source == 13 ? .moves(growth) : .fromRegister(Int(source))
    } else if source == 13 || source == 7 || source == 11 {
      frameRegister = Int(target)
    }
  }

  /// A modified immediate constant (A5.3.2).
  static func expand(_ value: UInt32) -> UInt32 {
    let byte = value & 0xff
    guard value >> 10 != 0 else {
      switch value >> 8 & 3 {
      case 0: return byte
      case 1: return byte << 16 | byte
      case 2: return byte << 24 | byte << 8
      default: return byte << 24 | byte << 16 | byte << 8 | byte
      }
    }
    let rotated = 0x80 | value & 0x7f
    let amount = value >> 7 & 31
    return rotated >> amount | rotated << (32 - amount)
  }
}
