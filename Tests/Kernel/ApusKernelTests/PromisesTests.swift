// ApusKernelTests/PromisesTests.swift: each promise that the explorer checks is one that can be broken.
// A promise that no kernel breaks says nothing; those of the ten broken kernels stand in their table.

import Foundation
import KernelSabotage
import Testing

@Suite struct PromisesTests {
  /// A kernel for each promise that none of the ten broken kernels breaks first.
  static let kernels = [
    Sabotage(
      "state", "A client waits for the reply of itself.",
      file: "Sources/Kernel/ApusKernel/Messages.swift",
      "block(sender, .awaitingReply(from: tasks[receiver].id))",
      becomes: "block(sender, .awaitingReply(from: tasks[sender].id))"),
    Sabotage(
      "idle", "A fault stops all tasks.", file: "Sources/Kernel/ApusKernel/Faults.swift",
      "runnable.remove(index)", becomes: "runnable = .empty"),
    Sabotage(
      "derived", "The timer of a stopped task goes on.",
      file: "Sources/Kernel/ApusKernel/Faults.swift",
      "armed.remove(index)", becomes: ""),
    Sabotage(
      "cause", "A restart wakes whoever waits for anything.",
      file: "Sources/Kernel/ApusKernel/Restart.swift",
      "tasks[peer].state.rawValue &- TaskState.sending(to: old).rawValue < 2",
      becomes: "tasks[peer].state.rawValue != 0 && !tasks[peer].state.isFaulted"),
    Sabotage(
      "still", "A restart clears a register of task 1.",
      file: "Sources/Kernel/ApusKernel/Restart.swift",
      "let code = tasks[index].deadCode",
      becomes: "let code = tasks[index].deadCode\nif index != 1 { tasks[1].registers.r5 = 0 }"),
    Sabotage(
      "life", "A restart skips a generation.", file: "Sources/Kernel/ApusKernel/Restart.swift",
      "1 &+ UInt32(truncatingIfNeeded: index)",
      becomes: "33 &+ UInt32(truncatingIfNeeded: index)"),
    Sabotage(
      "blame", "A server may refuse whom it does not serve.",
      file: "Sources/Kernel/ApusKernel/Messages.swift",
      "guard isClient(client, of: caller) else { return }\n    let detail", becomes: "let detail"),
    Sabotage(
      "delivery", "A receiver is told the room it had, not the length of the message.",
      file: "Sources/Kernel/ApusKernel/Messages.swift",
      "tasks[receiver].registers.r5 = tasks[sender].registers.r6",
      becomes: "tasks[receiver].registers.r5 = tasks[receiver].registers.r8"),
    Sabotage(
      "frame", "A message is copied whole, whatever room there is for it.",
      file: "Sources/Kernel/ApusKernel/Messages.swift",
      "let count = min(tasks[source].registers.r6, tasks[destination].registers.r8)",
      becomes: "let count = tasks[source].registers.r6"),
    Sabotage(
      "best", "Of two senders the second is received.",
      file: "Sources/Kernel/ApusKernel/Messages.swift",
      "let sender = tasks[caller].senders.first",
      becomes: """
        var rest = tasks[caller].senders
        rest.remove(rest.first)
        let sender = rest.isEmpty ? tasks[caller].senders.first : rest.first
        """),
    Sabotage(
      "reply", "A reply is copied, and the client is not told.",
      file: "Sources/Kernel/ApusKernel/Messages.swift",
      """
          tasks[client].registers.r4 = tasks[caller].registers.r4 &>> 16
          tasks[client].registers.r5 = byteCount
          wake(client)
      """, becomes: ""),
    Sabotage(
      "refusal", "A loan that is refused clears a register.",
      file: "Sources/Kernel/ApusKernel/Leases.swift",
      "tasks[caller].registers.r4 = ResponseCode.defect.rawValue",
      becomes: """
        tasks[caller].registers.r4 = ResponseCode.defect.rawValue
        tasks[caller].registers.r5 = 0
        """),
    Sabotage(
      "answer", "The supervisor is not told of what kind a fault is.",
      file: "Sources/Kernel/ApusKernel/Services.swift", "tasks[index].state.rawValue",
      becomes: "tasks[index].state.rawValue & 0xFF"),
    Sabotage(
      "interrupt", "An interrupt that is taken is not masked.",
      file: "Sources/Kernel/ApusKernel/Kernel.swift", "machine.mask(number)", becomes: ""),
    Sabotage(
      "time", "A tick counts for two.", file: "Sources/Kernel/ApusKernel/Kernel.swift",
      "now &+= 1", becomes: "now &+= 2"),
  ]

  @Test("Every promise has a kernel that breaks it.")
  func complete() throws {
    let source = MutationWorkshop.root
      .appendingPathComponent("Sources/Simulator/ApusSimulator/Explorer/Violation.swift")
    let promises = try String(contentsOf: source, encoding: .utf8)
      .matches(of: /\n  case (\w+) =/).map { String($0.1) }
    let broken = BrokenKernelsTests.table.split(separator: "\n").compactMap {
      $0.firstMatch(of: #/\| (\w+), /#).map { String($0.1) }
    }
    #expect(promises.count == 24)
    #expect(Set(promises) == Set(broken + Self.kernels.map(\.name)))
  }
}
