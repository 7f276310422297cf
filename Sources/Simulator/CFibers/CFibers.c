// CFibers/CFibers.c: fibers by ucontext, with the cures that Swift needs.
//
// A fiber that is abandoned inside a mutating call would leave Swift's record of it behind, and the
// task's next life would die of it: each fiber has a record of its own, put in place while it runs.
// A trap of a task must end that task alone: its signal switches back instead of ending the process.
// A task in an endless loop is left the same way, by the signal of a clock that its thread has.

#define _GNU_SOURCE
#include "CFibers.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

// Of the Swift runtime (Exclusivity.cpp): a caller gives the room, eight words are enough.
extern void swift_task_enterThreadLocalContext(char *state);
extern void swift_task_exitThreadLocalContext(char *state);

struct ApusFiber {
  ucontext_t own, caller;
  void (*entry)(void *);
  void *argument;
  char *stack;
  size_t stackBytes;
  enum ApusFiberEnd end;
  _Alignas(16) char accesses[64];
};

// A thread runs at most one fiber at a time.
static _Thread_local ApusFiber *running;
// How often this thread has resumed a fiber, and how often it had when its clock last rang.
static _Thread_local unsigned long resumes, resumesAtRing;
static _Thread_local int hasClock;

static struct sigaction formerIllegal, formerTrap;

static void trapped(int number, siginfo_t *info, void *context) {
  ApusFiber *fiber = running;
  if (!fiber) {
    // Not ours: put the former action back; the instruction traps again.
    sigaction(number, number == SIGILL ? &formerIllegal : &formerTrap, NULL);
    return;
  }
  (void)info;
  (void)context;
  fiber->end = ApusFiberTrapped;
  setcontext(&fiber->caller);
}

static void rang(int number) {
  (void)number;
  ApusFiber *fiber = running;
  if (!fiber || resumes != resumesAtRing) {
    resumesAtRing = resumes;
    return;
  }
  fiber->end = ApusFiberStuck;
  swapcontext(&fiber->own, &fiber->caller);
}

// A clock that rings for each second of this thread's processor time. It goes with the process.
static void wind(void) {
  hasClock = 1;
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGPROF;
  event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
  timer_t timer;
  struct itimerspec second = {{1, 0}, {1, 0}};
  if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) == 0)
    timer_settime(timer, 0, &second, NULL);
}

static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = trapped;
  // The handler does not return, so the signal must not stay blocked.
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGILL, &action, &formerIllegal);
  sigaction(SIGTRAP, &action, &formerTrap);
  memset(&action, 0, sizeof action);
  action.sa_handler = rang;
  action.sa_flags = SA_NODEFER | SA_RESTART;
  sigaction(SIGPROF, &action, NULL);
}

static void start(unsigned high, unsigned low) {
  ApusFiber *fiber = (ApusFiber *)((unsigned long)high << 32 | low);
  fiber->entry(fiber->argument);
  fprintf(stderr, "apus: a task returned\n");
  abort();
}

ApusFiber *apus_fiber_make(void (*entry)(void *), void *argument, size_t stackBytes) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
  ApusFiber *fiber = calloc(1, sizeof *fiber);
  char *stack = mmap(
      NULL, stackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (!fiber || stack == MAP_FAILED) {
    fprintf(stderr, "apus: no memory for a fiber\n");
    abort();
  }
  // Runs downwards into a page that faults, instead of into somebody else's memory.
  mprotect(stack, 4096, PROT_NONE);
  fiber->entry = entry;
  fiber->argument = argument;
  fiber->stack = stack;
  fiber->stackBytes = stackBytes;
  getcontext(&fiber->own);
  fiber->own.uc_stack.ss_sp = stack;
  fiber->own.uc_stack.ss_size = stackBytes;
  fiber->own.uc_link = NULL;
  unsigned long place = (unsigned long)fiber;
  makecontext(
      &fiber->own, (void (*)(void))start, 2, (unsigned)(place >> 32), (unsigned)place);
  return fiber;
}

enum ApusFiberEnd apus_fiber_resume(ApusFiber *fiber) {
  if (!hasClock) wind();
  fiber->end = ApusFiberYielded;
  resumes += 1;
  running = fiber;
  swift_task_enterThreadLocalContext(fiber->accesses);
  swapcontext(&fiber->caller, &fiber->own);
  swift_task_exitThreadLocalContext(fiber->accesses);
  running = NULL;
  return fiber->end;
}

void apus_fiber_yield(ApusFiber *fiber) { swapcontext(&fiber->own, &fiber->caller); }

void apus_fiber_free(ApusFiber *fiber) {
  munmap(fiber->stack, fiber->stackBytes);
  free(fiber);
}
