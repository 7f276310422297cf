// ApusCortexM/Placement.swift: the addresses that the linker gives, as typed pointers.
// The assembly and the planner's tables reserve the memory; nothing here reads or writes it.

#if hasFeature(Embedded)
  import ApusABI
  import ApusKernel

  // Each is the first word of what its name says; only the address is ever used.
  @_extern(c, "apus_kernel") nonisolated(unsafe) private var kernelWord: UInt32
  @_extern(c, "apus_tasks") nonisolated(unsafe) private var tasksWord: UInt32
  @_extern(c, "apus_interrupts") nonisolated(unsafe) private var interruptsWord: UInt32
  @_extern(c, "apus_interrupts_end") nonisolated(unsafe) private var interruptsEndWord: UInt32
  @_extern(c, "apus_reset_record") nonisolated(unsafe) private var resetRecordWord: UInt32

  /// Where things lie in this image.
  enum Placement {
    /// The kernel's state, reserved by Vectors.S: the assembly and the linker must know its place.
    @inline(__always)
    static var kernel: UnsafeMutablePointer<ImageKernel> {
      unsafe pointer(to: &kernelWord)
    }

    /// The planner's descriptors, one for each task.
    @inline(__always)
    static var tasks: UnsafeMutablePointer<TaskDescriptor> { unsafe pointer(to: &tasksWord) }

    /// The planner's table of interrupts.
    @inline(__always)
    static var interrupts: UnsafeMutablePointer<InterruptOwner> {
      unsafe pointer(to: &interruptsWord)
    }

    /// The end of that table.
    @inline(__always)
    static var interruptsEnd: UnsafeMutablePointer<InterruptOwner> {
      unsafe pointer(to: &interruptsEndWord)
    }

    /// Four words that no load and no clearing touches: see kernel.ld.
    @inline(__always)
    static var resetRecord: UnsafeMutablePointer<ResetRecord> {
      unsafe pointer(to: &resetRecordWord)
    }

    /// The symbol's memory has the type and the size that its definition in assembly says.
    @inline(__always)
    private static func pointer<Value>(to word: inout UInt32) -> UnsafeMutablePointer<Value> {
      unsafe withUnsafeMutablePointer(to: &word) {
        unsafe UnsafeMutableRawPointer($0).assumingMemoryBound(to: Value.self)
      }
    }
  }
#endif
