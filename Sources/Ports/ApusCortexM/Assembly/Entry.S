// ApusCortexM/Assembly/Entry.S: reset, the one way into the kernel, and the one way out.
// Every exception has priority 0: nothing nests, and the kernel is never re-entered.
//
// A task's registers live in its control block (ApusKernel/Task.swift): r4...r11, then its stack
// pointer. The kernel never pushes onto a task's stack: it would push with privilege where a task
// may point its stack.

  .syntax unified
  .thumb

  .equ  SYST_CSR, 0xE000E010
  .equ  SYST_ON, 7                // core clock, interrupt, on
  .equ  NVIC_ICER, 0xE000E180
  .equ  NVIC_ICPR, 0xE000E280
  .equ  NVIC_IPR, 0xE000E400
  .equ  NVIC_WORDS, (APUS_INTERRUPTS + 31) / 32
  .equ  ICSR, 0xE000ED04
  .equ  PENDSVSET, 1 << 28
  .equ  PENDSTCLR, 1 << 25
  .equ  VTOR, 0xE000ED08
  .equ  AIRCR, 0xE000ED0C
  .equ  SCR, 0xE000ED10
  .equ  CCR, 0xE000ED14
  .equ  CCR_VALUE, 1 << 9 | 1 << 4  // STKALIGN: frames are aligned to 8 bytes; DIV_0_TRP
  .equ  SHPR1, 0xE000ED18
  .equ  SHCSR, 0xE000ED24
  .equ  SHCSR_VALUE, 7 << 16      // usage, bus and MemManage faults have handlers of their own
  .equ  CFSR, 0xE000ED28
  .equ  CURRENT, APUS_TASKS * 64 + 16 // Kernel.current, as TaskTests pins it
  .equ  MPU_CTRL, 0xE000ED94
  .equ  MPU_ON, 5                 // ENABLE | PRIVDEFENA: the kernel sees the default map
  .equ  SYSRESETREQ, 0x05FA0004
  .equ  KERNEL_FAULT, 0x41505503  // ResetRecord.mark | ResetCause.kernelFault
#if APUS_FPU
  .equ  RETURN_TO_TASK, 0xFFFFFFED  // thread mode, process stack, extended frame
#else
  .equ  RETURN_TO_TASK, 0xFFFFFFFD  // thread mode, process stack
#endif

  // One section for all, so that they share their literals.
  .section .text.apus_entry, "ax", %progbits
  .balign 4

  .macro  function name
  .global \name
  .type   \name, %function
\name:
  .endm

// Reset: silences the machine, clears the kernel's memory, starts the kernel, and leaves for the
// first task. A boot loader may have left anything but an active exception: no interrupt is
// admitted before the kernel is whole, and an NMI finds in apus_kernel_fault all that it needs.
function apus_reset
  cpsid i
  movs  r4, #0
  movs  r5, #0
  movs  r6, #0
  movs  r7, #0
  mov   r8, r4
  mov   r9, r4
  mov   r10, r4
  mov   r11, r4
  subs  r2, r4, #1                // all bits
  ldr   r0, =__kernel_stack_top
  msr   msp, r0
  msr   control, r4               // the main stack, no floating-point context
  ldr   r0, =ICSR
  ldr   r1, =apus_vectors
  str   r1, [r0, #VTOR - ICSR]
  str   r4, [r0, #SCR - ICSR]     // no sleep on exit, no deep sleep
  mov   r1, #CCR_VALUE            // the caches go off before the first store that must be kept
  str   r1, [r0, #CCR - ICSR]
  str   r4, [r0, #SHPR1 - ICSR]   // priority 0, which no BASEPRI masks
  str   r4, [r0, #SHPR1 - ICSR + 4]
  str   r4, [r0, #SHPR1 - ICSR + 8]
  mov   r1, #SHCSR_VALUE          // nothing active, nothing pending
  str   r1, [r0, #SHCSR - ICSR]
  str   r2, [r0, #CFSR - ICSR]    // or the first fault would be called by the name of an old one
  str   r4, [r0, #MPU_CTRL - ICSR]
  ldr   r1, =SYST_CSR
  str   r4, [r1]
  add   r0, r1, #NVIC_ICER - SYST_CSR + 4 * NVIC_WORDS
  add   r1, r1, #NVIC_IPR - SYST_CSR
1:
  str   r2, [r0, #-4]!
  str   r2, [r0, #NVIC_ICPR - NVIC_ICER]
  stmia r1!, {r4-r11}             // the priorities of 32 interrupts
#if APUS_INTERRUPTS > 32
  lsls  r3, r0, #25               // the first word is at a multiple of 128
  bne   1b
#endif
  dsb
  isb
  ldr   r0, =__bss_start
  ldr   r1, =__bss_end            // a multiple of 32 bytes from the start: see kernel.ld
1:
  stmia r0!, {r4-r11}
  cmp   r0, r1
  blo   1b
  bl    apus_boot
  // Only an exception return can enter a task unprivileged and under its own map: PendSV serves
  // for this once, and is never pended again.
  ldr   r0, =ICSR
  mov   r1, #PENDSVSET | PENDSTCLR
  str   r1, [r0]
  dsb
  cpsie if
2:
  b     2b

// PendSV: the first task, and the start of time.
function apus_start
  add   sp, #32                   // the boot code's frame
  movs  r0, #1                    // CONTROL.nPRIV: thread mode is never privileged again
  msr   control, r0
  ldr   r1, =SYST_CSR
  movs  r0, #SYST_ON
  str   r0, [r1]
  ldr   r0, =apus_kernel          // the supervisor's control block
#if APUS_FPU
  ldr   r6, =apus_fp_from_task
#endif
  b     apus_load_context

// SysTick.
function apus_tick_entry
  ldr   r3, =apus_tick
  b     apus_enter

// Any interrupt of a device.
function apus_interrupt_entry
  ldr   r3, =apus_interrupt
  b     apus_enter

// HardFault, MemManage, BusFault, UsageFault. A fault with the process stack is the task's, also
// when it is a HardFault: a breakpoint arrives as one. Any other is ours.
function apus_fault_entry
  tst   lr, #4                    // EXC_RETURN: which stack was in use
  beq   apus_kernel_fault
  ldr   r3, =apus_fault
  b     apus_enter

// SVC, and the way that all others join.
function apus_call_entry
  ldr   r3, =apus_call
apus_enter:
  ldr   r0, =apus_kernel
  ldr   r1, [r0, #CURRENT]
  add   r0, r0, r1, lsl #6        // the control block of the task that runs
  mrs   r12, psp
  stmia r0, {r4-r12}
  mov   r5, r0
  blx   r3                        // returns the control block to resume in r0
  cmp   r0, r5
  beq   apus_resume
#if APUS_FPU
  ldr   r6, =apus_fp_from_task
  add   r7, r5, r6
  vstmia r7, {s16-s31}
#endif

// Loads what the port keeps of the task whose control block is in r0; r6 is apus_fp_from_task.
apus_load_context:
#if APUS_FPU
  add   r7, r0, r6
  vldmia r7, {s16-s31}
#endif

// Loads the map of the task whose control block is in r0. A map has the size of a control block:
// their addresses differ by a constant. The MPU is off meanwhile: a half-loaded map must not hold.
apus_load_map:
  ldr   r1, =apus_map_from_task
  ldr   r2, =MPU_CTRL
  add   r1, r0
  movs  r3, #0
  str   r3, [r2]
  adds  r3, r2, #8                // MPU_RBAR; its three aliases follow
  ldmia r1!, {r4-r11}
  stmia r3, {r4-r11}
  ldmia r1, {r4-r11}
  stmia r3, {r4-r11}
  movs  r3, #MPU_ON
  str   r3, [r2]

// Resumes the task whose control block is in r0, under the map that is loaded.
apus_resume:
  // Whatever the kernel stored is done before the exception return, which is the ISB: the map holds,
  // a masked interrupt cannot come any more (AN321, 4.6), and no store overlaps the return (Arm
  // erratum 838869 of the Cortex-M3 and M4).
  dsb
  ldmia r0, {r4-r12}
  msr   psp, r12
  mvn   lr, #~RETURN_TO_TASK
  bx    lr

// The kernel itself trapped: the frame that tells where is on the main stack. After an NMI out of a
// task there is none, and the program counter in the record means nothing.
function apus_kernel_fault
  ldr   r0, =KERNEL_FAULT
  movs  r1, #0
  movs  r2, #0
  ldr   r3, [sp, #24]

// Leaves the record in r0...r3 to the next life, and resets the machine.
function apus_reset_machine
  ldr   r4, =apus_reset_record
  stmia r4, {r0-r3}
  ldr   r4, =AIRCR
  ldr   r5, =SYSRESETREQ
  dsb                             // the record is in memory before the reset is asked for
  str   r5, [r4]
  dsb
3:
  b     3b                        // the reset takes a few cycles to arrive

// Writes a task's first frame. r0: end of its stack, r1: entry, r2: index. Returns the stack pointer.
// A return from the task's first function faults: its link register is no address.
function apus_first_frame
#if APUS_FPU
  push  {r4, lr}
  movs  r4, #18                   // s0...s15, FPSCR and a reserved word
  movs  r3, #0
4:
  str   r3, [r0, #-4]!
  subs  r4, #1
  bne   4b
  ldr   r4, =apus_fp
  add   r2, r4, r2, lsl #6
  movs  r4, #16                   // s16...s31, which the port keeps
5:
  str   r3, [r2], #4
  subs  r4, #1
  bne   5b
  pop   {r4, lr}
#endif
  mov   r2, r1
  mov   r3, #0x01000000           // xPSR: Thumb
  mov   r1, #0xFFFFFFFF
  stmdb r0!, {r1-r3}
  movs  r1, #0
  movs  r2, #0
  movs  r3, #0
  mov   r12, r1
  stmdb r0!, {r1-r3, r12}
  str   r1, [r0, #-4]!
  bx    lr

// Copies r2 bytes (0...256) from r0 to r1. Unaligned words are left to the core, which can load and
// store them one at a time, though not in multiples.
function apus_copy
  push  {r4, r5}
  orr   r3, r0, r1
  lsls  r3, r3, #30
  bne   3f
  subs  r2, #16
  blo   2f
1:
  ldmia r0!, {r3-r5, r12}
  subs  r2, #16
  stmia r1!, {r3-r5, r12}
  bhs   1b
2:
  adds  r2, #16
  beq   6f
3:
  subs  r2, #4
  blo   4f
  ldr   r3, [r0], #4
  str   r3, [r1], #4
  b     3b
4:
  adds  r2, #4
5:
  subs  r2, #1
  blo   6f
  ldrb  r3, [r0], #1
  strb  r3, [r1], #1
  b     5b
6:
  pop   {r4, r5}
  bx    lr

// What the compiler calls to clear a control block's registers.
function __aeabi_memclr8
  .global __aeabi_memclr4
  .global __aeabi_memclr
__aeabi_memclr4:
__aeabi_memclr:
  movs  r2, #0
1:
  subs  r1, #4
  it    hs
  strhs r2, [r0, r1]
  bhi   1b
  bx    lr

  .section .note.GNU-stack, "", %progbits
