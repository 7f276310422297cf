// ELFKit/DWARF/Unit.swift: the piece that every section of DWARF is a row of: a length, then so many bytes.
// Nothing in a piece is looked at here.

extension ByteCursor {
  /// Takes the next length and the bytes that it counts; `section` is for the message.
  ///
  /// - Throws: `unsupported` for the 64-bit format (DWARF 4, 7.4), `outOfBounds` if the bytes are not
  ///   there.
  mutating func unit(of section: String) throws(ELFError) -> ByteCursor {
    let byteCount = try u32()
    guard byteCount < 0xffff_fff0 else {
      throw .unsupported(what: "DWARF format", found: 64, wanted: 32)
    }
    return try sub(Int(byteCount), what: section)
  }
}
