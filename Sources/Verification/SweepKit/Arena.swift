// SweepKit/Arena.swift: room for instructions that the hostile task may execute, behind its own image.
// The kernel's code is as it was built: an unused slot of one task's map is all that changes.

import AccessMonitor
import ELFKit
import Foundation
import ImagePlan
import QEMUKit

/// The image of the app `sweep` with a region of 128 KB that its hostile task may read and execute.
///
/// The region lies behind everything that the image uses of flash, and each trial has eight bytes
/// of it, a slot.
public struct Arena: Sendable {
  /// The image as it was built.
  public let bundle: ImageBundle
  /// The first slot.
  public static let base: UInt32 = 0x2_0000
  /// The number of slots.
  public static let slotCount = 16_384
  /// The bytes of a slot.
  public static let slotBytes = 8
  /// The task that executes the slots.
  static let hostile = 3

  /// The image with the hostile task's map changed.
  private(set) var image: URL
  /// Who may touch what in it.
  let walls: Walls

  /// Writes the changed image beside the one that was built.
  ///
  /// - Throws: `SweepError` if the map has no slot left or the flash ends before the region.
  public init(_ bundle: ImageBundle) throws {
    self.bundle = bundle
    let plan = bundle.plan
    let flash = plan.board.flash
    let task = plan.tasks[Self.hostile]
    guard task.name == "hostile", let last = task.regions.last, last.attributes == 0 else {
      throw SweepError("the hostile task of '\(plan.app)' has no slot of the MPU left")
    }
    let end = UInt64(Self.base) + UInt64(Self.slotCount * Self.slotBytes)
    guard plan.flashEnd <= Self.base, end <= flash.end else {
      throw SweepError(
        "no room for slots at \(Self.base): flash \(flash), used to \(plan.flashEnd)")
    }
    let kernel = try ELFFile(path: bundle.kernel.path)
    guard let maps = kernel.symbol(named: "apus_mpu") else {
      throw SweepError("the kernel does not define 'apus_mpu'")
    }
    let slot = task.regions.count - 1
    let address = maps.address + UInt32(Self.hostile * task.regions.count * 8 + slot * 8)
    let window = Window(base: Self.base, size: UInt32(Self.slotCount * Self.slotBytes))
    guard let region = Cover.regions(for: window, limit: 1)?.first else {
      throw SweepError("one region cannot cover \(window)")
    }
    let words = RegionWords(region, access: .execute, slot: slot)
    var walls = try Walls(bundle)
    walls.tasks[Self.hostile].moreCode = [window.base..<window.base + window.size]
    self.walls = walls
    image = bundle.directory.appending(path: "arena.elf")
    let halves = [words.base, words.attributes].flatMap {
      [UInt16(truncatingIfNeeded: $0), UInt16(truncatingIfNeeded: $0 >> 16)]
    }
    try Self.patch(bundle.image, at: address, with: halves, into: image)
  }

  /// Replaces halfwords of a loaded segment.
  private static func patch(
    _ source: URL, at address: UInt32, with halves: [UInt16], into target: URL
  ) throws {
    let file = try ELFFile(path: source.path)
    let byteCount = UInt32(halves.count * 2)
    guard
      let segment = file.segments.first(where: {
        $0.isLoad && $0.loadAddress <= address
          && UInt64(address + byteCount) <= UInt64($0.loadAddress) + UInt64($0.fileByteCount)
      })
    else { throw SweepError("no segment of the image holds the map") }
    var bytes = file.bytes
    let offset = segment.fileRange.lowerBound + Int(address - segment.loadAddress)
    for (index, half) in halves.enumerated() {
      bytes[offset + index * 2] = UInt8(truncatingIfNeeded: half)
      bytes[offset + index * 2 + 1] = UInt8(truncatingIfNeeded: half >> 8)
    }
    try Data(bytes).write(to: target, options: .atomic)
  }

  /// How many bytes of a function are searched; the last of the kernel's is not much longer.
  private static let reach = 64

  /// Replaces code of the kernel, to see who notices.
  ///
  /// - Throws: `SweepError` unless `old` is found once from `symbol` on, within 64 bytes.
  mutating func sabotage(
    _ symbol: String, _ old: [UInt16], _ new: [UInt16], name: String
  ) throws {
    let kernel = try ELFFile(path: bundle.kernel.path)
    guard let start = kernel.symbol(named: symbol)?.address,
      let code = kernel.bytes(at: start, count: Self.reach)
    else { throw SweepError("the kernel does not define '\(symbol)'") }
    let bytes = Array(code)
    let halves = stride(from: 0, to: bytes.count, by: 2).map {
      UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
    }
    let places = halves.indices.filter { halves[$0...].starts(with: old) }
    guard let place = places.first else {
      throw SweepError("'\(symbol)' has no \(old.map { String($0, radix: 16) })")
    }
    let target = bundle.directory.appending(path: "arena-\(name).elf")
    try Self.patch(image, at: start + UInt32(place * 2), with: new, into: target)
    image = target
  }

  /// A machine whose slots hold `code`, each filled up with undefined instructions.
  ///
  /// `file` is written, and must live as long as the machine runs.
  func machine(_ code: [[UInt16]], file: URL, pace: Pace) throws -> Machine {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.slotCount * Self.slotBytes)
    for slot in 0..<Self.slotCount {
      let halves = slot < code.count ? code[slot] : []
      precondition(halves.count <= 4, "a slot has four halfwords")
      for half in halves + Array(repeating: Self.landing, count: 4 - halves.count) {
        bytes += [UInt8(truncatingIfNeeded: half), UInt8(truncatingIfNeeded: half >> 8)]
      }
    }
    try Data(bytes).write(to: file)
    var machine = Machine(board: bundle.plan.board.machine, image: image, pace: pace)
    let name = file.path.replacing(",", with: ",,")
    machine.extraArguments = [
      "-device", "loader,file=\(name),addr=\(Self.base),force-raw=on",
    ]
    return machine
  }

  /// `udf #170`: where a trial that does no harm arrives.
  static let landing: UInt16 = 0xDEAA
}

/// Why a sweep could not be run, or what it found.
public struct SweepError: Error, Equatable, CustomStringConvertible, Sendable {
  public var description: String

  init(_ description: String) {
    self.description = description
  }
}
