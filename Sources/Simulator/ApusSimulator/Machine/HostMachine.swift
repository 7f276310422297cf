// ApusSimulator/Machine/HostMachine.swift: what the kernel stands on in a simulation.
// Nothing here decides anything: interrupts are bits, memory is bytes.

import ApusABI
import ApusKernel
import ImagePlan

/// A machine of arrays, for any number of tasks.
public struct HostMachine: Machine {
  var descriptors: [TaskDescriptor]
  var owners: [InterruptOwner]
  var memories: [TaskMemory]
  /// Lines that can be taken, lines latched since they were last taken, lines that a device holds.
  var enabled = LineSet()
  var latched = LineSet()
  var held = LineSet()
  /// What the last life left, and what this one leaves if it is over.
  var record = ResetRecord(cause: .cold)
  var lastWords: ResetRecord?

  /// Bytes of RAM and of flash that a task has here, whatever its stack on the target.
  static let windowBytes: UInt32 = 0x8000
  /// Above all that the kernel has on a board, so that its addresses stay nobody's.
  static func ram(_ index: Int) -> UInt32 { 0x2010_0000 + UInt32(index) * windowBytes }
  static func flash(_ index: Int) -> UInt32 { 0x0010_0000 + UInt32(index) * windowBytes }

  /// The machine for `app`, idle included, just switched on.
  ///
  /// What tasks keep holds anything then: noise by `seed`, so that whoever believes it is found.
  init(_ app: App, seed: UInt64) {
    func set(_ indices: [Int]) -> UInt32 {
      indices.reduce(into: TaskSet.empty) { $0.insert($1) }.rawValue
    }
    descriptors = (0..<app.taskCount).map { index in
      let task = index < app.tasks.count ? app.tasks[index] : nil
      let stackBytes = Self.windowBytes - UInt32(task?.keptWindowBytes ?? 0)
      return TaskDescriptor(
        postable: task?.postable ?? 0, stackTop: Self.ram(index) + stackBytes,
        ramBase: Self.ram(index), ramSize: Self.windowBytes, flashBase: Self.flash(index),
        flashSize: Self.windowBytes, calls: set(task?.calls ?? []),
        notifies: set(task?.notifies ?? []))
    }
    var lines: [InterruptOwner] = []
    for (index, task) in app.tasks.enumerated() {
      for line in task.interrupts where !lines.contains(where: { $0.number == line.number }) {
        lines.append(InterruptOwner(number: line.number, task: index, bit: line.bit))
      }
    }
    owners = lines.sorted { $0.number < $1.number }
    memories = descriptors.map { TaskMemory(base: $0.ramBase, byteCount: Int($0.ramSize)) }
    // A stream of its own: what real tasks' code costs is drawn from another.
    var noise = Generator(seed: ~seed)
    for (index, task) in app.tasks.enumerated() {
      let bytes = (0..<task.keptWindowBytes).map { _ in UInt8(truncatingIfNeeded: noise.next()) }
      memories[index].store(bytes, at: descriptors[index].stackTop)
    }
  }

  /// The first line that the processor would take now; nil if there is none.
  var takenLine: UInt32? {
    enabled.intersection(latched.union(held)).first.map(UInt32.init)
  }

  public func descriptor(_ index: Int) -> TaskDescriptor { descriptors[index] }
  public var interruptCount: Int { owners.count }
  public func interruptOwner(_ row: Int) -> InterruptOwner { owners[row] }
  public mutating func mask(_ number: UInt32) { enabled.remove(Int(number)) }
  public mutating func unmask(_ number: UInt32) { enabled.insert(Int(number)) }
  public mutating func clearPending(_ number: UInt32) { latched.remove(Int(number)) }
  public func status(_ number: UInt32) -> UInt32 {
    (enabled.contains(Int(number)) ? InterruptStatus.enabled : 0)
      | (latched.union(held).contains(Int(number)) ? InterruptStatus.pending : 0)
  }

  public mutating func copy(from source: UInt32, to destination: UInt32, count: UInt32) {
    guard let owner = owner(of: destination) else { return }
    memories[owner].store(bytes(at: source, count: Int(count)), at: destination)
  }

  public func word(at address: UInt32) -> UInt32 {
    bytes(at: address, count: 4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Bytes of a task's RAM; its flash reads as zeros, since its code is the host's.
  private func bytes(at address: UInt32, count: Int) -> [UInt8] {
    if let owner = owner(of: address), let bytes = memories[owner][address, count] {
      return Array(bytes)
    }
    return [UInt8](repeating: 0, count: count)
  }

  private func owner(of address: UInt32) -> Int? {
    let index = Int((address &- Self.ram(0)) / Self.windowBytes)
    return index < memories.count ? index : nil
  }

  /// A frame whose program counter is the task's entry: where a real task is, the host cannot tell.
  public mutating func firstFrame(_ index: Int) -> UInt32 {
    let frame = descriptors[index].stackTop - 32
    memories[index].store(word: descriptors[index].flashBase, at: frame + 24)
    return frame
  }

  public mutating func reset(_ record: ResetRecord) { lastWords = record }
  public func resetRecord() -> ResetRecord { record }
}
