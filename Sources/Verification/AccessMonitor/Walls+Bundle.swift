// AccessMonitor/Walls+Bundle.swift: the oracle's walls of a built image, from its plan and its kernel's names.
// The plan says who owns what; only places inside of the kernel come from the ELF.

import ELFKit
import ImagePlan
import QEMUKit

extension Walls {
  /// The walls of the image in `bundle`.
  ///
  /// - Throws: `QEMUError` if the kernel lacks one of the names that the walls are made of.
  public init(_ bundle: ImageBundle) throws {
    let plan = bundle.plan
    let kernel = try ELFFile(path: bundle.kernel.path)
    func address(_ name: String) throws -> UInt32 {
      guard let symbol = kernel.symbol(named: name) else {
        throw QEMUError("the kernel does not define '\(name)', which the oracle must know")
      }
      return symbol.address
    }
    /// From a name to the next one.
    func routine(_ name: String) throws -> Range<UInt32> {
      let start = try address(name)
      let ends = kernel.symbols.lazy.filter { $0.address > start && $0.mapping == nil }
      guard let end = ends.filter({ $0.home != .absolute }).map(\.address).min() else {
        throw QEMUError("nothing follows '\(name)' in the kernel")
      }
      return start..<end
    }
    // `bx lr`, the last instruction of the way out.
    let way = try routine("apus_resume")
    let exit = stride(from: way.lowerBound, to: way.upperBound, by: 2).first {
      kernel.bytes(at: $0, count: 2).map(Array.init) == [0x70, 0x47]
    }
    guard let exit else { throw QEMUError("'apus_resume' has no return from an exception") }
    let frame: UInt32 = plan.board.hasFloatingPoint ? 104 : 32
    self.init(
      kernelCode: try address("apus_idle_code")..<plan.kernel.tables.base,
      kernelRAM: Range(plan.kernel.ram), reset: try address("apus_reset"), exit: exit,
      entries: [
        (try address("apus_call_entry"), .call), (try address("apus_fault_entry"), .fault),
        (try address("apus_tick_entry"), .tick), (try address("apus_interrupt_entry"), .interrupt),
        (try address("apus_start"), .start), (try address("apus_kernel_fault"), .panic),
      ],
      copy: try routine("apus_copy"), firstFrame: try routine("apus_first_frame"),
      tasks: plan.tasks.map { task in
        let callers = plan.tasks.filter { $0.calls.contains(task.index) }.map(\.index)
        return Task(
          name: task.name, code: Range(task.paddedFlash), ram: Range(task.paddedRAM),
          firstFrame: task.stackTop - frame..<task.stackTop, peers: task.calls + callers,
          devices: task.peripherals.map { Range($0.window) })
      })
    // QEMU's Stellaris boards drop a refused access to system space instead of faulting it.
    if plan.board.machine == "lm3s6965evb" { deaf = 0xE000_0000..<0xE010_0000 }
    symbols = kernel.symbolsInAddressOrder.map { ($0.address, $0.name) }
  }
}

extension Range<UInt32> {
  /// The bytes of `window`, which ends below 2^32.
  fileprivate init(_ window: Window) {
    self = window.base..<window.base + window.size
  }
}
