// BenchKit/WorstSituations.swift: the situations that the image brings about, in its order.
// The script is Sources/Verification/Guests/Worst/Supervisor; nothing here measures.

/// A situation in which a way into the kernel may take longest.
struct WorstSituation: Sendable {
  /// Who enters the kernel: the counts of each are in the order of its situations.
  enum Entrant: String, Sendable, CaseIterable {
    /// The supervisor's counted calls.
    case supervisor
    /// Those of the first and of the last actor.
    case first, last
    /// Tasks that break a rule of the core.
    case fault
    /// The one interrupt of the script.
    case interrupt
    /// Every tick of the run: the longest counts.
    case tick
    /// The supervisor's death, and its wish for a reset: from the entry to the reset.
    case death, wish
    /// From the reset to the supervisor's first instruction.
    case boot
  }

  /// The call or the exception.
  var way: String
  /// Who enters.
  var entrant: Entrant
  /// What is so bad about it.
  var text: String

  init(_ way: String, _ entrant: Entrant, _ text: String) {
    self.way = way
    self.entrant = entrant
    self.text = text
  }

  /// All of them; of one entrant in the order of the script.
  static let all: [WorstSituation] = time + messages + queues + leases + rest + faults + services

  private static let messages = [
    Self("send", .last, "255 bytes from flash, to a receiver that waits"),
    Self("send", .last, "the sender is stopped for its reply buffer"),
    Self("send", .last, "the sender is stopped for its slice"),
    Self("send", .last, "the sender is stopped for 257 bytes"),
    Self("send", .last, "the receiver is busy"),
    Self("receive", .first, "one message of 255 bytes"),
    Self("reply", .first, "255 bytes from flash"),
    Self("reply", .first, "the caller is stopped for its slice"),
    Self("reply", .first, "the caller is stopped for 257 bytes"),
    Self("replyFault", .first, "the client is stopped, the supervisor is told"),
    Self("replyFault", .first, "the caller is stopped for its reason"),
  ]

  private static let queues = [
    Self("receive", .first, "one of 29 messages of 255 bytes"),
    Self("receive", .first, "29 messages; the caller is stopped for its buffer"),
    Self("replyAndReceive", .first, "255 bytes there; one of 28 messages of 255 bytes"),
    Self("replyAndReceive", .first, "255 bytes there; the caller is stopped for its buffer"),
    Self("receive", .supervisor, "one of 30 messages of 255 bytes"),
    Self("replyAndReceive", .supervisor, "255 bytes there; one of 29 messages of 255 bytes"),
  ]

  private static let leases = ["borrowRead", "borrowWrite", "borrowInfo"].flatMap { call in
    [
      Self(
        call, .first, call == "borrowInfo" ? "a lease that holds" : "255 bytes from flash to RAM"),
      Self(call, .first, "the lender is stopped for its lease, the supervisor is told"),
      Self(call, .first, "an empty lease"),
      Self(
        call, .first,
        call == "borrowInfo" ? "the same again" : "the caller is stopped for its slice"),
      Self(call, .first, "the caller is stopped for a lease that is none"),
    ]
  }

  private static let rest = [
    Self("receiveNotifications", .last, "a notification is there"),
    Self("receiveNotifications", .last, "none is there, and idle runs"),
    Self("post", .last, "it wakes a more important task"),
    Self("post", .last, "the caller is stopped for its target"),
    Self("post", .last, "the caller is stopped for its bits"),
    Self("irqControl", .first, "on and cleared, 32 interrupts"),
    Self("irqControl", .first, "off and cleared, 32 interrupts"),
    Self("irqControl", .first, "the caller is stopped for its selector"),
    Self("irqControl", .last, "none of 32 interrupts is the caller's, who is stopped"),
    Self("irqStatus", .first, "of 32 interrupts"),
    Self("irqStatus", .last, "none of 32 interrupts is the caller's, who is stopped"),
    Self("refreshTaskID", .last, "of any task"),
    Self("taskStatus", .last, "the caller is stopped: it is not the supervisor"),
    Self("restartTask", .last, "the caller is stopped: it is not the supervisor"),
    Self("injectFault", .last, "the caller is stopped: it is not the supervisor"),
    Self("findFaultedTask", .last, "the caller is stopped: it is not the supervisor"),
    Self("readPanicText", .last, "the caller is stopped: it is not the supervisor"),
    Self("resetMachine", .last, "the caller is stopped: it is not the supervisor"),
    Self("readResetRecord", .last, "the caller is stopped: it is not the supervisor"),
    Self("giveUp", .last, "the caller is stopped: it is not the supervisor"),
    Self("a number that is no call", .last, "the caller is stopped"),
  ]

  private static let faults = [
    "memory", "the bus", "text", "an instruction", "a division by zero", "the core's state",
    "a breakpoint", "the stack",
  ].map { Self("fault", .fault, "of \($0); the supervisor is told") }

  private static let services = [
    Self("findFaultedTask", .supervisor, "nobody is stopped"),
    Self("panic", .last, "a text that is too long"),
    Self("panic", .last, "a text in flash; the supervisor is told"),
    Self("findFaultedTask", .supervisor, "the last of 31 is stopped"),
    Self("readPanicText", .supervisor, "255 bytes from flash"),
    Self("taskStatus", .supervisor, "of any task"),
    Self("injectFault", .supervisor, "a task in a queue"),
    Self(
      "restartTask", .supervisor,
      "29 tasks wait for its reply, it owns 32 interrupts, it is in a queue"),
    Self("injectFault", .supervisor, "a task for whose reply 29 wait, in a queue"),
    Self("giveUp", .supervisor, "29 tasks wait for its reply, it owns 32 interrupts"),
    Self(
      "restartTask", .supervisor,
      "29 tasks wait in its queue, it owns 32 interrupts, it is in a queue"),
    Self("readResetRecord", .supervisor, "always the same"),
  ]

  private static let time = [
    Self("setTimer", .last, "31 timers are armed, the caller's is due"),
    Self("getTimer", .last, "always the same"),
    Self("interrupt", .interrupt, "of 32 with an owner; it wakes one, idle ran"),
    Self("tick", .tick, "31 timers are due, and wake 31 tasks; idle ran"),
    Self("fault of the supervisor", .death, "to the reset of the machine"),
    Self("resetMachine", .wish, "to the reset of the machine"),
    Self("reset", .boot, "to the first instruction of the first of 32 tasks"),
  ]
}
