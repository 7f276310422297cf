// CFibers/CFibers.h: stacks of their own for the tasks of a simulation, on one thread.
// Nothing here schedules: a fiber runs when it is resumed and stops when it yields.

#ifndef CFIBERS_H
#define CFIBERS_H

#include <stddef.h>

typedef struct ApusFiber ApusFiber;

/// Why a fiber came back.
enum ApusFiberEnd {
  /// It yielded, and can be resumed.
  ApusFiberYielded = 0,
  /// It executed a trap, as a failed check of Swift does; it can only be freed.
  ApusFiberTrapped = 1,
  /// It used the processor for one to two seconds without yielding; it can be resumed where it was.
  ApusFiberStuck = 2
};

/// Makes a fiber that will run `entry(argument)`, which must not return; aborts without memory.
ApusFiber *apus_fiber_make(void (*entry)(void *), void *argument, size_t stackBytes);

/// Runs the fiber until it yields, traps or is stuck.
enum ApusFiberEnd apus_fiber_resume(ApusFiber *fiber);

/// Gives control back to who resumed the fiber; called on the fiber itself.
void apus_fiber_yield(ApusFiber *fiber);

/// Forgets the fiber, wherever it is; not to be called on itself.
void apus_fiber_free(ApusFiber *fiber);

#endif
