// CApus/CApusMisdeeds.h: instructions that a task must never execute, for those who test what then
// happens. Nothing here is safe to call, and no other header needs it.

#ifndef CAPUS_MISDEEDS_H
#define CAPUS_MISDEEDS_H

#include <stdint.h>

#define APUS_MISDEED static inline __attribute__((always_inline)) void

/// The misdeeds by number, as a host learns of them.
enum ApusMisdeed {
  ApusMisdeedStack = 1,
  ApusMisdeedText = 2,
  ApusMisdeedIllegal = 3,
  ApusMisdeedDivide = 4,
  ApusMisdeedState = 5,
  ApusMisdeedUnaligned = 6,
  ApusMisdeedBreakpoint = 7
};

#if defined(__arm__)

/// Takes a frame far larger than any stack, as a huge local array would, and pushes into it.
///
/// The stack pointer goes by way of a register, so that a static bound of the other paths holds.
APUS_MISDEED apus_misdeed_stack(void) {
  __asm__ volatile("mov r0, sp\n sub r0, r0, #0x10000\n mov sp, r0\n push {r0-r7}" ::: "r0", "memory");
}

/// Executes the stack, which no task may.
APUS_MISDEED apus_misdeed_text(void) {
  __asm__ volatile("mov r0, sp\n orr r0, #1\n bx r0" ::: "r0", "memory");
}

/// Executes an instruction that is none.
APUS_MISDEED apus_misdeed_illegal(void) { __asm__ volatile("udf #1" ::: "memory"); }

/// Divides by zero, without the check that Swift puts before each division.
APUS_MISDEED apus_misdeed_divide(void) {
  uint32_t quotient;
  __asm__ volatile("udiv %0, %1, %2" : "=r"(quotient) : "r"(1), "r"(0));
}

/// Branches to an even address, which leaves the Thumb state.
APUS_MISDEED apus_misdeed_state(void) {
  __asm__ volatile("mov r0, pc\n bic r0, #1\n bx r0" ::: "r0", "memory");
}

/// Loads two words from an address that is no multiple of four.
APUS_MISDEED apus_misdeed_unaligned(void) {
  __asm__ volatile("add r0, sp, #0\n add r0, #2\n ldrd r0, r1, [r0]" ::: "r0", "r1", "memory");
}

/// Stops for a debugger that is not there.
APUS_MISDEED apus_misdeed_breakpoint(void) { __asm__ volatile("bkpt #0" ::: "memory"); }

#else

void apus_host_misdeed(uint32_t kind);

APUS_MISDEED apus_misdeed_stack(void) { apus_host_misdeed(ApusMisdeedStack); }
APUS_MISDEED apus_misdeed_text(void) { apus_host_misdeed(ApusMisdeedText); }
APUS_MISDEED apus_misdeed_illegal(void) { apus_host_misdeed(ApusMisdeedIllegal); }
APUS_MISDEED apus_misdeed_divide(void) { apus_host_misdeed(ApusMisdeedDivide); }
APUS_MISDEED apus_misdeed_state(void) { apus_host_misdeed(ApusMisdeedState); }
APUS_MISDEED apus_misdeed_unaligned(void) { apus_host_misdeed(ApusMisdeedUnaligned); }
APUS_MISDEED apus_misdeed_breakpoint(void) { apus_host_misdeed(ApusMisdeedBreakpoint); }

#endif

#endif
