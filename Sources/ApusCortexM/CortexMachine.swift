// ApusCortexM/CortexMachine.swift: the machine under the kernel, made of real registers and memory.
// No policy: each requirement of `Machine` is one access, or one call of the assembly.

#if hasFeature(Embedded)
  import ApusABI
  import ApusKernel

  @_extern(c, "apus_copy")
  private func copyBytes(_ source: UInt32, _ destination: UInt32, _ count: UInt32)
  @_extern(c, "apus_first_frame")
  private func makeFirstFrame(_ stackTop: UInt32, _ entry: UInt32, _ index: UInt32) -> UInt32

  /// The one core, as the kernel sees it. It has no state of its own.
  struct CortexMachine: Machine {
    @inline(__always)
    func descriptor(_ index: Int) -> TaskDescriptor {
      // In range: the kernel passes an index below its count of tasks, and the table has as many.
      unsafe Placement.tasks[index]
    }

    @inline(__always)
    var interruptCount: Int {
      unsafe Placement.interrupts.distance(to: Placement.interruptsEnd)
    }

    @inline(__always)
    func interruptOwner(_ row: Int) -> InterruptOwner {
      unsafe Placement.interrupts[row]
    }

    @inline(__always)
    func mask(_ number: UInt32) {
      SystemRegister.clearEnable(number).value = 1 &<< number
    }

    @inline(__always)
    func unmask(_ number: UInt32) {
      SystemRegister.setEnable(number).value = 1 &<< number
    }

    @inline(__always)
    func clearPending(_ number: UInt32) {
      SystemRegister.clearPending(number).value = 1 &<< number
    }

    @inline(__always)
    func status(_ number: UInt32) -> UInt32 {
      let enabled = SystemRegister.setEnable(number).value &>> (number & 31) & 1
      let pending = SystemRegister.setPending(number).value &>> (number & 31) & 1
      return enabled &* InterruptStatus.enabled | pending &* InterruptStatus.pending
    }

    @inline(__always)
    func copy(from source: UInt32, to destination: UInt32, count: UInt32) {
      copyBytes(source, destination, count)
    }

    @inline(__always)
    func word(at address: UInt32) -> UInt32 {
      // The kernel has found the word inside a window of a task, and windows are real memory.
      unsafe UnsafePointer<UInt32>(bitPattern: UInt(address)).unsafelyUnwrapped.pointee
    }

    @inline(__always)
    func firstFrame(_ index: Int) -> UInt32 {
      let task = descriptor(index)
      return makeFirstFrame(task.stackTop, task.entry, UInt32(truncatingIfNeeded: index))
    }

    func reset(_ record: ResetRecord) {
      unsafe Placement.resetRecord.pointee = record
      SystemRegister.resetControl.value = 0x05FA_0004
      // The reset takes a few cycles to arrive; nothing may run in them.
      while true {}
    }

    @inline(__always)
    func resetRecord() -> ResetRecord {
      unsafe Placement.resetRecord.pointee
    }
  }
#endif
