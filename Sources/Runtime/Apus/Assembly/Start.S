// Apus/Assembly/Start.S: a task's first instructions, and the memory routines that compilers call.
// Nothing here knows the task: it is linked into each one anew.

#if defined(__arm__)
  .syntax unified
  .thumb

// Entered by the kernel with sp at the end of the task's stack, at boot and at each restart.
// The paint lets `footprint` see how deep the stack went; the task pays for it, not the kernel.
  .section .text.apus_task_start, "ax", %progbits
  .global apus_task_start
  .type apus_task_start, %function
  .thumb_func
apus_task_start:
  ldr r0, =__stack_base
  mov r1, sp
  mvn r2, #0x18181818  // 0xE7E7E7E7 without a literal
1:
  stmia r0!, {r2}
  cmp r0, r1
  blo 1b
  b apus_task_main     // It never returns: its Swift type says so.
  .ltorg
  .size apus_task_start, . - apus_task_start

// The compilers call these for copies of eight words and more. Byte by byte is the smallest that
// is right for every alignment; each stands in a section of its own, so that it costs only users.
.macro function name
  .global \name
  .type \name, %function
  .thumb_func
\name:
.endm

  .section .text.__aeabi_memcpy, "ax", %progbits
  function __aeabi_memcpy
  function __aeabi_memcpy4
  function __aeabi_memcpy8
  function memcpy
  push {r0, r4, lr}
  b 2f
1:
  subs r2, #1
  ldrb r4, [r1], #1
  strb r4, [r0], #1
2:
  cmp r2, #0
  bne 1b
  pop {r0, r4, pc}
  .size memcpy, . - memcpy

  .section .text.__aeabi_memmove, "ax", %progbits
  function __aeabi_memmove
  function __aeabi_memmove4
  function __aeabi_memmove8
  function memmove
  push {r0, r4, lr}
  cmp r0, r1
  bls 2f
3:                    // The target lies above: the last byte first, or it is overwritten.
  cbz r2, 4f
  subs r2, #1
  ldrb r4, [r1, r2]
  strb r4, [r0, r2]
  b 3b
1:
  subs r2, #1
  ldrb r4, [r1], #1
  strb r4, [r0], #1
2:
  cmp r2, #0
  bne 1b
4:
  pop {r0, r4, pc}
  .size memmove, . - memmove

  .section .text.__aeabi_memclr, "ax", %progbits
  function __aeabi_memclr
  function __aeabi_memclr4
  function __aeabi_memclr8
  movs r2, #0
  b 2f
1:
  subs r1, #1
  strb r2, [r0], #1
2:
  cmp r1, #0
  bne 1b
  bx lr
  .size __aeabi_memclr8, . - __aeabi_memclr8

// The order of arguments differs from C's: target, count, value.
  .section .text.__aeabi_memset, "ax", %progbits
  function __aeabi_memset
  function __aeabi_memset4
  function __aeabi_memset8
  b 2f
1:
  subs r1, #1
  strb r2, [r0], #1
2:
  cmp r1, #0
  bne 1b
  bx lr
  .size __aeabi_memset8, . - __aeabi_memset8

  .section .text.memset, "ax", %progbits
  function memset
  mov r3, r0
  b 2f
1:
  subs r2, #1
  strb r1, [r3], #1
2:
  cmp r2, #0
  bne 1b
  bx lr
  .size memset, . - memset

  .section .note.GNU-stack, "", %progbits
#endif
