// ApusSimulator/Explorer/ToyMachine.swift: the smallest machine that the kernel can live on.
// No byte is stored: what is remembered of a copy is where it went, which says more.

import ApusABI
import ApusKernel

/// The facts that all explored systems share.
enum Toy {
  /// The bytes in each task's RAM, and in its flash: neighbours without a gap, so that a check that
  /// is off by one reaches into the next task.
  static let windowBytes: UInt32 = 0x100
  /// The time in every canonical state: deadlines lie on both sides of the wrap of its low word.
  static let presentTime: UInt64 = 0xFFFF_FFFE
  /// A task's life in every canonical state, the one whose restart wraps the generation.
  static func presentLife(_ index: Int) -> UInt32 { 0x7FF << 5 | UInt32(index) }
  static func formerLife(_ index: Int) -> UInt32 { 0x7FE << 5 | UInt32(index) }
  /// Where every forbidden access goes.
  static let faultAddress: UInt32 = 0x4000_0000
  /// The one interrupt with an owner, and one without.
  static let line: UInt32 = 3
  static let strayLine: UInt32 = 7
  static let owner = InterruptOwner(number: 3, task: 1, bit: 1)

  static func ram(_ index: Int) -> UInt32 { 0x2000_0000 + UInt32(index) * windowBytes }
  static func flash(_ index: Int) -> UInt32 { 0x1000 + UInt32(index) * windowBytes }

  /// What every task's flash begins with: leases in good order, and one that ends a byte too late.
  static func lease(_ number: UInt32, of index: Int) -> Lease {
    switch number {
    case 0: Lease(address: ram(index) + 0x40, byteCount: 16, rights: Lease.read | Lease.write)
    case 1: Lease(address: flash(index) + windowBytes - 8, byteCount: 8, rights: Lease.read)
    default: Lease(address: ram(index) + windowBytes - 8, byteCount: 9, rights: Lease.read)
    }
  }
  /// The leases in that table.
  static let leaseCount: UInt32 = 3

  /// Who may send to whom: always uphill, and to everyone there.
  static func calls(_ index: Int) -> TaskSet {
    TaskSet(rawValue: ~(0xFFFF_FFFF &>> UInt32(truncatingIfNeeded: index)))
  }
  /// Who may post to whom: the first two to task 2, everyone below to task 1, which owns the
  /// interrupt.
  static func notifies(_ index: Int) -> TaskSet { TaskSet(index < 2 ? 2 : 1) }
  /// What tasks may post to each other: bit 1.
  static let postable: UInt32 = 2
}

/// A copy that the kernel has made.
struct Journey: Equatable, BitwiseCopyable {
  var source: UInt32 = 0
  var destination: UInt32 = 0
  var byteCount: UInt32 = 0
}

/// At most four copies, in order; more than that is counted, not kept.
struct Journeys: BitwiseCopyable {
  var list = InlineArray<4, Journey>(repeating: Journey())
  var count = 0

  /// Remembers a copy of at least one byte.
  mutating func append(_ source: UInt32, _ destination: UInt32, _ byteCount: UInt32) {
    guard byteCount > 0 else { return }
    if count < 4 {
      list[count] = Journey(source: source, destination: destination, byteCount: byteCount)
    }
    count += 1
  }

  static func == (left: Journeys, right: Journeys) -> Bool {
    guard left.count == right.count, left.count <= 4 else { return false }
    for index in 0..<left.count where left.list[index] != right.list[index] { return false }
    return true
  }
}

/// A machine of a few words.
struct ToyMachine: Machine, BitwiseCopyable {
  /// Whether the owned interrupt can be taken, and whether its device asks.
  var isEnabled = false
  var isPending = false
  /// Since the step began.
  var journeys = Journeys()
  var record: ResetRecord?

  func descriptor(_ index: Int) -> TaskDescriptor {
    TaskDescriptor(
      postable: Toy.postable, stackTop: Toy.ram(index) + Toy.windowBytes,
      ramBase: Toy.ram(index), ramSize: Toy.windowBytes, flashBase: Toy.flash(index),
      flashSize: Toy.windowBytes, calls: Toy.calls(index).rawValue,
      notifies: Toy.notifies(index).rawValue)
  }

  var interruptCount: Int { 1 }
  func interruptOwner(_ row: Int) -> InterruptOwner { Toy.owner }
  mutating func mask(_ number: UInt32) { if number == Toy.line { isEnabled = false } }
  mutating func unmask(_ number: UInt32) { if number == Toy.line { isEnabled = true } }
  mutating func clearPending(_ number: UInt32) { if number == Toy.line { isPending = false } }
  func status(_ number: UInt32) -> UInt32 {
    (isEnabled ? InterruptStatus.enabled : 0) | (isPending ? InterruptStatus.pending : 0)
  }

  mutating func copy(from source: UInt32, to destination: UInt32, count: UInt32) {
    journeys.append(source, destination, count)
  }

  /// The table of leases at the start of each task's flash; elsewhere a word that names its place.
  func word(at address: UInt32) -> UInt32 {
    let index = Int((address &- 0x1000) / Toy.windowBytes)
    let offset = (address &- 0x1000) % Toy.windowBytes
    guard index < 32, offset < Toy.leaseCount * Lease.stride else { return ~address }
    let lease = Toy.lease(offset / Lease.stride, of: index)
    switch offset % Lease.stride {
    case 0: return lease.address
    case 4: return lease.byteCount
    default: return lease.rights
    }
  }

  mutating func firstFrame(_ index: Int) -> UInt32 { Toy.ram(index) + Toy.windowBytes - 32 }
  mutating func reset(_ record: ResetRecord) { self.record = record }
  func resetRecord() -> ResetRecord { ResetRecord(cause: .cold) }
}
