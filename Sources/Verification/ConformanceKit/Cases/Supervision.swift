// ConformanceKit/Supervision.swift: the catalogue's cases on notifications, time, restart and death,
// and what Hubris's suite leaves out besides.

import ApusABI
import PlainText

extension Case {
  static let beyond: [Case] = [
    Case("preemption", .beyond, "a more important task that wakes runs at once") { t in
      let spinning = try await t.run(.hostile, .spinForever)
      try expect(spinning.isLate && spinning.report == nil, "a task that spins: \(spinning)")
      for role in [Role.suite, .victim, .assist] {
        let outcome = try await t.run(role, .spin, [0: 100_000])
        try expect(outcome.report?[0] == 0, "'\(role)' to run all the same, not \(outcome)")
      }
      try await t.restart(.hostile)
    },
    Case("mask_filtering", .beyond, "a bit outside the mask stays posted, and wakes nobody") { t in
      let target = await t.identity(.assist)
      _ = try await t.call(.suite, .post, [4: target, 5: 0x30]).done()
      try await t.call(.assist, .receiveNotifications, [9: 0x40]).blocked()
      _ = try await t.call(.suite, .post, [4: target, 5: 0x40]).done()
      var bits = try await t.outcome(of: .assist).done()
      try expect(bits[5] == 0x40, "the bit asked for, not \(bits)")
      bits = try await t.call(.assist, .receiveNotifications, [9: 0x10]).done()
      try expect(bits[5] == 0x10, "one bit, not \(bits)")
      bits = try await t.call(.assist, .receiveNotifications, [9: ~0]).done()
      try expect(bits[5] == 0x20, "the other, not \(bits)")
    },
    Case("post_stale", .beyond, "a post to an earlier life is a dead code, and posts nothing") {
      t in
      let old = await t.identity(.assist)
      try await t.restart(.assist)
      let answer = try await t.call(.suite, .post, [4: old, 5: 2]).done()
      try expect(answer[4] == TaskID.dead(await t.identity(.assist) >> 5), "dead: \(answer)")
      try await t.call(.assist, .receiveNotifications, [9: ~0]).blocked()
    },
    Case("closed_receive", .beyond, "a wait for notifications takes no message") { t in
      try await t.call(.assist, .receiveNotifications, [9: 4]).blocked()
      try await t.ask(.suite, .assist, [1]).blocked()
      try await t.expectState(.assist, .waiting)
      try await t.expectState(.suite, .sending)
    },
    Case(
      "timer_cancel", .beyond, "a timer that is disarmed or set anew posts only what was set last"
    ) {
      t in
      _ = try await t.call(.suite, .setTimer, [4: ~0, 5: 1, 6: 2]).done()
      _ = try await t.call(.suite, .setTimer, [4: 0, 6: 0]).done()
      let state = try await t.call(.suite, .getTimer).done()
      try expect(state[8] == 0, "a timer that is off, not \(state)")
      _ = try await t.call(.suite, .setTimer, [4: 0, 6: 8]).done()
      let bits = try await t.call(.suite, .receiveNotifications, [9: ~0]).done()
      try expect(bits[5] == 8, "the last bits alone, not \(bits)")
    },
    Case("not_supervisor", .beyond, "each kernel service is a fault of anybody else") { t in
      for call in [
        Call.taskStatus, .restartTask, .injectFault, .findFaultedTask, .readPanicText,
        .resetMachine,
        .readResetRecord, .giveUp,
      ] {
        try await t.misuse(call, [4: 3], .notSupervisor)
      }
    },
    Case("no_interrupt", .beyond, "a mask that names no own interrupt is the caller's fault") { t in
      for mask: UInt32 in [0, 2, 0x8000_0000] {
        try await t.misuse(.irqControl, [4: mask, 5: 1], .noInterrupt, by: .assist)
        try await t.misuse(.irqStatus, [4: mask], .noInterrupt, by: .assist)
      }
      try await t.misuse(.irqControl, [4: 0xFFFF_FFFF, 5: 1], .noInterrupt)
    },
    Case(
      "supervisor_death", .beyond, "the supervisor's fault resets the machine and leaves a record"
    ) {
      t in
      let record = try await t.dieAsSupervisor(.undefined, [:])
      try expect(
        record[0] == 0x4150_5502, "the supervisor's death, not \(record.map { hexadecimal($0) })")
      try expect(
        record[1] >> 8 & 0xFF == 5, "an illegal instruction, not \(record.map { hexadecimal($0) })")
    },
    Case("power_on", .beyond, "the kernel starts alike, whatever registers and memory hold") { t in
      try expect(!t.history.firstDeath.isEmpty, "a first life")
      let words = t.history.unclearedWords
      try expect(
        words.isEmpty,
        "the kernel's memory cleared, not to differ at \(words.map { hexadecimal($0) })")
    },
    Case(
      "first_lives", .beyond, "every first life begins as any other, whatever a boot loader left"
    ) { t in
      try expect(!t.history.firstDeath.isEmpty, "a first life")
      let traces = t.history.traces
      try expect(traces.isEmpty, "no trace in any task, not: \(traces.joined(separator: ", "))")
    },
    Case(
      "first_fault", .beyond, "the first fault has its own name, whatever status a boot loader left"
    ) { t in
      let record = t.history.firstDeath
      try expect(
        record.count == 4 && TaskState(rawValue: record[1]).fault == .memory,
        "a memory fault, not \(record.map { hexadecimal($0) })")
    },
    Case(
      "kernel_fault", .beyond, "a trap of the kernel resets the machine, and the record says where"
    ) { t in
      let record = await t.firstRecord
      let wanted = [
        ResetRecord.mark | UInt32(ResetCause.kernelFault.rawValue), 0, 0, t.history.trap,
      ]
      try expect(
        record == wanted, "\(wanted.map { hexadecimal($0) }), not \(record.map { hexadecimal($0) })"
      )
    },
    Case(
      "requested_reset", .beyond,
      "a reset on request leaves its record, and only for the supervisor"
    ) {
      t in
      try await t.misuse(.resetMachine, [:], .notSupervisor)
      let record = try await t.dieAsSupervisor(.call, [11: Call.resetMachine.rawValue])
      try expect(record[0] == 0x4150_5501, "a request, not \(record.map { hexadecimal($0) })")
    },
    Case("registers_after_restart", .beyond, "a new life sees nothing of the old one's stack") {
      t in
      for offset: UInt32 in [0, 400, 1000] {
        try await t.poke(.hostile, t.scratch(.hostile, offset), [0x5EC2_E75E])
      }
      try await t.restart(.hostile)
      let base = t.scratch(.hostile)
      let outcome = try await t.run(
        .hostile, .countDifferences, [0: base, 1: base + 1040, 2: 0xE7E7_E7E7])
      try expect(outcome.report?[4] == 0, "paint alone, not \(outcome)")
    },
  ]

  static let notifications: [Case] = [
    Case("N01_not_allowed", .notifications, "a post outside the manifest is the poster's fault") {
      t in
      for index: UInt32 in [0, 1, 2, 3, 5, 6, 7] {
        try await t.misuse(.post, [4: index, 5: 1], .illegalTask)
      }
    },
    Case("N09_forged", .notifications, "no task can post what an interrupt posts") { t in
      let target = await t.identity(.assist)
      for bits: UInt32 in [1, 3, 0xFFFF_FFFF, 0x80] {
        try await t.misuse(.post, [4: target, 5: bits], .notPostable, by: .suite)
      }
      try await t.call(.assist, .receiveNotifications, [9: ~0]).blocked()
      _ = try await t.call(.suite, .post, [4: target, 5: 2]).done()
      let bits = try await t.outcome(of: .assist).done()
      try expect(bits[5] == 2, "the one bit that tasks may post, not \(bits)")
    },
    Case("N02_accumulate", .notifications, "bits add up for who waits for something else") { t in
      try await t.serve(.suite)
      for bit in 0..<4 {
        let target = await t.identity(.suite)
        _ = try await t.call(.hostile, .post, [4: target, 5: 1 << UInt32(bit * 9)]).done()
      }
      _ = try await t.reply(.assist, .suite).done()
      _ = try await t.outcome(of: .suite).done()
      let bits = try await t.call(.suite, .receiveNotifications, [9: ~0]).done()
      try expect(bits[5] == 0x0804_0201, "all four bits, not \(hexadecimal(bits[5]))")
    },
    Case("N05_stuck", .notifications, "an interrupt that stays up is taken once for each enabling")
    {
      t in
      try await startTimer(t)
      _ = try await t.call(.assist, .irqControl, [4: 1, 5: 3]).done()
      for _ in 0..<4 { try await t.round("q") }
      _ = try await t.call(.assist, .receiveNotifications, [9: 1]).done()
      let again = try await t.call(.assist, .irqStatus, [4: 1]).done()
      try expect(again[4] & 1 == 0, "the interrupt masked until it is enabled, not \(again)")
      try await stopTimer(t)
    },
    Case(
      "N06_owner_dies", .notifications,
      "a dead owner's interrupt stays masked, also in its next life"
    ) {
      t in
      try await startTimer(t)
      try await t.crime(.undefined, is: .illegalInstruction, by: .assist)
      for _ in 0..<3 { try await t.round("q") }
      try await t.restart(.assist)
      let status = try await t.call(.assist, .irqStatus, [4: 1]).done()
      try expect(status[4] & 5 == 0, "neither enabled nor posted, not \(status)")
      try await stopTimer(t)
    },
  ]

  static let timers: [Case] = [
    Case("T01_deadlines", .timers, "past deadlines post at once, far ones do not") { t in
      for (low, high): (UInt32, UInt32) in [(~0, ~0), (0, 1), (0xFFFF_FFFF, 0)] {
        _ = try await t.call(.suite, .setTimer, [4: low, 5: high, 6: 2]).done()
        let state = try await t.call(.suite, .getTimer).done()
        try expect(
          state[6] == low && state[7] == high && state[8] == 2, "armed as it was set, not \(state)")
      }
      try await t.call(.suite, .receiveNotifications, [9: 2]).blocked()
    },
    Case("T03_together", .timers, "timers that are due together all post") { t in
      let now = UInt32(truncatingIfNeeded: try await t.now())
      for role in Role.puppets {
        _ = try await t.call(role, .setTimer, [4: now + 40, 6: 4]).done()
      }
      for role in Role.puppets { _ = try await t.call(role, .receiveNotifications, [9: 4]) }
      for _ in 0..<30 { try await t.round("q") }
      for role in Role.puppets {
        let state = try await t.status(role)
        try expect(state.state.activity == .awaitingReply, "'\(role)' woken, not \(state)")
      }
    },
    Case("T07_disarmed_by_fault", .timers, "a fault and a restart disarm the timer") { t in
      _ = try await t.call(.hostile, .setTimer, [4: ~0, 5: 1, 6: 2]).done()
      try await t.crime(.undefined, is: .illegalInstruction)
      try await t.restart(.hostile)
      for _ in 0..<4 { try await t.round("q") }
      let state = try await t.call(.hostile, .getTimer).done()
      try expect(state[8] == 0, "no timer in the new life, not \(state)")
      try await t.call(.hostile, .receiveNotifications, [9: ~0]).blocked()
    },
  ]

  static let supervision: [Case] = [
    Case("X01_record", .supervision, "a fault on a stopped task keeps what it was doing") { t in
      try await t.serve(.suite)
      _ = try await t.call(.supervisor, .injectFault, [4: 4]).done()
      try await t.check(t.outcome(of: .suite), .suite, is: .injected)
      try await t.expectState(.suite, .awaitingReply, fault: .injected)
    },
    Case(
      "X01_program_counter", .supervision, "a fault's program counter lies in the culprit's text"
    ) {
      t in
      let fault = try await t.crime(.undefined, is: .illegalInstruction)
      let text = t.task(.hostile).flash
      try expect(
        fault.programCounter >= text.base && fault.programCounter < text.base + text.size,
        "an address of the hostile task's text, not \(fault)")
    },
    Case("X02_restart_anywhere", .supervision, "a restart from each state begins a clean life") {
      t in
      try await t.listen(.assist, notifications: 6)
      try await t.restart(.assist)
      try await t.call(.assist, .receiveNotifications, [9: 6]).blocked()
      try await t.restart(.assist)
      try await t.ask(.suite, .assist, [1]).blocked()
      try await t.restart(.suite)
      try await t.serve(.suite)
      try await t.restart(.suite)
      try await t.crime(.undefined, is: .illegalInstruction)
      try await t.restart(.hostile)
      for role in Role.puppets { try await t.call(role, .receiveNotifications, [9: ~0]).blocked() }
    },
    Case("X04_crash_loop", .supervision, "fifty deaths in a row cost the others nothing") { t in
      for _ in 0..<50 { try await t.crime(.undefined, is: .illegalInstruction) }
    },
    Case("X09_panic_text", .supervision, "a panic with a text that is not its own has none") { t in
      for (address, count): (UInt32, UInt32) in [
        (t.plan.kernel.ram.base, 16), (t.task(.victim).ram.base, 16), (t.scratch(.hostile), 257),
        (0xFFFF_FFF8, 16), (t.scratch(.hostile), 0xFFFF_FFFF),
      ] {
        try await t.misuse(.panic, [5: address, 6: count], is: .panic)
        let room = t.scratch(.supervisor)
        let answer = try await t.call(
          .supervisor, .readPanicText, [4: 5, 7: room, 8: 64]
        ).done()
        try expect(answer[4] == 0 && answer[5] == 0, "no text, not \(answer)")
      }
    },
    Case(
      "X09_supervisors_buffer", .supervision, "a bad buffer of the supervisor is a code, no reset"
    ) {
      t in
      try await t.misuse(.panic, [5: t.scratch(.hostile), 6: 16], is: .panic)
      for (address, count): (UInt32, UInt32) in [
        (0, 16), (t.plan.kernel.ram.base, 16), (0xFFFF_FFF8, 16),
        (t.task(.supervisor).flash.base, 16),
      ] {
        let answer = try await t.call(
          .supervisor, .readPanicText, [4: 5, 7: address, 8: count]
        ).done()
        try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
      }
    },
    Case(
      "X14_given_up", .supervision, "who waits for a task that is given up is told, and who calls"
    ) { t in
      let known = await t.identity(.assist)
      let dead = TaskID.dead(known >> 5)
      try await t.serve(.suite)
      try await t.ask(.hostile, .assist, [1]).blocked()
      _ = try await t.call(.supervisor, .injectFault, [4: 2]).done()
      try await t.check(t.outcome(of: .assist), .assist, is: .injected)
      let answer = try await t.call(.supervisor, .giveUp, [4: 2]).done()
      try expect(answer[4] == 0, "code 0, not \(answer)")
      for role in [Role.suite, .hostile] {
        let waited = try await t.outcome(of: role).done()
        try expect(waited[4] == dead, "the dead code for '\(role)', not \(waited)")
      }
      for (call, bits) in [(Call.send, UInt32(0)), (.post, 2), (.borrowInfo, 0)] {
        let answer = try await t.call(.suite, call, [4: known, 5: bits]).done()
        try expect(answer[4] == dead, "the dead code of \(call), not \(answer)")
      }
      var word = try await t.call(.suite, .refreshTaskID, [4: 2]).done()
      try expect(word[4] == known, "the last life, not \(word)")
      word = try await t.call(.supervisor, .findFaultedTask, [4: 1]).done()
      try expect(word[4] == 0, "nobody to decide about, not \(word)")
      try await t.restart(.assist)
      try expect(await t.identity(.assist) == known + 32, "the next life")
      word = try await t.call(.suite, .send, [4: known]).done()
      try expect(word[4] == TaskID.dead((known >> 5) + 1), "the code of the next life, not \(word)")
      try await t.serve(.suite)
    },
    Case("X15_giving_up_refused", .supervision, "only who is stopped can be given up") { t in
      for index: UInt32 in [0, 1, 2, 5, 7, 8, 31, 0xFFFF_FFFF] {
        let answer = try await t.call(.supervisor, .giveUp, [4: index]).done()
        try expect(answer[4] == 2, "the code 'bad argument' for \(index), not \(answer)")
      }
    },
    Case("X10_idle", .supervision, "idle can be neither stopped nor restarted") { t in
      for call in [Call.injectFault, .restartTask, .giveUp] {
        let answer = try await t.call(.supervisor, call, [4: 7]).done()
        try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
      }
    },
  ]
}
