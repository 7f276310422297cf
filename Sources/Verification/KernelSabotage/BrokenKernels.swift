// KernelSabotage/BrokenKernels.swift: the kernels broken on purpose that every checker must catch.
// Each is a mistake that a careful person could make; none only stops the kernel from working at all.

extension Sabotage {
  /// The ten broken kernels; the slice check, off by one at either end, is two of the eleven edits.
  public static let brokenKernels = [
    Sabotage(
      "wrong priority", "The running task goes on although a more important one can run.",
      file: "Sources/Kernel/ApusKernel/Kernel.swift",
      "current = UInt32(truncatingIfNeeded: runnable.first)",
      becomes: """
        if !runnable.contains(Int(truncatingIfNeeded: current)) {
              current = UInt32(truncatingIfNeeded: runnable.first)
            }
        """),
    Sabotage(
      "lost notification", "A post forgets the notifications that were pending before it.",
      file: "Sources/Kernel/ApusKernel/Notifications.swift",
      "tasks[index].pending |= bits", becomes: "tasks[index].pending = bits"),
    Sabotage(
      "stale generation accepted", "An identifier of a former life is taken for the present one.",
      file: "Sources/Kernel/ApusKernel/Calls.swift",
      "if isNamed(index, by: caller) { return true }",
      becomes: """
        if tasks[caller].registers.r4 & 31 == UInt32(truncatingIfNeeded: index) { return true }
        """),
    Sabotage(
      "wrong dead code", "Whoever waited for a task that is restarted is told its former life.",
      file: "Sources/Kernel/ApusKernel/Restart.swift",
      "= tasks[index].deadCode",
      becomes: "= ResponseCode.dead(generation: old.generation).rawValue"),
    Sabotage(
      "timer off by one", "A timer posts a tick after its deadline.",
      file: "Sources/Kernel/ApusKernel/Time.swift", "deadline <= now", becomes: "deadline < now"),
    Sabotage(
      "leaked lease", "A lease may be used though its lender does not wait for the reply.",
      file: "Sources/Kernel/ApusKernel/Leases.swift",
      "guard tasks[lender].state == .awaitingReply(from: tasks[caller].id) else { return }",
      becomes: ""),
    Sabotage(
      "slice check off by one at the start", "A slice may begin a byte before its owner's window.",
      file: "Sources/Kernel/ApusKernel/Slices.swift",
      "let offset = address &- base", becomes: "let offset = address &- base &+ 1"),
    Sabotage(
      "slice check off by one at the end", "A slice may end a byte after its owner's window.",
      file: "Sources/Kernel/ApusKernel/Slices.swift",
      "byteCount <= size &- offset", becomes: "byteCount <= size &- offset &+ 1"),
    Sabotage(
      "missing wake-up", "A post does not wake a task that waits for notifications only.",
      file: "Sources/Kernel/ApusKernel/Notifications.swift",
      "TaskState.receiving.rawValue < 2", becomes: "TaskState.receiving.rawValue < 1"),
    Sabotage(
      "fault charged to the wrong task", "A borrower's bad slice stops the lender.",
      file: "Sources/Kernel/ApusKernel/Leases.swift",
      "fault(caller, .badSlice, address: own", becomes: "fault(lender, .badSlice, address: own"),
    Sabotage(
      "restart that keeps a bit", "A restarted task finds notification 1 of its former life.",
      file: "Sources/Kernel/ApusKernel/Restart.swift",
      "tasks[index].pending = 0", becomes: "tasks[index].pending &= 2"),
  ]

  /// Subtle mistakes, each of which was once seen by no test or by a single one.
  public static let subtleKernels = [
    Sabotage(
      "lease 255 of 255", "A number equal to the count of leases is taken, if it is 255.",
      file: "Sources/Kernel/ApusKernel/Leases.swift",
      "guard number < tasks[lender].registers.r10 else",
      becomes:
        "guard number < tasks[lender].registers.r10 || number == 255 && tasks[lender].registers.r10 == 255 else"
    ),
    Sabotage(
      "lease number of 8 bits", "The number of a lease is read without its upper half.",
      file: "Sources/Kernel/ApusKernel/Leases.swift",
      "let number = tasks[caller].registers.r4 &>> 16",
      becomes: "let number = tasks[caller].registers.r4 &>> 16 & 0xFF"),
    Sabotage(
      "refused and revived", "A server's restart wakes a client that it had refused.",
      file: "Sources/Kernel/ApusKernel/Restart.swift",
      "if tasks[peer].state.rawValue &- TaskState.sending(to: old).rawValue < 2 {",
      becomes: """
        let refused = TaskState.awaitingReply(from: old).faulted(.refused)
              if tasks[peer].state.rawValue &- TaskState.sending(to: old).rawValue < 2
                || tasks[peer].state == refused
              {
        """),
    Sabotage(
      "stopped and queued", "A sender that is stopped stays in the supervisor's queue.",
      file: "Sources/Kernel/ApusKernel/Faults.swift",
      "if state.isSending { tasks", becomes: "if state.isSending && state.peer.index != 0 { tasks"),
    Sabotage(
      "given up and found", "findFaultedTask finds a task that was given up.",
      file: "Sources/Kernel/ApusKernel/Services.swift",
      "&& tasks[task].life & 31 == index", becomes: ""),
    Sabotage(
      "given up and called", "A task that was given up keeps its name.",
      file: "Sources/Kernel/ApusKernel/Restart.swift",
      "tasks[index].life |= 31", becomes: "if !isLast { tasks[index].life |= 31 }"),
    Sabotage(
      "fault bit forged", "Any task may post the supervisor's fault bit.",
      file: "Sources/Kernel/ApusKernel/Notifications.swift",
      "bits & ~machine.descriptor(target).postable == 0",
      becomes: "bits & ~(machine.descriptor(target).postable | faultNotification) == 0"),
  ]
}
