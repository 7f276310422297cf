// ApusKernelTests/MutationTests.swift: kernels broken on purpose, which the walk must catch.
// The sources are copied, changed in one place and compiled; the tree itself is not touched.

import Foundation
import KernelSabotage
import Testing

/// The edits of this file, each of one file of the kernel.
enum Mutation {
  private static func edit(
    _ name: String, _ file: String, _ text: String, _ replacement: String
  ) -> Sabotage {
    Sabotage(
      name, "As it is called.", file: "Sources/ApusKernel/\(file).swift", text,
      becomes: replacement)
  }

  static let all = [
    edit(
      "the least important task runs", "Kernel", "runnable.first)",
      "31 - runnable.rawValue.trailingZeroBitCount)"),
    edit("an interrupt stays enabled when taken", "Kernel", "machine.mask(number)", ""),
    edit(
      "the least important sender is served", "Messages", "= tasks[caller].senders.first",
      "= 31 - tasks[caller].senders.rawValue.trailingZeroBitCount"),
    edit("a reply wakes nobody", "Messages", "wake(client)", ""),
    edit(
      "a reply may be longer than the room for it", "Messages",
      "byteCount <= tasks[client].registers.r8", "byteCount <= Limit.messageBytes"),
    edit(
      "a buffer may lie in flash", "Messages",
      "mayTouch(caller, buffer, tasks[caller].registers.r8, writing: true",
      "mayTouch(caller, buffer, tasks[caller].registers.r8, writing: false"),
    edit(
      "a cut message has its cut length", "Messages",
      "tasks[receiver].registers.r5 = tasks[sender].registers.r6",
      "tasks[receiver].registers.r5 = min(tasks[sender].registers.r6, 8)"),
    edit("a post forgets earlier bits", "Notifications", "pending |= bits", "pending = bits"),
    edit(
      "a received notification stays pending", "Notifications", "tasks[index].pending ^= bits", ""),
    edit(
      "an identifier of an earlier life is accepted", "Calls",
      "(tasks[caller].registers.r4 ^ tasks[index].life) &<< 16 == 0",
      "tasks[caller].registers.r4 & 31 == UInt32(index)"),
    edit(
      "task 1 may use the services", "Calls", "if caller == 0 { serve", "if caller <= 1 { serve"),
    edit(
      "the dead code names the old life", "Restart", "= tasks[index].deadCode",
      "= ResponseCode.dead(generation: old.generation).rawValue"),
    edit(
      "a restart keeps a bit", "Restart", "tasks[index].pending = 0", "tasks[index].pending &= 1"),
    edit(
      "a restart keeps interrupts enabled", "Restart",
      "visitInterrupts(of: index, ~0, 0, &machine)", ""),
    edit("a timer is a tick late", "Time", "deadline <= now", "deadline < now"),
    edit("a timer is a tick early", "Time", "deadline <= now", "deadline <= now &+ 1"),
    edit("a stopped task's timer goes on", "Faults", "armed.remove(index)", ""),
    edit("a stopped sender keeps its turn", "Faults", "if state.isSending {", "if false {"),
    edit(
      "a lease outlives its lender's wait", "Leases",
      "tasks[lender].state == .awaitingReply(from: tasks[caller].id)",
      "tasks[lender].state.peer == tasks[caller].id"),
    edit(
      "a borrow runs over the lease's end", "Leases", "lease.byteCount &- offset)",
      "lease.byteCount)"),
    edit(
      "a slice may begin a byte early", "Slices", "let offset = address &- base",
      "let offset = address &- base &+ 1"),
    edit(
      "a slice may end a byte late", "Slices", "byteCount <= size &- offset",
      "byteCount <= size &- offset &+ 1"),
  ]
}

@Suite(.serialized) struct MutationTests {
  @Test("The walk names a disagreement for every broken kernel, and none for the kernel itself.")
  func everyMutationIsCaught() async throws {
    let workshop = try await MutationWorkshop(programs: [.walk])
    defer { workshop.remove() }
    let honest = try await workshop.walk(nil, steps: 10_000)
    #expect(honest.status == 0, "the unchanged kernel: \(honest.text)")
    // Two at a time: each is a compiler for most of its life.
    await withTaskGroup(of: Void.self) { group in
      for half in 0..<2 {
        group.addTask {
          for (number, mutation) in Mutation.all.enumerated() where number % 2 == half {
            await judge(mutation, in: workshop)
          }
        }
      }
    }
  }

  private func judge(_ mutation: Sabotage, in workshop: MutationWorkshop) async {
    do {
      let outcome = try await workshop.walk(mutation, steps: 10_000)
      #expect(outcome.status == 1, "not caught: \(mutation.name): \(outcome.text)")
      #expect(outcome.text.hasPrefix("seed "), "\(mutation.name): \(outcome.text)")
    } catch {
      Issue.record("\(mutation.name): \(error)")
    }
  }
}
