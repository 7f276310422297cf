// ELFKit/ELFError.swift: every way a file can be wrong, as data; the wording lives here alone.
// A bad file never traps: all offsets are checked before use, and one of these is thrown.

import PlainText

/// What is wrong with an input file.
///
/// Its description is one line, lower case, with the number found and the number allowed.
public enum ELFError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be opened or read.
  case unreadable(path: String, reason: String)
  /// The first bytes are not those of an ELF file.
  case notELF(firstBytes: [UInt8])
  /// A field holds a legal value that this reader does not handle.
  case unsupported(what: String, found: Int, wanted: Int)
  /// A table or a field reaches past the end of what holds it.
  case outOfBounds(what: String, offset: Int, byteCount: Int, limit: Int)
  /// An index points past the end of a table.
  case badIndex(what: String, index: Int, count: Int)
  /// Bytes that follow no rule of the format.
  case malformed(what: String, offset: Int)
  /// No symbol of this name is defined.
  case noSymbol(name: String)
  /// An instruction does not stand where it was looked for.
  case noInstruction(opcode: UInt16, start: UInt32, byteCount: UInt32)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      return "cannot read '\(path)': \(reason)"
    case .notELF(let first):
      let text = first.map { hexadecimal(UInt32($0), digits: 2) }.joined(separator: " ")
      return "not an ELF file: it starts with [\(text)], expected [7f 45 4c 46]"
    case .unsupported(let what, let found, let wanted):
      return "unsupported \(what): found \(found), this reader handles \(wanted)"
    case .outOfBounds(let what, let offset, let byteCount, let limit):
      return "\(what) is out of bounds: \(byteCount) bytes at offset \(offset), only \(limit) exist"
    case .badIndex(let what, let index, let count):
      return "\(what) has index \(index), but there are only \(count)"
    case .malformed(let what, let offset):
      return "malformed \(what) at offset \(offset)"
    case .noSymbol(let name):
      return "the symbol '\(name)' is not defined: is this an image of Apus?"
    case .noInstruction(let opcode, let start, let byteCount):
      let (code, place) = (hexadecimal(UInt32(opcode), digits: 4), hexadecimal(start))
      return "no instruction \(code) within \(byteCount) bytes from 0x\(place)"
    }
  }
}
