// ApusKernel/Slices.swift: may this task touch these bytes? The only place that decides it.
// Be careful before you relax anything here: the isolation of all tasks depends on this check.

import ApusABI

extension Kernel {
  /// Whether every byte of the slice is in the task's RAM or, for reading only, in its flash.
  ///
  /// The windows are exact, not the rounded regions of the MPU, and device memory is in neither:
  /// the kernel never touches a device on behalf of a task. An empty slice may point anywhere.
  @inline(__always)
  func mayTouch(
    _ task: Int, _ address: UInt32, _ byteCount: UInt32, writing: Bool,
    _ machine: borrowing some Machine
  ) -> Bool {
    let descriptor = machine.descriptor(task)
    if window(descriptor.ramBase, descriptor.ramSize, holds: address, byteCount) { return true }
    if !writing, window(descriptor.flashBase, descriptor.flashSize, holds: address, byteCount) {
      return true
    }
    return byteCount == 0
  }

  /// The same check outside the path of a message, where calling it is smaller than inlining it.
  @inline(never)
  func mayTouchRarely(
    _ task: Int, _ address: UInt32, _ byteCount: UInt32, writing: Bool,
    _ machine: borrowing some Machine
  ) -> Bool {
    mayTouch(task, address, byteCount, writing: writing, machine)
  }

  /// Compares offsets rather than ends, because an end may wrap around the top of memory.
  @inline(__always)
  private func window(
    _ base: UInt32, _ size: UInt32, holds address: UInt32, _ byteCount: UInt32
  ) -> Bool {
    let offset = address &- base
    return offset < size && byteCount <= size &- offset
  }
}
