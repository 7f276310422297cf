// CApus/CApusTrials.h: runs one instruction sequence, with every register as ordered, for those who
// test what then happens. No other header needs it, and no app but a test has a use for it.
//
// The lowest 192 bytes of the task's stack are the trial's: 16 bytes for its own stack pointer, the
// order (64 bytes: gadget, stack pointer or 1 to keep it, flags, r0...r12), 16 bytes of nothing, and
// the report (64 bytes: r0...r12, stack pointer, flags, a word of nothing).

#ifndef CAPUS_TRIALS_H
#define CAPUS_TRIALS_H

#include <stdint.h>

#if defined(__arm__)

/// The lowest byte of the calling task's stack.
static inline __attribute__((always_inline)) uint32_t apus_trial_memory(void) {
  uint32_t base;
  __asm__("movw %0, #:lower16:__stack_base\n movt %0, #:upper16:__stack_base" : "=r"(base));
  return base;
}

// Each gadget has 32 bytes, its number is its place, and it ends with a branch to the report.
#define APUS_GADGET(body) ".balign 32\n" body "\n b.w 9f\n"

/// Carries out the order, and reports if the task lives to do so.
///
/// The gadgets are numbered by `Gadget` in ConformanceKit; lr is theirs to destroy.
static __attribute__((naked, noinline, used)) void apus_trial(void) {
  __asm__ volatile(
      "push {r4-r11, lr}\n"
      "movw r0, #:lower16:__stack_base\n movt r0, #:upper16:__stack_base\n"
      "mov r1, sp\n str r1, [r0]\n"
      "add r0, #16\n"
      "ldr r1, [r0, #4]\n cmp r1, #1\n it ne\n movne sp, r1\n"
      "ldr r1, [r0, #8]\n msr apsr_nzcvq, r1\n"
      "ldr r1, [r0]\n adr.w r2, 1f\n add.w r1, r2, r1, lsl #5\n orr lr, r1, #1\n"
      "add r0, #12\n ldm.w r0, {r0-r12}\n"
      "bx lr\n"
      ".balign 32\n1:\n"
      APUS_GADGET("svc #0")                                             // 0
      APUS_GADGET("ldr r0, [r1]")                                       // 1
      APUS_GADGET("ldrh r0, [r1]")                                      // 2
      APUS_GADGET("ldrb r0, [r1]")                                      // 3
      APUS_GADGET("str r0, [r1]")                                       // 4
      APUS_GADGET("strh r0, [r1]")                                      // 5
      APUS_GADGET("strb r0, [r1]")                                      // 6
      APUS_GADGET("blx r1")                                             // 7
      APUS_GADGET("bx r1")                                              // 8
      APUS_GADGET("stm.w r0, {r1-r12}")                                 // 9
      APUS_GADGET("ldm.w r0, {r1-r12}")                                 // 10
      APUS_GADGET("udf #1")                                             // 11
      APUS_GADGET("svc #255")                                           // 12
      APUS_GADGET("msr control, r1\n isb\n mrs r0, control")            // 13
      APUS_GADGET("cpsid i\n cpsid f\n mrs r0, primask\n mrs r2, faultmask")  // 14
      APUS_GADGET("msr primask, r1\n msr faultmask, r1\n msr basepri, r1\n"
                  " mrs r0, primask\n mrs r2, basepri\n mrs r3, faultmask")  // 15
      APUS_GADGET("mrs r0, msp\n mrs r2, psp")                          // 16
      APUS_GADGET("msr msp, r1\n mrs r0, msp")                          // 17
      APUS_GADGET("msr psp, r1\n mrs r0, psp")                          // 18
      APUS_GADGET("mrs r0, ipsr\n mrs r1, epsr\n mrs r2, iepsr")        // 19
      APUS_GADGET("wfi")                                                // 20
      APUS_GADGET("sev\n wfe\n wfe\n yield")                            // 21
      APUS_GADGET("bkpt #0")                                            // 22
      APUS_GADGET("bkpt #0xab")                                         // 23
      APUS_GADGET(".inst.w 0xee100f10")                                 // 24: mrc p15
      APUS_GADGET("mov lr, r1\n bx lr")                                 // 25
      APUS_GADGET("push {r1}\n pop {pc}")                               // 26
      APUS_GADGET("udiv r0, r1, r2")                                    // 27
      APUS_GADGET("ldrd r0, r1, [r2]")                                  // 28
      APUS_GADGET("ldm r2, {r0, r1}")                                   // 29
      APUS_GADGET("ldrex r0, [r2]")                                     // 30
      APUS_GADGET("2: subs r0, #1\n bne 2b")                            // 31
      APUS_GADGET("2: b 2b")                                            // 32
      APUS_GADGET("2: ldr r3, [r0], #4\n cmp r3, r2\n it ne\n addne r4, #1\n cmp r0, r1\n blo 2b")
      APUS_GADGET("2: ldr r2, [r0], #4\n b 2b")                         // 34
      APUS_GADGET("2: ldr r2, [r0], #-4\n b 2b")                        // 35
      // 36: all floating-point registers from r0, a call, and back to r2.
      APUS_GADGET(".inst.w 0xec900a20\n .inst.w 0xeee11a10\n svc #0\n .inst.w 0xeef13a10\n"
                  " .inst.w 0xec820a20")
      // 37: all floating-point registers to r2, FPSCR to r3.
      APUS_GADGET(".inst.w 0xec820a20\n .inst.w 0xeef13a10")
      // 38: all from r0, then an undefined instruction.
      APUS_GADGET(".inst.w 0xec900a20\n udf #1")
      APUS_GADGET("2: push {r0-r7}\n b 2b")                             // 39
      APUS_GADGET("2: svc #0\n subs r0, #1\n bne 2b")                   // 40
      APUS_GADGET("ldr pc, [r1]")                                       // 41
      APUS_GADGET(".inst.w 0xf7f0a000")                                 // 42: udf.w
      // 43: all from r0, FPSCR from r1, then an undefined instruction in a loop of r3 first.
      APUS_GADGET(".inst.w 0xec900a20\n .inst.w 0xeee11a10\n 2: subs r3, #1\n bne 2b\n"
                  " .inst.w 0xec820a20")
      APUS_GADGET("ldrex r0, [r2]\n svc #0\n strex r3, r0, [r2]")       // 44
      APUS_GADGET("mov r8, #0\n mov r9, #0\n .inst.n 0xde55")           // 45
      // 46: r1 calls with registers from a generator seeded with r0; masks r2 (r11) and r3 (r4).
      APUS_GADGET("b.w 3f")
      APUS_GADGET("str r0, [r1]\n str r0, [r1, #4]!\n b.n .-4")         // 47
      APUS_GADGET(".inst.w 0xec900a20\n svc #0")                        // 48
      APUS_GADGET("cpsie i\n cpsie f")                                  // 49
      APUS_GADGET("nop")                                                // 50
      APUS_GADGET("str r0, [r1]\n 2: b 2b")                             // 51
      "3:\n"
      "movw r12, #0x660d\n movt r12, #0x19\n"
      ".macro apus_random register\n mul r0, r0, r12\n addw r0, r0, #0x35f\n"
      " eor \\register, r0, r0, lsr #15\n.endm\n"
      "4:\n"
      "apus_random r4\n apus_random r5\n apus_random r6\n apus_random r7\n"
      "apus_random r8\n apus_random r9\n apus_random r10\n apus_random r11\n"
      "and r4, r3\n and r11, r2\n"
      // A third of the slices begin in the task's own memory, or the calls would never get far.
      "tst r0, #0x100\n it ne\n movne r5, sp\n tst r0, #0x200\n it ne\n movne r7, sp\n"
      "tst r0, #0x400\n it ne\n andne r6, #0xff\n tst r0, #0x800\n it ne\n andne r8, #0xff\n"
      "tst r0, #0x1000\n it ne\n andne r10, #3\n tst r0, #0x2000\n it ne\n movne r9, sp\n"
      "svc #0\n"
      "subs r1, #1\n bne 4b\n"
      ".balign 4\n9:\n"
      "mov lr, sp\n push {lr}\n"
      "movw lr, #:lower16:__stack_base\n movt lr, #:upper16:__stack_base\n"
      "add lr, #96\n stm.w lr, {r0-r12}\n"
      "pop {r1}\n str.w r1, [lr, #52]\n"
      "mrs r0, apsr\n str.w r0, [lr, #56]\n"
      "sub lr, #96\n ldr.w r1, [lr]\n mov sp, r1\n"
      "pop {r4-r11, pc}\n");
}

#else

void apus_host_misdeed(uint32_t kind);

/// There is no such memory on the host.
static inline uint32_t apus_trial_memory(void) { return 0; }

/// A trial makes sense on the machine alone; for a host it is a misdeed with a number of its own.
static inline void apus_trial(void) { apus_host_misdeed(0xFF); }

#endif

#endif
