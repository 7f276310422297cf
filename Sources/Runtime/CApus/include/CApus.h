// CApus/CApus.h: the kernel calls and the device accesses, one inlined instruction each.
// Nothing here decides anything: the words are those of ApusABI/Call.swift, in the same registers.
//
// On the target a call is `svc #0` with r4...r11 pinned. The kernel restores every other register
// from the hardware frame, so nothing is clobbered but memory; results come back in place. On the
// host the same eight words go to the handler that the calling thread has installed.

#ifndef CAPUS_H
#define CAPUS_H

#include <stdint.h>

#define APUS_INLINE static inline __attribute__((always_inline))

/// The eight words of a call; each call's comment says which of them mean something.
typedef struct {
  uintptr_t r4, r5, r6, r7, r8, r9, r10, r11;
} ApusRegisters;

/// An entry of the table of leases in the sender's memory: on the target, the 12 bytes of `Lease`.
typedef struct {
  uintptr_t address, byteCount, rights;
} ApusLease;

/// What `send`, `borrowRead`, `borrowWrite` and `readPanicText` answer.
typedef struct {
  uintptr_t code, byteCount;
} ApusAnswer;

/// What `receive` and `replyAndReceive` answer.
typedef struct {
  uintptr_t sender, byteCount, replyCapacity, leaseCount;
} ApusMessage;

/// The words of `replyAndReceive` that stay the same from one message to the next.
typedef struct {
  uintptr_t number, buffer, bufferBytes, notifications;
} ApusServing;

/// What `getTimer` answers.
typedef struct {
  uintptr_t nowLow, nowHigh, deadlineLow, deadlineHigh, notifications;
} ApusTimer;

#if defined(__arm__)

// The compiler may not move a load or a store across a call: the kernel reads and writes memory.
#define APUS_SVC(outputs, ...) \
  __asm__ volatile("svc #0" : outputs : __VA_ARGS__ : "memory", "cc")
#define APUS_REGISTER(name, value) register uintptr_t name __asm__(#name) = (value)
#define APUS_RESULT(name) register uintptr_t name __asm__(#name)
#define APUS_AND ,

/// `send`: sender waits until the server has replied.
APUS_INLINE ApusAnswer apus_send(
    uintptr_t number, uintptr_t target, uintptr_t message, uintptr_t messageBytes, uintptr_t reply,
    uintptr_t replyBytes, uintptr_t leases, uintptr_t leaseCount) {
  APUS_REGISTER(r4, target);
  APUS_REGISTER(r5, message);
  APUS_REGISTER(r6, messageBytes);
  APUS_REGISTER(r7, reply);
  APUS_REGISTER(r8, replyBytes);
  APUS_REGISTER(r9, leases);
  APUS_REGISTER(r10, leaseCount);
  APUS_REGISTER(r11, number);
  APUS_SVC("+r"(r4) APUS_AND "+r"(r5), "r"(r6), "r"(r7), "r"(r8), "r"(r9), "r"(r10), "r"(r11));
  return (ApusAnswer){r4, r5};
}

/// `send` of a message without leases: r9 need not be loaded, as no table is read.
APUS_INLINE ApusAnswer apus_send_plain(
    uintptr_t number, uintptr_t target, uintptr_t message, uintptr_t messageBytes, uintptr_t reply,
    uintptr_t replyBytes) {
  APUS_REGISTER(r4, target);
  APUS_REGISTER(r5, message);
  APUS_REGISTER(r6, messageBytes);
  APUS_REGISTER(r7, reply);
  APUS_REGISTER(r8, replyBytes);
  APUS_REGISTER(r10, 0);
  APUS_REGISTER(r11, number);
  APUS_SVC("+r"(r4) APUS_AND "+r"(r5), "r"(r6), "r"(r7), "r"(r8), "r"(r10), "r"(r11));
  return (ApusAnswer){r4, r5};
}

/// `receive`: the next message, or one of the notifications.
APUS_INLINE ApusMessage apus_receive(
    uintptr_t number, uintptr_t buffer, uintptr_t bufferBytes, uintptr_t notifications) {
  APUS_RESULT(r4);
  APUS_RESULT(r5);
  APUS_RESULT(r6);
  APUS_RESULT(r10);
  APUS_REGISTER(r7, buffer);
  APUS_REGISTER(r8, bufferBytes);
  APUS_REGISTER(r9, notifications);
  APUS_REGISTER(r11, number);
  APUS_SVC(
      "=r"(r4) APUS_AND "=r"(r5) APUS_AND "=r"(r6) APUS_AND "=r"(r10), "r"(r7), "r"(r8), "r"(r9),
      "r"(r11));
  return (ApusMessage){r4, r5, r6, r10};
}

/// `receiveNotifications`: the bits that came.
APUS_INLINE uintptr_t apus_wait(uintptr_t number, uintptr_t notifications) {
  APUS_RESULT(r4);
  APUS_RESULT(r5);
  APUS_REGISTER(r9, notifications);
  APUS_REGISTER(r11, number);
  APUS_SVC("=r"(r4) APUS_AND "=r"(r5), "r"(r9), "r"(r11));
  return r5;
}

/// `reply`: the client runs again.
APUS_INLINE void apus_reply(
    uintptr_t number, uintptr_t client, uintptr_t message, uintptr_t messageBytes) {
  APUS_REGISTER(r4, client);
  APUS_REGISTER(r5, message);
  APUS_REGISTER(r6, messageBytes);
  APUS_REGISTER(r11, number);
  APUS_SVC(, "r"(r4), "r"(r5), "r"(r6), "r"(r11));
}

/// `replyAndReceive`: both in one exception.
///
/// The kernel keeps r7, r8, r9 and r11 as they are. The compiler is told that they may change: so
/// it carries them around a server's loop where they are, instead of loading constants each time.
APUS_INLINE ApusMessage apus_reply_and_receive(
    ApusServing *serving, uintptr_t client, uintptr_t message, uintptr_t messageBytes) {
  APUS_REGISTER(r4, client);
  APUS_REGISTER(r5, message);
  APUS_REGISTER(r6, messageBytes);
  APUS_REGISTER(r7, serving->buffer);
  APUS_REGISTER(r8, serving->bufferBytes);
  APUS_REGISTER(r9, serving->notifications);
  APUS_RESULT(r10);
  APUS_REGISTER(r11, serving->number);
  __asm__ volatile("svc #0"
                   : "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8), "+r"(r9), "=r"(r10), "+r"(r11)
                   :
                   : "memory", "cc");
  *serving = (ApusServing){r11, r7, r8, r9};
  return (ApusMessage){r4, r5, r6, r10};
}

/// `replyFault`, `irqControl`, `irqStatus`, `post`, `refreshTaskID`, `restartTask`, `injectFault`
/// and `findFaultedTask`: up to two words, answered in r4.
APUS_INLINE uintptr_t apus_ask(uintptr_t number, uintptr_t first, uintptr_t second) {
  APUS_REGISTER(r4, first);
  APUS_REGISTER(r5, second);
  APUS_REGISTER(r11, number);
  APUS_SVC("+r"(r4), "r"(r5), "r"(r11));
  return r4;
}

/// `setTimer`: a deadline in ticks and the notifications to post then.
APUS_INLINE void apus_set_timer(
    uintptr_t number, uintptr_t deadlineLow, uintptr_t deadlineHigh, uintptr_t notifications) {
  APUS_REGISTER(r4, deadlineLow);
  APUS_REGISTER(r5, deadlineHigh);
  APUS_REGISTER(r6, notifications);
  APUS_REGISTER(r11, number);
  APUS_SVC(, "r"(r4), "r"(r5), "r"(r6), "r"(r11));
}

/// `getTimer`: the present tick and the timer as it stands.
APUS_INLINE ApusTimer apus_get_timer(uintptr_t number) {
  APUS_RESULT(r4);
  APUS_RESULT(r5);
  APUS_RESULT(r6);
  APUS_RESULT(r7);
  APUS_RESULT(r8);
  APUS_REGISTER(r11, number);
  APUS_SVC(
      "=r"(r4) APUS_AND "=r"(r5) APUS_AND "=r"(r6) APUS_AND "=r"(r7) APUS_AND "=r"(r8), "r"(r11));
  return (ApusTimer){r4, r5, r6, r7, r8};
}

/// `borrowRead` and `borrowWrite`.
APUS_INLINE ApusAnswer apus_borrow(
    uintptr_t number, uintptr_t lender, uintptr_t own, uintptr_t ownBytes, uintptr_t offset) {
  APUS_REGISTER(r4, lender);
  APUS_REGISTER(r5, own);
  APUS_REGISTER(r6, ownBytes);
  APUS_REGISTER(r7, offset);
  APUS_REGISTER(r11, number);
  APUS_SVC("+r"(r4) APUS_AND "+r"(r5), "r"(r6), "r"(r7), "r"(r11));
  return (ApusAnswer){r4, r5};
}

/// `readPanicText`: the text stands at r7, as all that is received does.
APUS_INLINE ApusAnswer apus_read_panic_text(
    uintptr_t number, uintptr_t index, uintptr_t buffer, uintptr_t bufferBytes) {
  APUS_REGISTER(r4, index);
  APUS_RESULT(r5);
  APUS_REGISTER(r7, buffer);
  APUS_REGISTER(r8, bufferBytes);
  APUS_REGISTER(r11, number);
  APUS_SVC("+r"(r4) APUS_AND "=r"(r5), "r"(r7), "r"(r8), "r"(r11));
  return (ApusAnswer){r4, r5};
}

/// `borrowInfo`, `taskStatus` and `readResetRecord`: one word in, up to six back in r4...r9.
APUS_INLINE ApusRegisters apus_inspect(uintptr_t number, uintptr_t argument) {
  APUS_REGISTER(r4, argument);
  APUS_RESULT(r5);
  APUS_RESULT(r6);
  APUS_RESULT(r7);
  APUS_RESULT(r8);
  APUS_RESULT(r9);
  APUS_REGISTER(r11, number);
  APUS_SVC(
      "+r"(r4) APUS_AND "=r"(r5) APUS_AND "=r"(r6) APUS_AND "=r"(r7) APUS_AND "=r"(r8) APUS_AND
      "=r"(r9), "r"(r11));
  return (ApusRegisters){r4, r5, r6, r7, r8, r9, 0, number};
}

/// `panic` and `resetMachine`: the caller does not run on.
APUS_INLINE __attribute__((noreturn)) void apus_end(
    uintptr_t number, uintptr_t text, uintptr_t textBytes) {
  APUS_REGISTER(r5, text);
  APUS_REGISTER(r6, textBytes);
  APUS_REGISTER(r11, number);
  APUS_SVC(, "r"(r5), "r"(r6), "r"(r11));
  __builtin_unreachable();
}

/// The first byte above the calling task's stack, where what it keeps begins.
APUS_INLINE uint32_t apus_kept(void) {
  uint32_t address;
  __asm__("movw %0, #:lower16:__stack_top\n movt %0, #:upper16:__stack_top" : "=r"(address));
  return address;
}

/// Reads a device register; the planner has given the task its region, or the MPU faults it.
APUS_INLINE uint32_t apus_load(uint32_t address) { return *(volatile uint32_t *)address; }

/// Writes a device register.
APUS_INLINE void apus_store(uint32_t address, uint32_t value) {
  *(volatile uint32_t *)address = value;
}

#else

/// What stands for kernel and devices on the host; each thread installs its own.
typedef struct {
  /// Handed to each function below as it is.
  void *context;
  /// Performs the call in `registers`, results in place; does not return from `panic` or a fault.
  void (*call)(void *context, ApusRegisters *registers);
  /// Reads a device register.
  uint32_t (*load)(void *context, uint32_t address);
  /// Writes a device register.
  void (*store)(void *context, uint32_t address, uint32_t value);
  /// Faults the calling task as the instruction named by an `ApusMisdeed` would, and does not return.
  void (*misdeed)(void *context, uint32_t kind);
} ApusHost;

/// Makes `host` answer for the calling thread, until the next call of this function.
void apus_host_install(ApusHost host);

/// Performs the call in `registers` through the calling thread's host; aborts if it has none.
void apus_host_call(ApusRegisters *registers);

/// Where kept memory is on the host: who runs the task answers for these addresses.
APUS_INLINE uint32_t apus_kept(void) { return 0x3FFF0000; }

/// Device accesses of the calling thread, and those to what its task keeps.
uint32_t apus_load(uint32_t address);
void apus_store(uint32_t address, uint32_t value);

/// Ends the process, saying that a call which never returns came back.
__attribute__((noreturn)) void apus_host_returned(void);

APUS_INLINE ApusAnswer apus_send(
    uintptr_t number, uintptr_t target, uintptr_t message, uintptr_t messageBytes, uintptr_t reply,
    uintptr_t replyBytes, uintptr_t leases, uintptr_t leaseCount) {
  ApusRegisters r = {
      target, message, messageBytes, reply, replyBytes, leases, leaseCount, number};
  apus_host_call(&r);
  return (ApusAnswer){r.r4, r.r5};
}

APUS_INLINE ApusAnswer apus_send_plain(
    uintptr_t number, uintptr_t target, uintptr_t message, uintptr_t messageBytes, uintptr_t reply,
    uintptr_t replyBytes) {
  return apus_send(number, target, message, messageBytes, reply, replyBytes, 0, 0);
}

APUS_INLINE ApusMessage apus_receive(
    uintptr_t number, uintptr_t buffer, uintptr_t bufferBytes, uintptr_t notifications) {
  ApusRegisters r = {
      .r7 = buffer, .r8 = bufferBytes, .r9 = notifications, .r11 = number};
  apus_host_call(&r);
  return (ApusMessage){r.r4, r.r5, r.r6, r.r10};
}

APUS_INLINE uintptr_t apus_wait(uintptr_t number, uintptr_t notifications) {
  ApusRegisters r = {.r9 = notifications, .r11 = number};
  apus_host_call(&r);
  return r.r5;
}

APUS_INLINE void apus_reply(
    uintptr_t number, uintptr_t client, uintptr_t message, uintptr_t messageBytes) {
  ApusRegisters r = {.r4 = client, .r5 = message, .r6 = messageBytes, .r11 = number};
  apus_host_call(&r);
}

APUS_INLINE ApusMessage apus_reply_and_receive(
    ApusServing *serving, uintptr_t client, uintptr_t message, uintptr_t messageBytes) {
  ApusRegisters r = {
      .r4 = client, .r5 = message, .r6 = messageBytes, .r7 = serving->buffer,
      .r8 = serving->bufferBytes, .r9 = serving->notifications, .r11 = serving->number};
  apus_host_call(&r);
  return (ApusMessage){r.r4, r.r5, r.r6, r.r10};
}

APUS_INLINE uintptr_t apus_ask(uintptr_t number, uintptr_t first, uintptr_t second) {
  ApusRegisters r = {.r4 = first, .r5 = second, .r11 = number};
  apus_host_call(&r);
  return r.r4;
}

APUS_INLINE void apus_set_timer(
    uintptr_t number, uintptr_t deadlineLow, uintptr_t deadlineHigh, uintptr_t notifications) {
  ApusRegisters r = {
      .r4 = deadlineLow, .r5 = deadlineHigh, .r6 = notifications, .r11 = number};
  apus_host_call(&r);
}

APUS_INLINE ApusTimer apus_get_timer(uintptr_t number) {
  ApusRegisters r = {.r11 = number};
  apus_host_call(&r);
  return (ApusTimer){r.r4, r.r5, r.r6, r.r7, r.r8};
}

APUS_INLINE ApusAnswer apus_borrow(
    uintptr_t number, uintptr_t lender, uintptr_t own, uintptr_t ownBytes, uintptr_t offset) {
  ApusRegisters r = {
      .r4 = lender, .r5 = own, .r6 = ownBytes, .r7 = offset, .r11 = number};
  apus_host_call(&r);
  return (ApusAnswer){r.r4, r.r5};
}

APUS_INLINE ApusAnswer apus_read_panic_text(
    uintptr_t number, uintptr_t index, uintptr_t buffer, uintptr_t bufferBytes) {
  ApusRegisters r = {.r4 = index, .r7 = buffer, .r8 = bufferBytes, .r11 = number};
  apus_host_call(&r);
  return (ApusAnswer){r.r4, r.r5};
}

APUS_INLINE ApusRegisters apus_inspect(uintptr_t number, uintptr_t argument) {
  ApusRegisters r = {.r4 = argument, .r11 = number};
  apus_host_call(&r);
  return r;
}

APUS_INLINE __attribute__((noreturn)) void apus_end(
    uintptr_t number, uintptr_t text, uintptr_t textBytes) {
  ApusRegisters r = {.r5 = text, .r6 = textBytes, .r11 = number};
  apus_host_call(&r);
  apus_host_returned();
}

#endif

#endif
