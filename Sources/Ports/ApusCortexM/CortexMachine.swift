// ApusCortexM/CortexMachine.swift: the machine under the kernel, with real registers and memory.
// No policy: each requirement of `Machine` is one access, or one call into the assembly.

#if hasFeature(Embedded)
  import ApusABI
  import ApusKernel

  @_extern(c, "apus_copy")
  private func copyBytes(_ source: UInt32, _ destination: UInt32, _ count: UInt32)
  @_extern(c, "apus_reset_machine")
  private func resetMachine(
    _ cause: UInt32, _ state: UInt32, _ address: UInt32, _ programCounter: UInt32
  )
  @_extern(c, "apus_first_frame")
  private func makeFirstFrame(_ stackTop: UInt32, _ entry: UInt32, _ index: UInt32) -> UInt32

  /// The one core, as the kernel sees it.
  ///
  /// It has no state of its own.
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
      var status: UInt32 = 0
      if SystemRegister.setEnable(number).value & 1 &<< number != 0 {
        status |= InterruptStatus.enabled
      }
      if SystemRegister.setPending(number).value & 1 &<< number != 0 {
        status |= InterruptStatus.pending
      }
      return status
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
      return makeFirstFrame(task.stackTop, task.flashBase, UInt32(truncatingIfNeeded: index))
    }

    @inline(__always)
    func reset(_ record: ResetRecord) {
      resetMachine(record.cause, record.state, record.address, record.programCounter)
    }

    @inline(__always)
    func resetRecord() -> ResetRecord {
      unsafe Placement.resetRecord.pointee
    }
  }
#endif
