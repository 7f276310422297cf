// ConformanceKit/HubrisRest.swift: Hubris's cases on time, notifications, interrupts and services.
// Interrupts come from a timer of the board, which the task `assist` owns.

import ApusABI
import PlainText

extension Case {
  static let hubrisRest: [Case] = [
    Case(
      "test_supervisor_fault_notification", .hubris, "a fault posts bit 0 to the supervisor, once"
    ) {
      t in
      // The count itself is part of every case's post-condition.
      try await t.crime(.undefined, is: .illegalInstruction)
    },
    Case("test_timer_advance", .hubris, "the clock goes on") { t in
      let before = try await t.now()
      _ = try await t.run(.suite, .spin, [0: 200_000]).done()
      let after = try await t.now()
      try expect(after > before, "a tick after \(before), not \(after)")
    },
    Case("test_timer_notify", .hubris, "a deadline wakes the wait for its bit") {
      t in
      let deadline = try await t.now() + 2
      let low = UInt32(truncatingIfNeeded: deadline)
      _ = try await t.call(.suite, .setTimer, [4: low, 5: UInt32(deadline >> 32), 6: 4]).done()
      _ = try await t.call(.suite, .receiveNotifications, [9: 4])
      try await t.round("q")
      try await t.round("q")
      let after = try await t.now()
      try expect(after >= deadline, "tick \(deadline) or later, not \(after)")
      try await t.expectState(.suite, .awaitingReply)
    },
    Case("test_timer_notify_past", .hubris, "a deadline that is now or past posts at once") { t in
      let now = UInt32(truncatingIfNeeded: try await t.now())
      for deadline in [now, 0, 1] {
        _ = try await t.call(.suite, .setTimer, [4: deadline, 6: 2]).done()
        let bits = try await t.call(.suite, .receiveNotifications, [9: 6]).done()
        try expect(bits[4] == 0xFFFF && bits[5] == 2, "bit 1 from the kernel, not \(bits)")
      }
    },
    Case("test_task_config", .hubris, "ours: generated constants match the manifest (board's name)")
    {
      t in
      let banner = await t.banner
      try expect(banner?.board == t.plan.board.name, "board \(t.plan.board.name)")
    },
    Case(
      "test_task_status", .hubris, "every index has a status, and the one behind the last a code"
    ) {
      t in
      for index in 0..<UInt32(t.plan.tasks.count) {
        let answer = try await t.call(.supervisor, .taskStatus, [4: index]).done()
        try expect(answer[4] == 0 && answer[5] & 31 == index, "task \(index), not \(answer)")
      }
      let answer = try await t.call(
        .supervisor, .taskStatus, [4: UInt32(t.plan.tasks.count)]
      ).done()
      try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
    },
    Case(
      "test_task_fault_injection", .hubris, "the supervisor stops a task, and its record says so"
    ) {
      t in
      let answer = try await t.call(.supervisor, .injectFault, [4: 5]).done()
      try expect(answer[4] == 0, "code 0, not \(answer)")
      try await t.check(t.outcome(of: .hostile), .hostile, is: .injected)
    },
    Case(
      "test_refresh_task_id_basic", .hubris, "after a restart: the same index, one generation more"
    ) {
      t in
      let old = await t.identity(.assist)
      try await t.restart(.assist)
      let answer = try await t.call(.suite, .refreshTaskID, [4: old]).done()
      try expect(answer[4] == old + 32, "\(hexadecimal(old + 32)), not \(answer)")
    },
    Case(
      "test_refresh_task_id_off_by_one", .hubris, "the index behind the last is the caller's fault"
    ) {
      t in try await t.misuse(.refreshTaskID, [4: 8], .illegalTask)
    },
    Case("test_refresh_task_id_off_by_many", .hubris, "so is the highest index there can be") { t in
      try await t.misuse(.refreshTaskID, [4: 31], .illegalTask)
      try await t.restart(.hostile)
      try await t.misuse(.refreshTaskID, [4: 0xFFFF], .illegalTask)
    },
    Case("refresh_strangers", .beyond, "only of whom one may call or notify; the supervisor of all")
    {
      t in
      for index: UInt32 in [1, 3, 5, 6, 7] {
        try await t.misuse(.refreshTaskID, [4: index], .illegalTask)
      }
      for index in UInt32(0)..<8 {
        let answer = try await t.call(.supervisor, .refreshTaskID, [4: index | 0xFFE0]).done()
        try expect(answer[4] & 31 == index, "task \(index), not \(answer)")
      }
    },
    Case("test_post", .hubris, "posted bits are received as they are") { t in
      let target = await t.identity(.assist)
      _ = try await t.call(.suite, .post, [4: target, 5: 0xAA00_006A]).done()
      let bits = try await t.call(.assist, .receiveNotifications, [9: ~0]).done()
      try expect(bits[5] == 0xAA00_006A, "the same bits, not \(bits)")
    },
    Case("test_irq_notif", .hubris, "an interrupt of the board arrives as its owner's notification")
    {
      t in
      try await startTimer(t)
      _ = try await t.call(.assist, .irqControl, [4: 1, 5: 3]).done()
      var outcome = try await t.call(.assist, .receiveNotifications, [9: 1])
      for _ in 0..<5 where outcome.report == nil {
        try await t.round("q")
        outcome = await t.outcome(of: .assist)
      }
      let bits = try outcome.done()
      try expect(bits[4] == 0xFFFF && bits[5] == 1, "bit 0 from the kernel, not \(bits)")
    },
    Case(
      "test_irq_status", .hubris, "enabled, pending and posted are told apart, all the way round"
    ) {
      t in
      try await stopTimer(t)
      _ = try await t.call(.assist, .irqControl, [4: 1, 5: 2]).done()
      try await expectInterrupt(t, 0, "before anything happens")
      try await startTimer(t)
      try await t.round("q")
      try await expectInterrupt(t, InterruptStatus.pending, "masked, and the device asks")
      _ = try await t.call(.assist, .irqControl, [4: 1, 5: 1]).done()
      try await stopTimer(t)
      try await expectInterrupt(t, InterruptStatus.posted, "taken", but: InterruptStatus.pending)
      _ = try await t.call(.assist, .irqControl, [4: 1, 5: 2]).done()
      try await expectInterrupt(t, InterruptStatus.posted, "taken, and forgotten by the NVIC")
      _ = try await t.call(.assist, .receiveNotifications, [9: 1]).done()
      try await expectInterrupt(t, 0, "received, and still masked")
      _ = try await t.call(.assist, .irqControl, [4: 1, 5: 1]).done()
      try await expectInterrupt(t, InterruptStatus.enabled, "enabled again")
    },
    Case(
      "at24csw080::test_at24csw080", .hubris, "a driver of an EEPROM, no case of the kernel",
      needs: [.eeprom]
    ) { _ in },
    Case("test_read_panic_message", .hubris, "a panic's text can be read, and only after a panic") {
      t in
      let room = t.scratch(.supervisor)
      var answer = try await t.call(.supervisor, .readPanicText, [4: 5, 7: room, 8: 64]).done()
      try expect(answer[4] == 2, "a code while it is healthy, not \(answer)")
      try await t.poke(.hostile, t.scratch(.hostile), [0x656C_7548, 0x7061_7355])
      try await t.misuse(.panic, [5: t.scratch(.hostile), 6: 8], is: .panic)
      answer = try await t.call(.supervisor, .readPanicText, [4: 5, 7: room, 8: 64]).done()
      try expect(answer[4] == 0 && answer[5] == 8, "8 bytes, not \(answer)")
      let words = try await t.supervisorMemory(room, 2)
      try expect(
        words == [0x656C_7548, 0x7061_7355], "the text, not \(words.map { hexadecimal($0) })")
    },
  ]

  /// Starts the board's timer: an interrupt every `clocks`.
  static func startTimer(_ t: Trial, every clocks: UInt32 = 10_000) async throws {
    let last = try await prepareTimer(t, every: clocks)
    _ = try await t.run(.assist, .storeWord, last).done()
  }

  /// Does all that starts the board's timer but the last store; returns the registers for that one.
  static func prepareTimer(_ t: Trial, every clocks: UInt32) async throws -> [Int: UInt32] {
    let base = t.device("timer0")
    var steps: [(offset: UInt32, value: UInt32)]
    if t.plan.board.machine == "lm3s6965evb" {
      steps = [(0x0C, 0), (0, 0), (4, 2), (0x28, clocks), (0x18, 1), (0x0C, 1)]
    } else {
      steps = [(8, clocks), (4, clocks), (0, 9)]
    }
    let last = steps.removeLast()
    for (offset, value) in steps {
      _ = try await t.run(.assist, .storeWord, [0: value, 1: base + offset]).done()
    }
    return [0: last.value, 1: base + last.offset]
  }

  /// Stops it, and takes its request back.
  static func stopTimer(_ t: Trial) async throws {
    let base = t.device("timer0")
    let isStellaris = t.plan.board.machine == "lm3s6965evb"
    for (offset, value): (UInt32, UInt32) in isStellaris
      ? [(0x0C, 0), (0x24, 1)] : [(0, 0), (0xC, 1)]
    {
      _ = try await t.run(.assist, .storeWord, [0: value, 1: base + offset]).done()
    }
  }

  static func expectInterrupt(
    _ t: Trial, _ wanted: UInt32, _ when: String, but ignored: UInt32 = 0
  ) async throws {
    let status = try await t.call(.assist, .irqStatus, [4: 1]).done()[4] & ~ignored
    try expect(status == wanted, "interrupt status \(wanted) \(when), not \(status)")
  }
}
