// CApus/CApus.c: where the calls of a task go on the host: to whoever the thread has installed.
// Nothing of this file is in an image; the target's calls are single instructions.

#include "CApus.h"
#include "CApusMisdeeds.h"

#if !defined(__arm__)

#include <stdio.h>
#include <stdlib.h>

// A thread runs at most one simulation, so tests in parallel do not meet.
static _Thread_local ApusHost installed;

void apus_host_install(ApusHost host) { installed = host; }

static _Noreturn void missing(const char *what) {
  fprintf(stderr, "apus: a task made %s on a thread without a host; call apus_host_install\n", what);
  abort();
}

void apus_host_call(ApusRegisters *registers) {
  if (!installed.call) missing("a kernel call");
  installed.call(installed.context, registers);
}

uint32_t apus_load(uint32_t address) {
  if (!installed.load) missing("a device access");
  return installed.load(installed.context, address);
}

void apus_store(uint32_t address, uint32_t value) {
  if (!installed.store) missing("a device access");
  installed.store(installed.context, address, value);
}

void apus_host_misdeed(uint32_t kind) {
  if (!installed.misdeed) missing("a misdeed");
  installed.misdeed(installed.context, kind);
  apus_host_returned();
}

void apus_host_returned(void) {
  fprintf(stderr, "apus: the host returned from a call that has no return\n");
  abort();
}

#endif
