// ApusCortexM/Assembly/Vectors.S: the board's full vector table, and the memory that is the kernel's.
// APUS_INTERRUPTS and APUS_TASKS come from the plan.

  .syntax unified
  .thumb

  .section .vectors, "a", %progbits
  .global apus_vectors
apus_vectors:
  .word __kernel_stack_top
  .word apus_reset
  .word apus_kernel_fault         // NMI: may come before the kernel is whole, and resets
  .word apus_fault_entry          // HardFault
  .word apus_fault_entry          // MemManage
  .word apus_fault_entry          // BusFault
  .word apus_fault_entry          // UsageFault
  .word 0
  .word 0
  .word 0
  .word 0
  .word apus_call_entry           // SVCall
  .word apus_kernel_fault         // Debug monitor: never enabled
  .word 0
  .word apus_start                // PendSV
  .word apus_tick_entry           // SysTick
  .rept APUS_INTERRUPTS
  .word apus_interrupt_entry
  .endr

// The idle task: unprivileged, in a region of its own like any other.
  .section .text.apus_idle_code, "ax", %progbits
  .balign 32
  .global apus_idle_code
  .type apus_idle_code, %function
apus_idle_code:
  wfi
  b     apus_idle_code
  .balign 32

#if APUS_FPU
  .equ IDLE_STACK, 128            // the region that holds an extended frame, 104 bytes
#else
  .equ IDLE_STACK, 32             // one frame
#endif
  .section .noinit.apus_idle_stack, "aw", %nobits
  .balign IDLE_STACK
  .global apus_idle_stack
apus_idle_stack:
  .space IDLE_STACK

// The kernel's state: the control blocks first, `current` where Entry.S looks for it.
  .section .bss.apus_kernel, "aw", %nobits
  .balign 8
  .global apus_kernel
apus_kernel:
  .space APUS_TASKS * 64 + 24     // Kernel<APUS_TASKS>: Doors.swift checks that it fits

#if APUS_FPU
// s16...s31 of each task that does not run.
  .section .bss.apus_fp, "aw", %nobits
  .balign 8
  .global apus_fp
apus_fp:
  .space APUS_TASKS * 64
#endif

// The last words of a dying machine. Neither cleared nor loaded: see kernel.ld.
  .section .noinit.apus_reset_record, "aw", %nobits
  .balign 8
  .global apus_reset_record
apus_reset_record:
  .space 16

  .section .note.GNU-stack, "", %progbits
