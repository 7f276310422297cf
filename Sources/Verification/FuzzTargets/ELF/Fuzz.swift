// FuzzTargets/ELF/Fuzz.swift: what libFuzzer calls with each input for the ELF and DWARF reader.
// Bytes are read or refused in words; anything else is a crash.

import ELFKit

@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let file = try? ELFFile(bytes: bytes) else { return 0 }
  readSymbols(of: file)
  for section in file.sections {
    _ = file.contents(of: section).count
    _ = section.addressRange
  }
  _ = file.word(at: file.entry)
  for segment in file.segments where segment.isLoad { _ = segment.fileByteCount }
  _ = try? file.relocations()
  _ = try? file.armAttributes()?.architectureName
  _ = try? file.callFrames()
  let info = (try? file.debugInfo()) ?? DebugInfo()
  if let table = try? file.lineTable(info: info) {
    _ = table.place(of: file.entry)
    _ = table.place(of: .max)
  }
  return 0
}

private func readSymbols(of file: ELFFile) {
  for symbol in file.symbolsInAddressOrder.prefix(64) {
    _ = file.symbol(named: symbol.name)
    _ = file.symbol(containing: symbol.address)
    _ = symbol.mapping
    _ = SwiftNames.shortened(symbol.name)
  }
}
