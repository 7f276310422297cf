// ApusCortexM/Doors.swift: from the assembly's exception entry into the kernel and back.
// Each entry function returns the control block of the task that runs next.

#if hasFeature(Embedded)
  import ApusABI
  import ApusKernel

  // Each door has the kernel for itself: handler mode is entered at one priority, nothing nests.

  /// The address of the control block of the task that runs next.
  @inline(__always)
  private func next() -> UInt32 {
    let kernel = unsafe Placement.kernel
    return unsafe UInt32(UInt(bitPattern: kernel)) &+ kernel.pointee.current &* 64
  }

  /// Sets up the machine and starts every task; called once, by the reset handler, after it has put
  /// the machine into a known state and cleared the kernel's memory.
  @c(apus_boot)
  public func boot() {
    precondition(MemoryLayout<Task>.stride == 64, "Entry.S scales indices by 64")
    precondition(
      MemoryLayout<ImageKernel>.size <= MemoryLayout<Task>.stride * ImageKernel.taskCount + 24,
      "Vectors.S reserves the kernel's state")
    if ImageConfiguration.hasFloatingPoint {
      // Full access to coprocessors 10 and 11, and no lazy stacking: a frame is written at entry or
      // not at all, under the map of the task that owns it.
      SystemRegister.coprocessorAccess.value = 0x00F0_0000
      SystemRegister.floatingPointContext.value = 0x8000_0000
    }
    // SysTick is off: the first period is whole when the first task starts it.
    SystemRegister.sysTickReload.value = ImageConfiguration.sysTickReload
    SystemRegister.sysTickCurrent.value = 0
    var machine = CortexMachine()
    unsafe Placement.kernel.pointee.boot(&machine)
  }

  /// `svc`: the running task calls the kernel.
  @c(apus_call)
  public func call() -> UInt32 {
    var machine = CortexMachine()
    unsafe Placement.kernel.pointee.call(&machine)
    return next()
  }

  /// SysTick: one tick has passed.
  @c(apus_tick)
  public func tick() -> UInt32 {
    var machine = CortexMachine()
    unsafe Placement.kernel.pointee.tick(&machine)
    return next()
  }

  /// An interrupt of a device.
  @c(apus_interrupt)
  public func interrupt() -> UInt32 {
    var machine = CortexMachine()
    let number = SystemRegister.interruptControlState.value & 0x1FF &- 16
    unsafe Placement.kernel.pointee.interrupt(number, &machine)
    return next()
  }

  /// A fault of the running task; the entry code has already handled the kernel's own faults.
  @c(apus_fault)
  public func fault() -> UInt32 {
    let status = FaultStatus(rawValue: SystemRegister.configurableFaultStatus.value)
    SystemRegister.configurableFaultStatus.value = status.rawValue
    // A frame that could not be pushed leaves the exception that wanted it pending: uncleared, an
    // `svc` would become a call that the next task never made.
    SystemRegister.systemHandlerControl.value = SystemRegister.systemHandlerControl.value & ~0xF000
    var address: UInt32 = 0
    if status.rawValue & FaultStatus.memoryAddressValid != 0 {
      address = SystemRegister.memoryFaultAddress.value
    }
    if status.rawValue & FaultStatus.busAddressValid != 0 {
      address = SystemRegister.busFaultAddress.value
    }
    var machine = CortexMachine()
    unsafe Placement.kernel.pointee.fault(status.kind, address: address, &machine)
    return next()
  }
#endif
