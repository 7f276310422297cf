// ELFKit/ELFFile+Code.swift: addresses in Thumb code, by the name of a symbol or by an instruction.
// Nothing is decoded but the length of instructions.

extension ELFFile {
  /// The address of the defined symbol `name`, without the bit that marks Thumb code.
  ///
  /// - Throws: `noSymbol` if there is none.
  public func address(of name: String) throws(ELFError) -> UInt32 {
    guard let symbol = symbol(named: name), symbol.isDefined else { throw .noSymbol(name: name) }
    return symbol.address & ~1
  }

  /// The address of the first 16-bit instruction `opcode` that begins within `byteCount` bytes from
  /// `start`, itself the address of an instruction.
  ///
  /// - Throws: `noInstruction` if there is none, or if the image ends before.
  public func address(
    ofInstruction opcode: UInt16, from start: UInt32, within byteCount: UInt32
  ) throws(ELFError) -> UInt32 {
    var address = start
    while address < start + byteCount, let bytes = bytes(at: address, count: 2).map(Array.init) {
      let halfword = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
      if halfword == opcode { return address }
      // 0b11101, 0b11110 and 0b11111 begin an instruction of two halfwords (DDI 0403E, A5.1).
      address += halfword >> 11 >= 0b11101 ? 4 : 2
    }
    throw .noInstruction(opcode: opcode, start: start, byteCount: byteCount)
  }
}
