// ConformanceKit/Endurance.swift: the catalogue's remaining cases on interrupts, time and death.
// What takes hours is the soak's; each of these is over in a moment.

import ApusABI
import ImagePlan
import PlainText

extension Case {
  static let interruptNeighbours: [Case] = [
    Case("N03_not_own", .notifications, "a mask of all bits reaches the caller's interrupts alone")
    {
      t in
      // The supervisor's line interrupt would go with it, and no line would ever come again.
      _ = try await t.call(.assist, .irqControl, [4: ~0, 5: 0]).done()
      _ = try await t.call(.assist, .irqControl, [4: ~0, 5: 2]).done()
      for role in [Role.victim, .suite, .hostile] {
        for mask: UInt32 in [1, 2, 4, ~0] {
          try await t.misuse(.irqControl, [4: mask, 5: 1], .noInterrupt, by: role)
          try await t.misuse(.irqStatus, [4: mask], .noInterrupt, by: role)
        }
      }
      try await t.round("q")
    },
    Case("N08_notified_once", .notifications, "an interrupt between two receives is told of once") {
      t in
      try await startTimer(t)
      _ = try await t.call(.assist, .irqControl, [4: 1, 5: 3]).done()
      for _ in 0..<3 { try await t.round("q") }
      try await stopTimer(t)
      _ = try await t.call(.assist, .receiveNotifications, [9: 1]).done()
      _ = try await t.call(.assist, .irqControl, [4: 1, 5: 3]).done()
      try await t.round("q")
      let status = try await t.call(.assist, .irqStatus, [4: 1]).done()
      try expect(status[4] == InterruptStatus.enabled, "enabled and no more, not \(status)")
    },
    Case("X12_restart_in_flight", .notifications, "a restart with an interrupt on its way masks it")
    { t in
      for control: UInt32 in [1, 3] {
        try await startTimer(t)
        _ = try await t.call(.assist, .irqControl, [4: 1, 5: control]).done()
        try await t.restart(.assist)
        for _ in 0..<3 { try await t.round("q") }
        let status = try await t.call(.assist, .irqStatus, [4: 1]).done()
        try expect(status[4] & 5 == 0, "neither enabled nor posted, not \(status)")
        try await stopTimer(t)
      }
    },
  ]

  static let timerNeighbours: [Case] = [
    Case("T05_storm", .timers, "5,000 timers set in a row cost the clock nothing") { t in
      let before = try await t.now()
      _ = try await t.run(
        .hostile, .callStorm, [0: 5000, 4: ~0, 5: 1, 6: 2, 11: Call.setTimer.rawValue]
      ).done()
      try expect(try await t.now() > before, "the clock to go on")
    },
    Case("T08_only_own", .timers, "a timer posts to the one who set it, and to nobody else") { t in
      let now = UInt32(truncatingIfNeeded: try await t.now())
      _ = try await t.call(.hostile, .setTimer, [4: now, 6: 0xFFFF_FFFF]).done()
      for role in [Role.assist, .victim, .suite] {
        try await t.call(role, .receiveNotifications, [9: ~0]).blocked()
      }
      let bits = try await t.call(.hostile, .receiveNotifications, [9: ~0]).done()
      try expect(bits[5] == 0xFFFF_FFFF, "every bit that was asked for, not \(bits)")
    },
  ]

  static let supervisionNeighbours: [Case] = [
    Case("X03_memory", .supervision, "a new life finds its whole stack painted anew") { t in
      for offset in stride(from: UInt32(0), to: 1024, by: 64) {
        try await t.poke(
          .victim, t.scratch(.victim, offset), Array(repeating: 0x5EC2_E75E, count: 12))
      }
      try await t.restart(.victim)
      let base = t.scratch(.victim)
      let outcome = try await t.run(
        .victim, .countDifferences, [0: base, 1: base + 1040, 2: 0xE7E7_E7E7])
      try expect(outcome.report?[4] == 0, "paint alone, not \(outcome)")
    },
    death("X06_memory", "a refused load", .loadWord, [1: 0x2000_0008], 1, at: 0x2000_0008),
    death("X06_illegal_text", "a jump to 0", .jump, [1: 1], 4),
    death("X06_divide", "a division by zero", .divide, [1: 1], 6),
    death("X06_breakpoint", "a breakpoint", .breakpoint, [:], 8),
    death("X06_usage", "a call that is none", .call, [11: 99], 10),
    death("X06_panic", "a panic", .call, [11: Call.panic.rawValue], 11),
    Case("X06_stack", .supervision, "the supervisor's stack overflow resets the machine") { t in
      let record = try await t.dieAsSupervisor(.pushForever, [:])
      try expect(
        record[0] == 0x4150_5502 && record[1] >> 8 & 0xFF == 2,
        "a stack overflow, not \(record.map { hexadecimal($0) })")
    },
    Case("X07_services", .supervision, "no service serves anybody but the supervisor") { t in
      for role in Role.puppets {
        for number in Call.firstService...22 {
          try await t.crime(
            .call, [4: 5, 11: number], is: .usage, detail: UsageError.notSupervisor.rawValue,
            by: role)
        }
      }
    },
    Case("X11_junk_above", .supervision, "an index with bits above it names nobody") { t in
      for call in [Call.taskStatus, .restartTask, .injectFault, .readPanicText] {
        for junk: UInt32 in [0x100, 0x1_0000, 0x8000_0000, 32] {
          let answer = try await t.call(.supervisor, call, [4: 5 | junk]).done()
          try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
        }
      }
      try await t.expectState(.hostile, .awaitingReply)
    },
    Case("X13_find", .supervision, "a stopped task is found from every index up to its own") { t in
      try await t.crime(.undefined, is: .illegalInstruction)
      for (from, found): (UInt32, UInt32) in [(0, 5), (1, 5), (5, 5), (6, 0), (8, 0), (~0, 0)] {
        let answer = try await t.call(.supervisor, .findFaultedTask, [4: from]).done()
        try expect(answer[4] == found, "\(found) from \(from), not \(answer)")
      }
    },
    Case("I19_reply_to_oneself", .messages, "a reply to oneself or to idle does nothing") { t in
      let own = await t.identity(.assist)
      for target: UInt32 in [own, 7, 0xFFE0 | 2] {
        _ = try await t.call(.assist, .reply, [4: target]).done()
        _ = try await t.call(.assist, .replyFault, [4: target]).done()
      }
      try await t.serve(.suite)
      _ = try await t.reply(.assist, .suite).done()
      _ = try await t.outcome(of: .suite).done()
    },
  ]

  /// The supervisor does what ends its life; the record names the kind, and the machine is back.
  private static func death(
    _ name: String, _ what: String, _ gadget: Gadget, _ registers: [Int: UInt32], _ kind: UInt32,
    at address: UInt32? = nil
  ) -> Case {
    Case(name, .supervision, "\(what) of the supervisor resets the machine, and is recorded") { t in
      let record = try await t.dieAsSupervisor(gadget, registers)
      try expect(
        record[0] == 0x4150_5502 && record[1] >> 8 & 0xFF == kind,
        "the supervisor's death of kind \(kind), not \(record.map { hexadecimal($0) })")
      if let address {
        try expect(
          record[2] == address, "\(hexadecimal(address)): \(record.map { hexadecimal($0) })")
      }
      let text = t.task(.supervisor).flash
      let isInside = record[3] >= text.base && record[3] < text.base + text.size
      try expect(
        isInside || kind == 4, "an instruction of its own, not \(record.map { hexadecimal($0) })")
    }
  }
}
