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
  /// `Kernel` with its padding.
  var kernelBytes: Int { taskCount * 64 + 24 }
  /// The NVIC's words that hold an enable bit for each of the board's interrupts.
  var interruptWords: Int { (plan.board.interruptCount + 31) / 32 }

  init(_ bundle: ImageBundle) throws {
    let file = try ELFFile(path: bundle.kernel.path)
    plan = bundle.plan
    taskCount = plan.tasks.count
    doors = try [
      file.address(of: "apus_call"): .call, file.address(of: "apus_tick"): .tick,
      file.address(of: "apus_interrupt"): .interrupt, file.address(of: "apus_fault"): .fault,
    ]
    entry = try file.address(  // blx r3
      ofInstruction: 0x4798, from: file.address(of: "apus_call_entry"), within: 64)
    exit = entry + 2
    reset = try file.address(of: "apus_reset")
    start = try file.address(of: "apus_start")
    kernelFault = try file.address(of: "apus_kernel_fault")
    kernel = try file.address(of: "apus_kernel")
    resetRecord = try file.address(of: "apus_reset_record")
    floatingPoint = plan.board.hasFloatingPoint ? try file.address(of: "apus_fp") : nil
    tables = try file.address(of: "apus_tasks")
    descriptors = plan.taskWords.map {
      TaskDescriptor(
        postable: $0[0], stackTop: $0[1], ramBase: $0[2], ramSize: $0[3], flashBase: $0[4],
        flashSize: $0[5], calls: $0[6], notifies: $0[7])
    }
    interrupts = plan.interruptWords.map(InterruptOwner.init(rawValue:))
  }

  /// The name of task `index` as messages show it.
  func name(_ index: Int) -> String {
    index < taskCount ? "task \(index) '\(plan.tasks[index].name)'" : "task \(index)"
  }
}
