// KernelSabotage/BrokenContracts.swift: kernels that break one sentence of the contract each.
// They leave alone what the conformance app itself lives on: its supervisor, its echo, its witness.

extension Sabotage {
  /// More broken kernels, for the cases that the ten well-known mistakes do not reach.
  public static let brokenContracts =
    brokenMessages + brokenLeases + brokenTimes + brokenInterrupts + brokenServices

  private static let messages = "Sources/Kernel/ApusKernel/Messages.swift"
  private static let leases = "Sources/Kernel/ApusKernel/Leases.swift"
  private static let slices = "Sources/Kernel/ApusKernel/Slices.swift"
  private static let notifications = "Sources/Kernel/ApusKernel/Notifications.swift"
  private static let time = "Sources/Kernel/ApusKernel/Time.swift"
  private static let calls = "Sources/Kernel/ApusKernel/Calls.swift"
  private static let faults = "Sources/Kernel/ApusKernel/Faults.swift"
  private static let interrupts = "Sources/Kernel/ApusKernel/Interrupts.swift"
  private static let services = "Sources/Kernel/ApusKernel/Services.swift"
  private static let restart = "Sources/Kernel/ApusKernel/Restart.swift"

  private static let brokenMessages = [
    Sabotage(
      "last byte lost", "A message arrives without its last byte.",
      file: messages,
      "let count = min(tasks[source].registers.r6, tasks[destination].registers.r8)",
      becomes: """
        var count = min(tasks[source].registers.r6, tasks[destination].registers.r8)
            if source > 1 && destination > 1 && count > 0 { count &-= 1 }
        """),
    Sabotage(
      "operation of 8 bits", "An operation arrives without its upper half.",
      file: messages, "registers.r4 & 0xFFFF_0000", becomes: "registers.r4 & 0x00FF_0000"),
    Sabotage(
      "identity of the first life", "A receiver is told the sender's index without its life.",
      file: messages, "operation | UInt32(tasks[sender].id.rawValue)",
      becomes: "operation | (receiver < 2 ? UInt32(tasks[sender].id.rawValue) : UInt32(sender))"),
    Sabotage(
      "code of 15 bits", "A reply's code arrives without its highest bit.",
      file: messages, "registers.r4 = tasks[caller].registers.r4 &>> 16",
      becomes: "registers.r4 = tasks[caller].registers.r4 &>> 16 & 0x7FFF"),
    Sabotage(
      "refusal without its reason", "A refused client's record names the server alone.",
      file: messages, "reason &<< 16 | UInt32(tasks[caller].id.rawValue)",
      becomes: "UInt32(tasks[caller].id.rawValue)"),
    Sabotage(
      "anybody is called", "A send outside the manifest is made.",
      file: messages, "machine.descriptor(caller).calls & TaskSet(target).rawValue != 0",
      becomes: "target < taskCount"),
    Sabotage(
      "no limit of length", "A message may be as long as the sender's memory, and longer.",
      file: messages, "if byteCount > Limit.messageBytes {", becomes: "if byteCount > UInt32.max {"),
    Sabotage(
      "reply of any length", "A reply that is longer than its buffer is cut.",
      file: messages, "byteCount <= tasks[client].registers.r8",
      becomes: "byteCount <= Limit.messageBytes"),
    Sabotage(
      "reply to anybody", "A task that waits for somebody else's reply gets this one.",
      file: messages, "\n      && tasks[index].state == .awaitingReply(from: tasks[caller].id)",
      becomes: ""),
    Sabotage(
      "task 5 goes first", "The hostile task's message overtakes those of more important ones.",
      file: messages, "let sender = tasks[caller].senders.first",
      becomes: "let sender = tasks[caller].senders.contains(5) ? 5 : tasks[caller].senders.first"),
    Sabotage(
      "wait takes messages", "A wait for notifications takes a message, too.",
      file: messages, "block(caller, .waiting)", becomes: "block(caller, .receiving)"),
    Sabotage(
      "dead sender stays", "Who is stopped or restarted in a queue stays in it.",
      file: faults, "if state.isSending { tasks[state.peer.index].senders.remove(index) }",
      becomes: "_ = state"),
    Sabotage(
      "index of three bits", "An index beyond the last task names another.",
      file: calls,
      "registers.r4 & 31)\n    if index < taskCount",
      becomes: "registers.r4 & 7)\n    if index < taskCount"),
    Sabotage(
      "refresh of three bits", "Who asks for an index beyond the last task is told another's life.",
      file: calls, "registers.r4 & 31)\n    let peers", becomes: "registers.r4 & 7)\n    let peers"),
    Sabotage(
      "refresh of anybody", "A task is told the life of one that it may neither call nor notify.",
      file: calls, "peers.contains(index) || caller == 0 && index < taskCount",
      becomes: "peers.contains(index) || index < taskCount"),
    Sabotage(
      "refresh names the first life", "A refreshed identifier is the one of generation 0.",
      file: calls,
      "UInt32(tasks[index].id.generation) &<< 5 | UInt32(truncatingIfNeeded: index)",
      becomes: "UInt32(truncatingIfNeeded: index)"),
    Sabotage(
      "unknown calls ignored", "A number that is no call does nothing.",
      file: calls, "case nil: misuse(caller, .unknownCall, &machine)", becomes: "case nil: break"),
    Sabotage(
      "services for everybody", "Every task may use the supervisor's services.",
      file: calls,
      "if caller == 0 { serve(call, &machine) } else { misuse(caller, .notSupervisor, &machine) }",
      becomes: "serve(call, &machine)"),
  ]

  private static let brokenLeases = [
    Sabotage(
      "offset ignored", "A borrower always gets the beginning of a lease.",
      file: leases, "lease.address &+ offset", becomes: "lease.address"),
    Sabotage(
      "offset blamed on the borrower", "An offset beyond what is lent now stops the borrower.",
      file: leases, "guard offset <= lease.byteCount else { return }",
      becomes:
        "guard offset <= lease.byteCount else { return misuse(caller, .leaseOutOfRange, &machine) }"
    ),
    Sabotage(
      "rights not told", "A borrower is told that it may do nothing.",
      file: leases, "tasks[caller].registers.r6 = lease.rights",
      becomes: "tasks[caller].registers.r6 = 0"),
    Sabotage(
      "rights ignored", "A lease to read may be written, and the reverse.",
      file: leases, "guard lease.rights & right == right else { return }", becomes: ""),
    Sabotage(
      "a lease too many", "The entry behind the lender's last is taken for a lease.",
      file: leases, "guard number < tasks[lender].registers.r10",
      becomes: "guard number <= tasks[lender].registers.r10"),
    Sabotage(
      "write reads", "A write to a lease is a read of it.",
      file: leases, "if right == Lease.write { swap(&from, &to) }",
      becomes: "if right == 0 { swap(&from, &to) }"),
    Sabotage(
      "reading unchecked", "The kernel reads for a task whatever the task names.",
      file: slices,
      "if !writing, window(descriptor.flashBase, descriptor.flashSize, holds: address, byteCount) {",
      becomes: "if !writing {"),
    Sabotage(
      "empty slices need memory", "A slice of no bytes must lie in memory of the task.",
      file: slices, "return byteCount == 0", becomes: "return false"),
  ]

  private static let brokenTimes = [
    Sabotage(
      "time stands still", "A tick does not count.",
      file: "Sources/Kernel/ApusKernel/Kernel.swift", "now &+= 1", becomes: ""),
    Sabotage(
      "rank 5 comes second", "The hostile task runs whenever it can, unless the supervisor can.",
      file: "Sources/Kernel/ApusKernel/Kernel.swift",
      "current = UInt32(truncatingIfNeeded: runnable.first)",
      becomes: """
        current = UInt32(truncatingIfNeeded: runnable.first)
            if current != 0 && runnable.contains(5) { current = 5 }
        """),
    Sabotage(
      "timers of tasks are lost", "Only the supervisor's timer is ever armed.",
      file: time, "if tasks[caller].registers.r6 != 0 { armed.insert(caller) }",
      becomes: "if tasks[caller].registers.r6 != 0 && caller == 0 { armed.insert(caller) }"),
    Sabotage(
      "timer's bits add up", "A timer that is set anew posts the former bits, too.",
      file: time, "tasks[caller].timerBitsOrDetail = tasks[caller].registers.r6",
      becomes: "tasks[caller].timerBitsOrDetail |= tasks[caller].registers.r6"),
    Sabotage(
      "clock spoils a register", "Who asks for the time finds another number in r11.",
      file: time, "tasks[caller].registers.r8 = armed.contains(caller)",
      becomes: """
        if caller == 5 { tasks[caller].registers.r11 = 99 }
            tasks[caller].registers.r8 = armed.contains(caller)
        """),
    Sabotage(
      "inherited timer", "A new life begins with a timer that is set.",
      file: restart, "tasks[index].pending = 0",
      becomes: """
        tasks[index].pending = 0
            tasks[index].timerBitsOrDetail = 2
            armed.insert(index)
        """),
    Sabotage(
      "post of 16 bits", "A post reaches the lower notifications only.",
      file: notifications, "post(bits, to: target)", becomes: "post(bits & 0xFFFF, to: target)"),
    Sabotage(
      "any bit is posted", "A task posts what only an interrupt may.",
      file: notifications, "bits & ~machine.descriptor(target).postable == 0",
      becomes: "bits != 0 || bits == 0"),
    Sabotage(
      "anybody is posted to", "A post outside the manifest is made.",
      file: notifications, "machine.descriptor(caller).notifies & TaskSet(target).rawValue != 0",
      becomes: "target < taskCount"),
  ]

  private static let brokenInterrupts = [
    Sabotage(
      "interrupts of tasks are lost", "Only the supervisor is told of its interrupts.",
      file: "Sources/Kernel/ApusKernel/Kernel.swift", "if owner.number == number {",
      becomes: "if owner.number == number && owner.task == 0 {"),
    Sabotage(
      "restart unmasks", "A new life begins with its interrupts enabled.",
      file: restart, "visitInterrupts(of: index, ~0, 0, &machine)",
      becomes: "visitInterrupts(of: index, ~0, 1, &machine)"),
    Sabotage(
      "no own interrupt is no mistake", "A mask that names no own interrupt does nothing.",
      file: interrupts,
      """
          if visitInterrupts(of: caller, mask, control, &machine) == 0 {
            misuse(caller, .noInterrupt, &machine)
          }
      """, becomes: "    visitInterrupts(of: caller, mask, control, &machine)"),
    Sabotage(
      "any selector", "A bit without a meaning is ignored.",
      file: interrupts,
      "guard control <= InterruptControl.enable | InterruptControl.clearPending else",
      becomes: "guard control <= UInt32.max else"),
  ]

  private static let brokenServices = [
    Sabotage(
      "slip of the supervisor", "An index that names nobody is taken for the hostile task's.",
      file: services,
      """
          guard tasks[0].registers.r4 < UInt32(truncatingIfNeeded: taskCount) else { return false }
          let index = Int(truncatingIfNeeded: tasks[0].registers.r4)
      """,
      becomes: """
            let isThere = tasks[0].registers.r4 < UInt32(truncatingIfNeeded: taskCount)
            let index = isThere ? Int(truncatingIfNeeded: tasks[0].registers.r4) : 5
        """),
    Sabotage(
      "nobody is spared", "Supervisor and idle can be stopped and restarted.",
      file: services, "guard index != 0 && index != idle else { return false }", becomes: ""),
    Sabotage(
      "healthy and given up", "A task that is not stopped can be given up.",
      file: services, "if isLast && !tasks[index].state.isFaulted { return false }", becomes: ""),
    Sabotage(
      "injection is a panic", "A task that the supervisor stops is said to have panicked.",
      file: services, "fault(index, .injected, address: 0, &machine)",
      becomes: "fault(index, .panic, address: 0, &machine)"),
    Sabotage(
      "panic is an injection", "A task that panics is said to have been stopped.",
      file: faults, "fault(caller, .panic, address: 0, &machine)",
      becomes: "fault(caller, .injected, address: 0, &machine)"),
    Sabotage(
      "faults are not told", "The supervisor is not told of a fault.",
      file: faults, "post(faultNotification, to: 0)", becomes: ""),
    Sabotage(
      "program counter a word off", "A fault's record has the flags for the program counter.",
      file: faults, "frame &+ 24", becomes: "frame &+ 28"),
    Sabotage(
      "supervisor's buffer unchecked", "A bad buffer of the supervisor is its fault.",
      file: services,
      "guard mayTouchRarely(0, buffer, capacity, writing: true, machine) else { return false }",
      becomes: "_ = buffer"),
    Sabotage(
      "search begins behind the index", "The index asked for is itself left out.",
      file: services, "var index = tasks[0].registers.r4",
      becomes: "var index = tasks[0].registers.r4 &+ 1"),
  ]
}
