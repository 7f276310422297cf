// KernelModel/ToyMachine.swift: a machine of arrays under the kernel, which judges its use.
// Nothing here decides for the kernel, and no access of it goes unchecked.

import ApusABI
import ApusKernel

#if APUS_WATCHED
  import KernelWatch
#endif

/// Memory, interrupts and resets as plain values: equal machines compare equal.
struct ToyMachine: Machine, Equatable {
  static let flashBase: UInt32 = 0x1000
  static let flashPerTask: UInt32 = 0x80
  static let ramBase: UInt32 = 0x2000_0000
  static let ramPerTask: UInt32 = 0x400
  /// Interrupts that the machine has; the image owns only some of them.
  static let interruptLines = 48

  var descriptors: [TaskDescriptor]
  var owners: [InterruptOwner]
  var flash: [UInt8]
  var ram: [UInt8]
  /// For each interrupt, bits of `InterruptStatus`.
  var interrupts = [UInt32](repeating: 0, count: interruptLines)
  /// How often each task's first frame was built.
  var frames: [Int]
  var resets: [ResetRecord] = []
  var remembered = ResetRecord(cause: .cold)
  /// What the kernel asked for and must not have.
  var misuses: [String] = []
  #if APUS_WATCHED
    /// A test that a kernel never comes back to is ended; elsewhere others see to that.
    let watch = KernelWatch()
  #endif

  /// Windows side by side, so that one byte too many belongs to a neighbour; every task may send
  /// to all above it and post to all; idle, the last, may do nothing.
  init(taskCount: Int) {
    descriptors = (0..<taskCount).map { index in
      let ram = Self.ramBase + UInt32(index) * Self.ramPerTask
      let flash = Self.flashBase + UInt32(index) * Self.flashPerTask
      let isIdle = index == taskCount - 1
      let above = (0..<index).reduce(UInt32(0)) { $0 | UInt32(0x8000_0000) >> UInt32($1) }
      return TaskDescriptor(
        postable: Self.postable(index), stackTop: ram + Self.ramPerTask, ramBase: ram,
        ramSize: Self.ramPerTask, flashBase: flash, flashSize: Self.flashPerTask,
        calls: isIdle ? 0 : above, notifies: isIdle ? 0 : ~0 << UInt32(32 - taskCount))
    }
    // Task 1 has two notifications, one of them of two interrupts; tasks 0 and 2 have one each.
    owners = [
      InterruptOwner(number: 0, task: 0, bit: 1),
      InterruptOwner(number: 3, task: 1, bit: 4), InterruptOwner(number: 5, task: 1, bit: 4),
      InterruptOwner(number: 7, task: 1, bit: 6), InterruptOwner(number: 33, task: 2, bit: 4),
    ]
    frames = [Int](repeating: 0, count: taskCount)
    flash = (0..<Int(Self.flashPerTask) * taskCount).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    ram = (0..<Int(Self.ramPerTask) * taskCount).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 2) }
  }

  /// What tasks may post: to the supervisor all but its faults, to task 1 all but an interrupt.
  static func postable(_ index: Int) -> UInt32 { index == 0 ? ~1 : index == 1 ? ~0x40 : ~0 }

  func descriptor(_ index: Int) -> TaskDescriptor { descriptors[index] }
  var interruptCount: Int { owners.count }
  func interruptOwner(_ row: Int) -> InterruptOwner { owners[row] }
  mutating func mask(_ number: UInt32) { interrupts[Int(number)] &= ~InterruptStatus.enabled }
  mutating func unmask(_ number: UInt32) { interrupts[Int(number)] |= InterruptStatus.enabled }
  mutating func clearPending(_ number: UInt32) {
    interrupts[Int(number)] &= ~InterruptStatus.pending
  }
  func status(_ number: UInt32) -> UInt32 { interrupts[Int(number)] }

  mutating func copy(from source: UInt32, to destination: UInt32, count: UInt32) {
    if count == 0 { return }
    if count > 256 { misuses.append("copy of \(count) bytes") }
    guard let bytes = read(source, count) else {
      return misuses.append("copy of \(count) bytes from \(source), which is no memory")
    }
    guard source + count <= destination || destination + count <= source else {
      return misuses.append("copy of \(count) bytes from \(source) to \(destination) overlaps")
    }
    guard destination >= Self.ramBase, read(destination, count) != nil else {
      return misuses.append("copy of \(count) bytes to \(destination), which is no RAM")
    }
    write(bytes, at: destination)
  }

  /// The kernel reads words of leases and frames only; where there is no memory it reads a mark.
  func word(at address: UInt32) -> UInt32 {
    guard address % 4 == 0, let bytes = read(address, 4) else { return 0xBADB_ADBA }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func firstFrame(_ index: Int) -> UInt32 {
    frames[index] += 1
    let frame = descriptors[index].stackTop - 32
    write([UInt8](repeating: 0, count: 32), at: frame)
    write(word: descriptors[index].flashBase, at: frame + 24)
    return frame
  }

  mutating func reset(_ record: ResetRecord) { resets.append(record) }
  func resetRecord() -> ResetRecord { remembered }

  // What follows is for tests; the kernel knows nothing of it.

  /// The bytes there, or `nil` if one of them is no memory.
  func read(_ address: UInt32, _ count: UInt32) -> [UInt8]? {
    let isRAM = address >= Self.ramBase
    let offset = Int(address) - Int(isRAM ? Self.ramBase : Self.flashBase)
    let end = offset + Int(count)
    guard offset >= 0, end <= (isRAM ? ram : flash).count else { return nil }
    return Array(isRAM ? ram[offset..<end] : flash[offset..<end])
  }

  /// Writes RAM; an address outside is the test's own mistake and traps.
  mutating func write(_ bytes: [UInt8], at address: UInt32) {
    let offset = Int(address - Self.ramBase)
    ram.replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }

  /// Writes a word of RAM, the lowest byte first.
  mutating func write(word: UInt32, at address: UInt32) {
    write((0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }, at: address)
  }
}
