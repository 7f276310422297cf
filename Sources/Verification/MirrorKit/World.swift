// MirrorKit/World.swift: the machine under the host's kernel: the target's memory, read when it asks.
// What the kernel writes is kept here and compared later; the target is never written.

import ApusABI
import ApusKernel
import PlainText

/// The world as it is at one event.
final class World {
  /// Bytes that the host's kernel wrote.
  struct Write {
    var address: UInt32
    var bytes: [UInt8]
    var meaning: String
  }

  private let stub: Stub
  private let layout: Layout
  /// What was read in this event, by the addresses of 32-byte blocks.
  private var blocks: [UInt32: ArraySlice<UInt8>] = [:]
  /// What the kernel wrote in this event, in order.
  private(set) var writes: [Write] = []
  /// The enable bits of all interrupts: the host's own account of them since the reset.
  var enables: [UInt32]
  /// The pending bits, read when the kernel first asks in this event.
  var pendings: [UInt32]?
  /// The record with which the kernel reset the machine in this event.
  private(set) var death: ResetRecord?
  /// What the machine's last life left.
  var record = ResetRecord(cause: .cold)
  /// Why a read failed: the machine's protocol has no room for an error.
  private(set) var failure: (any Error)?
  /// What the kernel copied in this event, in order.
  private(set) var copies: [Observation.Copied] = []
  /// How many first frames were built, and bytes copied, since the start.
  private(set) var frameCount = 0
  private(set) var copiedByteCount = 0

  init(_ stub: Stub, _ layout: Layout) {
    self.stub = stub
    self.layout = layout
    enables = Array(repeating: 0, count: layout.interruptWords)
  }

  /// Forgets the last event.
  func beginEvent() {
    blocks.removeAll(keepingCapacity: true)
    writes.removeAll(keepingCapacity: true)
    copies.removeAll(keepingCapacity: true)
    pendings = nil
    death = nil
  }

  /// Forgets what the kernel wrote, so that it can be asked again with other pending bits.
  func beginAgain(enables: [UInt32], pendings: [UInt32]) {
    writes.removeAll(keepingCapacity: true)
    self.enables = enables
    self.pendings = pendings
  }

  fileprivate func descriptor(_ index: Int) -> TaskDescriptor { layout.descriptors[index] }
  fileprivate var interrupts: [InterruptOwner] { layout.interrupts }

  fileprivate func status(_ number: UInt32) -> UInt32 {
    let word = Int(number / 32)
    let bit: UInt32 = 1 << (number % 32)
    if pendings == nil {
      do {
        pendings = try stub.exchange([layout.pendingBits])[0].words
      } catch {
        failure = error
        return 0
      }
    }
    return (enables[word] & bit != 0 ? InterruptStatus.enabled : 0)
      | ((pendings ?? enables)[word] & bit != 0 ? InterruptStatus.pending : 0)
  }

  fileprivate func set(_ number: UInt32, _ isEnabled: Bool) {
    let bit: UInt32 = 1 << (number % 32)
    if isEnabled { enables[Int(number / 32)] |= bit } else { enables[Int(number / 32)] &= ~bit }
  }

  /// The target's bytes as the kernel would see them now: its own writes included.
  fileprivate func read(_ address: UInt32, _ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    let first = address & ~31
    let size = Int((address &- first) + UInt32(count) + 31) & ~31
    do {
      try fetch(first, size)
    } catch {
      failure = error
      return Array(repeating: 0, count: count)
    }
    var bytes: [UInt8] = []
    for offset in stride(from: 0, to: size, by: 32) {
      bytes += blocks[first &+ UInt32(offset)] ?? []
    }
    bytes = Array(bytes.dropFirst(Int(address &- first)).prefix(count))
    for write in writes {
      for (index, byte) in write.bytes.enumerated() {
        let offset = write.address &+ UInt32(index) &- address
        if offset < UInt32(count) { bytes[Int(offset)] = byte }
      }
    }
    return bytes
  }

  private func fetch(_ first: UInt32, _ size: Int) throws {
    let starts = stride(from: 0, to: size, by: 32).map { first &+ UInt32($0) }
    guard starts.contains(where: { blocks[$0] == nil }) else { return }
    let bytes = try stub.exchange([.memory(first, size)])[0]
    for (index, start) in starts.enumerated() {
      blocks[start] = bytes[(index * 32)..<(index * 32 + 32)]
    }
  }

  fileprivate func copy(_ source: UInt32, _ destination: UInt32, _ count: UInt32) {
    guard count > 0 else { return }
    copiedByteCount += Int(count)
    copies.append(.init(source: source, destination: destination, byteCount: count))
    writes.append(
      Write(
        address: destination, bytes: read(source, Int(count)),
        meaning: "copy of \(count) bytes from \(hex(source))"))
  }

  /// The frame as Entry.S writes it: r0...r3, r12, lr, pc, xPSR, and s0...s15 with a status above.
  fileprivate func firstFrame(_ index: Int) -> UInt32 {
    frameCount += 1
    let task = layout.descriptors[index]
    var words: [UInt32] = [0, 0, 0, 0, 0, 0xFFFF_FFFF, task.flashBase, 0x0100_0000]
    if let floatingPoint = layout.floatingPoint {
      words += Array(repeating: 0, count: 18)
      writes.append(
        Write(
          address: floatingPoint + UInt32(index * 64), bytes: Array(repeating: 0, count: 64),
          meaning: "s16...s31 of \(layout.name(index))"))
    }
    let address = task.stackTop &- UInt32(words.count * 4)
    let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
    writes.append(
      Write(address: address, bytes: bytes, meaning: "first frame of \(layout.name(index))"))
    return address
  }

  fileprivate func reset(_ record: ResetRecord) {
    // On the target the first of them is the end.
    death = death ?? record
  }
}

/// The kernel's machine: a reference to the world, as the port's is a reference to the hardware.
struct MirrorMachine: Machine {
  let world: World

  func descriptor(_ index: Int) -> TaskDescriptor { world.descriptor(index) }
  var interruptCount: Int { world.interrupts.count }
  func interruptOwner(_ row: Int) -> InterruptOwner { world.interrupts[row] }
  mutating func mask(_ number: UInt32) { world.set(number, false) }
  mutating func unmask(_ number: UInt32) { world.set(number, true) }
  // Whether it stays pending is the device's affair: the bits are read anew at each event.
  mutating func clearPending(_ number: UInt32) {}
  func status(_ number: UInt32) -> UInt32 { world.status(number) }
  mutating func copy(from source: UInt32, to destination: UInt32, count: UInt32) {
    world.copy(source, destination, count)
  }
  func word(at address: UInt32) -> UInt32 { world.read(address, 4).word(0) }
  mutating func firstFrame(_ index: Int) -> UInt32 { world.firstFrame(index) }
  mutating func reset(_ record: ResetRecord) { world.reset(record) }
  func resetRecord() -> ResetRecord { world.record }
}

extension Layout {
  /// The NVIC's enable bits.
  var enableBits: Stub.Request { .memory(0xE000_E100, interruptWords * 4) }
  /// The NVIC's pending bits.
  var pendingBits: Stub.Request { .memory(0xE000_E200, interruptWords * 4) }
}
