// FootprintKit/Attribution/Extents.swift: which addresses an ELF occupies, in flash and in RAM.
// Initialised data has two extents: the image in flash and the variable in RAM.

import ELFKit

/// A range of addresses that one section occupies, where it is loaded or where it runs.
struct Extent {
  var start: UInt64
  var end: UInt64
  var section: ELFSection
  /// True for the copy in flash of a section that runs elsewhere.
  var isLoadImage: Bool
  /// True when it needs memory that can be written: no bytes in the file, or copied by start code.
  var isVolatile: Bool

  var byteCount: Int { Int(end - start) }
}

extension ELFFile {
  /// Every extent of the image, sorted by address.
  ///
  /// A file without sections (a raw combined image) is described by its segments instead.
  func extents() -> [Extent] {
    var result: [Extent] = []
    for section in occupiedSections() {
      let run = section.addressRange
      let load = loadAddress(of: section)
      let isCopied = load != nil && load != section.address && section.kind != .noBits
      result.append(
        Extent(
          start: run.lowerBound, end: run.upperBound, section: section, isLoadImage: false,
          isVolatile: section.kind == .noBits || isCopied))
      if isCopied, let load {
        let start = UInt64(load)
        result.append(
          Extent(
            start: start, end: start + UInt64(section.byteCount), section: section,
            isLoadImage: true, isVolatile: false))
      }
    }
    return result.sorted {
      ($0.start, $0.end, $0.section.index) < ($1.start, $1.end, $1.section.index)
    }
  }

  private func occupiedSections() -> [ELFSection] {
    let threadLocal: UInt32 = 0x400
    let occupied = sections.filter {
      $0.isAllocated && $0.byteCount > 0 && !($0.kind == .noBits && $0.flags & threadLocal != 0)
    }
    return occupied
  }

  /// Where the section's bytes are stored, by the load segment that holds them; nil without one.
  private func loadAddress(of section: ELFSection) -> UInt32? {
    for segment in segments where segment.isLoad {
      let range =
        UInt64(segment.address)..<(UInt64(segment.address) + UInt64(segment.memoryByteCount))
      guard range.lowerBound <= section.addressRange.lowerBound,
        section.addressRange.upperBound <= range.upperBound
      else { continue }
      return segment.loadAddress &+ (section.address &- segment.address)
    }
    return nil
  }
}
