// KernelSabotage/BrokenPorts.swift: the port broken on purpose: registers, exceptions, maps, kinds.
// Every image still starts and talks to its host: what does not start shows nothing of a case.

extension Sabotage {
  /// Mistakes of the port, and of the code that begins a task's life.
  public static let brokenPorts =
    brokenEntries + brokenBoots + brokenRegisters + brokenKinds + forgottenBarriers

  private static let entry = "Sources/Ports/ApusCortexM/Assembly/Entry.S"
  private static let doors = "Sources/Ports/ApusCortexM/Doors.swift"
  private static let status = "Sources/Ports/ApusCortexM/FaultStatus.swift"

  /// The ways into the kernel and out of it.
  private static let brokenEntries = [
    Sabotage(
      "no map", "The MPU is never on, so that every task may touch everything.",
      file: entry, ".equ  MPU_ON, 5", becomes: ".equ  MPU_ON, 4"),
    Sabotage(
      "privileged tasks", "Tasks run with privilege.",
      file: entry, "movs  r0, #1                    // CONTROL.nPRIV",
      becomes: "movs  r0, #0                    // CONTROL.nPRIV"),
    Sabotage(
      "padding forgotten", "A padded frame of task 5 is popped as if it were not padded.",
      file: entry, "mrs   r12, psp",
      becomes: """
        mrs   r12, psp
          ldr   r2, =apus_kernel + 5 * 64
          cmp   r1, r2
          bne   9f
          ldr   r2, [r12, #28]
          bic   r2, r2, #0x200
          str   r2, [r12, #28]
        9:
        """),
    Sabotage(
      "word below the frame", "The entry keeps a word on the task's own stack.",
      file: entry, "mrs   r12, psp", becomes: "mrs   r12, psp\n  str   r12, [r12, #-4]"),
    Sabotage(
      "immediate is read", "A call whose immediate is not 0 is taken for a fault.",
      file: entry, "  ldr   r3, =apus_call\napus_enter:",
      becomes: """
          mrs   r2, psp
          ldr   r2, [r2, #24]
          ldrb  r2, [r2, #-2]
          ldr   r3, =apus_call
          cmp   r2, #0
          beq   apus_enter
          ldr   r3, =apus_fault
        apus_enter:
        """),
    Sabotage(
      "no reset record", "A machine that dies tells its next life that it did, and nothing more.",
      file: entry, "  stmia r4, {r0-r3}\n",
      becomes: """
          bic   r0, r0, #0xFF
          movs  r1, #0
          movs  r2, #0
          movs  r3, #0
          stmia r4, {r0-r3}

        """),
    Sabotage(
      "memory not cleared", "Each eighth word of the kernel's memory keeps what a register held.",
      file: entry, "  mov   r11, r4\n", becomes: ""),
    Sabotage(
      "no map before the first switch", "The first task begins while the MPU is still off.",
      file: entry, "  b     apus_load_context\n", becomes: "  b     apus_resume\n"),
    Sabotage(
      "half of the floating point kept", "s16...s31 are loaded at each resumption, never saved.",
      file: entry,
      """
        cmp   r0, r5
        beq   apus_resume
      #if APUS_FPU
        ldr   r6, =apus_fp_from_task
        add   r7, r5, r6
        vstmia r7, {s16-s31}
      """,
      becomes: """
        #if APUS_FPU
          ldr   r6, =apus_fp_from_task
        """),
    Sabotage(
      "floating point inherited", "A new life begins with s16...s31 of the old one.",
      file: entry, "  str   r3, [r2], #4\n", becomes: ""),
    Sabotage(
      "painted once", "Only a task's first life finds its stack painted.",
      file: "Sources/Runtime/Apus/Assembly/Start.S",
      "  mvn r2, #0x18181818  // 0xE7E7E7E7 without a literal\n",
      becomes: """
          mvn r2, #0x18181818
          ldr r3, [r0, #188]
          cmp r3, r2
          it eq
          subeq r0, r1, #4

        """),
  ]

  /// What reset code leaves as it found it.
  private static let brokenBoots = [
    Sabotage(
      "first task inherits floating point", "The first task begins with a boot loader's s16...s31.",
      file: entry, "  b     apus_load_context\n", becomes: "  b     apus_load_map\n"),
    Sabotage(
      "old faults kept", "The first fault is called by the name of one that a boot loader had.",
      file: entry, "  str   r2, [r0, #CFSR - ICSR]", becomes: "  nop"),
  ]

  /// Barriers that silicon needs and QEMU does not: a reading of the disassembly finds them missing.
  public static let forgottenBarriers = [
    Sabotage(
      "no barrier before the return", "An exception returns while a store is on its way.",
      file: entry, "  dsb\n  ldmia r0, {r4-r12}", becomes: "  ldmia r0, {r4-r12}"),
    Sabotage(
      "no barrier before the reset", "The reset may come before its record is in memory.",
      file: entry, "  dsb                             // the record is in memory", becomes: "  //"),
    Sabotage(
      "no barrier before interrupts", "Interrupts are admitted while reset code still stores.",
      file: entry, "  dsb\n  cpsie if", becomes: "  cpsie if"),
  ]

  /// The core's registers, and what is asked of the machine.
  private static let brokenRegisters = [
    Sabotage(
      "lines in words of 64", "The NVIC's word of a line is found as if words had 64 bits.",
      file: "Sources/Ports/ApusCortexM/SystemRegisters.swift", "UInt(number &>> 5)",
      becomes: "UInt(number &>> 6)"),
    Sabotage(
      "no trap for a division", "A division by zero gives 0.",
      file: entry, ".equ  CCR_VALUE, 1 << 9 | 1 << 4", becomes: ".equ  CCR_VALUE, 1 << 9"),
    Sabotage(
      "no tick", "SysTick counts, but does not interrupt.",
      file: entry, ".equ  SYST_ON, 7", becomes: ".equ  SYST_ON, 5"),
    Sabotage(
      "pending exceptions kept", "An exception whose frame did not fit stays pending.",
      file: doors,
      "SystemRegister.systemHandlerControl.value = "
        + "SystemRegister.systemHandlerControl.value & ~0xF000",
      becomes: ""),
    Sabotage(
      "a word is lost", "A copy of four bytes is left out if the lowest two bits are set.",
      file: "Sources/Ports/ApusCortexM/CortexMachine.swift",
      "copyBytes(source, destination, count)",
      becomes: """
        if count != 4 || word(at: source) & 3 != 3 {
                copyBytes(source, destination, count)
              }
        """),
  ]

  /// The kinds of faults.
  private static let brokenKinds = [
    Sabotage(
      "refused execution is memory", "A jump to where nothing may be executed is called a load.",
      file: status, "{ return .illegalText }", becomes: "{ return .memory }"),
    Sabotage(
      "breakpoint and rest exchanged", "A breakpoint is an invalid operation, and the reverse.",
      file: status, "rawValue == 0 ? .breakpoint", becomes: "rawValue != 0 ? .breakpoint"),
    Sabotage(
      "undefined is invalid", "An undefined instruction is called an invalid operation.",
      file: status, "undefinedInstruction: UInt32 = 1 << 16",
      becomes: "undefinedInstruction: UInt32 = 1 << 17"),
    Sabotage(
      "no stack overflow", "A frame that does not fit is not told from other faults.",
      file: status, "stacking: UInt32 = 0x0000_3838", becomes: "stacking: UInt32 = 0"),
  ]
}
