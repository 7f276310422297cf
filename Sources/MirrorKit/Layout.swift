// MirrorKit/Layout.swift: where in the release image the mirror looks, from its symbols and its plan.
// The image is only read; nothing here talks to QEMU.

import ApusABI
import ELFKit
import Foundation
import ImagePlan

/// The addresses of one image.
struct Layout: Sendable {
  let plan: Plan
  let taskCount: Int
  /// The doors by their address: what `r3` holds at the entry.
  let doors: [UInt32: DoorKind]
  /// `blx r3`: the running task's registers are saved, the kernel has not begun.
  let entry: UInt32
  /// The instruction behind it: the kernel is done, and `r0` is the next task's control block.
  let exit: UInt32
  let reset: UInt32
  /// The end of the boot, where the first task is entered.
  let start: UInt32
  /// Where the kernel's own fault ends.
  let kernelFault: UInt32
  let kernel: UInt32
  let resetRecord: UInt32
  /// s16...s31 of each task, or `nil` without a floating-point unit.
  let floatingPoint: UInt32?
  let tables: UInt32
  let descriptors: [TaskDescriptor]
  let interrupts: [InterruptOwner]

  /// The four ways into the kernel after the boot.
  enum DoorKind: String, Sendable { case call, tick, interrupt, fault }

  /// The bytes of `Kernel` that mean something: 64 a task, then 20.
  var stateBytes: Int { taskCount * 64 + 20 }
  /// `Kernel` with its padding, and the entry code's pointer behind it.
  var kernelBytes: Int { taskCount * 64 + 28 }
  /// The NVIC's words that hold an enable bit for each of the board's interrupts.
  var interruptWords: Int { (plan.board.interruptCount + 31) / 32 }

  init(_ bundle: ImageBundle) throws {
    let file = try ELFFile(path: bundle.kernel.path)
    func address(_ name: String) throws -> UInt32 {
      guard let symbol = file.symbols.first(where: { $0.name == name && $0.isDefined }) else {
        throw MirrorError("\(bundle.kernel.path) has no symbol '\(name)'\n  try: apus build")
      }
      return symbol.address & ~1
    }
    plan = bundle.plan
    taskCount = plan.tasks.count
    doors = try [
      address("apus_call"): .call, address("apus_tick"): .tick,
      address("apus_interrupt"): .interrupt, address("apus_fault"): .fault,
    ]
    entry = try Self.branch(in: file, from: address("apus_call_entry"))
    exit = entry + 2
    reset = try address("apus_reset")
    start = try address("apus_start")
    kernelFault = try address("apus_kernel_fault")
    kernel = try address("apus_kernel")
    resetRecord = try address("apus_reset_record")
    floatingPoint = plan.board.hasFloatingPoint ? try address("apus_fp") : nil
    tables = try address("apus_tasks")
    descriptors = plan.taskWords.map {
      TaskDescriptor(
        ramBase: $0[0], ramSize: $0[1], flashBase: $0[2], flashSize: $0[3], entry: $0[4],
        stackTop: $0[5], calls: $0[6], notifies: $0[7])
    }
    interrupts = plan.interruptWords.map(InterruptOwner.init(rawValue:))
    guard try address("apus_current") == kernel + UInt32(taskCount * 64 + 24) else {
      throw MirrorError("'apus_current' does not stand behind the kernel's \(taskCount) tasks")
    }
  }

  /// The place of `blx r3`, a few instructions behind the entry of a call.
  private static func branch(in file: ELFFile, from start: UInt32) throws -> UInt32 {
    var address = start
    while address < start + 64, let bytes = file.bytes(at: address, count: 2).map(Array.init) {
      if bytes == [0x98, 0x47] { return address }
      // 0b11101, 0b11110 and 0b11111 begin an instruction of two halfwords (DDI 0403E, A5.1).
      address += bytes[1] >> 3 >= 0b11101 ? 4 : 2
    }
    throw MirrorError("no 'blx r3' within 64 bytes of 'apus_call_entry'")
  }

  /// The name of task `index` as messages show it.
  func name(_ index: Int) -> String {
    index < taskCount ? "task \(index) '\(plan.tasks[index].name)'" : "task \(index)"
  }
}
