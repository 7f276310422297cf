// ConformanceKit/Registers.swift: the catalogue's cases on call numbers, registers and slices.
// A slice is checked by one routine of the kernel; each call is shown to ask it.

import ApusABI

extension Case {
  static let registers: [Case] = [
    Case("A01_unknown_call", .registers, "a number that is no call is the caller's fault") { t in
      let numbers: [UInt32] = [
        24, 25, 31, 32, 255, 256, 0x100, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x0100_0000,
      ]
      for number in numbers {
        try await t.crime(
          .call, [11: number], is: .usage, detail: UsageError.unknownCall.rawValue)
      }
    },
    Case(
      "A02_random_registers", .registers, "random registers end in a fault or a code, never more"
    ) {
      t in
      for seed in UInt32(1)...25 {
        let outcome = try await t.run(
          .hostile, .randomCalls, [0: seed &* 2_654_435_761, 1: 200, 2: 31, 3: 0xFFFF_001F])
        if let kind = outcome.fault?.state.fault {
          try await t.check(outcome, .hostile, is: kind)
        } else {
          try await t.restart(.hostile)
        }
        // What it sent to a well-behaved task is not answered.
        _ = await t.outcome(of: .suite)
      }
    },
    Case("A03_selectors", .registers, "a selector without a meaning is the caller's fault") { t in
      for value: UInt32 in [4, 8, 0x8000_0000, 0xFFFF_FFFF] {
        try await t.misuse(.irqControl, [4: 1, 5: value], .badSelector, by: .assist)
      }
      for reason: UInt32 in [6, 7, 0xFFFF] {
        let client = await t.identity(.suite)
        try await t.misuse(.replyFault, [4: client | reason << 16], .badSelector)
      }
    },
    Case("A04_indices", .registers, "an index that names no task is the caller's fault") { t in
      for call in [Call.reply, .replyFault, .borrowRead, .borrowWrite, .borrowInfo, .refreshTaskID]
      {
        for index: UInt32 in [8, 9, 16, 31, 0xFFFF] {
          try await t.misuse(call, [4: index], .illegalTask)
        }
      }
      for call in [Call.send, .post] {
        for index: UInt32 in [8, 9, 16, 31, 0xFFFF] {
          try await t.misuse(call, [4: index], .illegalTask)
        }
      }
    },
    Case("A09_unchanged", .registers, "what is no result keeps its value, and nothing leaks") { t in
      var order: [Int: UInt32] = [:]
      for register in 0...12 { order[register] = 0x5A5A_0000 | UInt32(register) }
      order[11] = Call.getTimer.rawValue
      let report = try await t.run(.hostile, .call, order, flags: 0xF000_0000).done()
      for register in [0, 1, 2, 3, 9, 10, 11, 12] {
        try expect(report[register] == order[register], "r\(register) as it was, not \(report)")
      }
      try expect(report[14] & 0xF000_0000 == 0xF000_0000, "the flags as they were: \(report)")
    },
    Case("A10_immediate", .registers, "the immediate of the instruction means nothing") { t in
      // The answer is not what was asked with: another generation of the same task.
      let identity = await t.identity(.suite)
      let report = try await t.run(
        .hostile, .callWithImmediate, [4: identity ^ 32, 11: Call.refreshTaskID.rawValue]
      ).done()
      try expect(report[4] == identity, "the task's present identifier, not \(report)")
    },
    Case("A11_storm", .registers, "20,000 calls in a row harm nobody") { t in
      _ = try await t.run(
        .hostile, .callStorm, [0: 20_000, 11: Call.getTimer.rawValue]
      ).done()
    },
  ]

  /// Ways to name memory that is not the caller's, each with a length.
  static func badSlices(_ t: Trial) -> [(address: UInt32, count: UInt32)] {
    let (own, victim) = (t.task(.hostile).ram, t.task(.victim).ram)
    return [
      (t.plan.kernel.ram.base, 4), (victim.base, 4), (victim.base + victim.size - 1, 1),
      (0xE000_ED00, 4), (t.device("uart"), 4), (t.device("timer0"), 1), (0, 1), (0x2200_0000, 4),
      (0xFFFF_FFF0, 20), (0xFFFF_FFFF, 1), (own.base - 1, 1), (own.base - 4, 8),
      (own.base + own.size, 1), (own.base + own.size - 4, 5), (own.base + own.size - 1, 2),
    ]
  }

  static let slices: [Case] = [
    Case("V01_destinations", .slices, "no call writes where its caller may not") { t in
      for (address, count) in badSlices(t) + [(t.task(.hostile).flash.base, 4)] {
        // Nobody sends and nobody answers: the call itself is refused.
        for call in [Call.receive, .replyAndReceive] {
          let words = [4: await t.identity(.suite), 7: address, 8: count]
          try await t.misuse(call, words, is: .badSlice, at: address)
        }
        try await t.listen(.assist)
        try await t.misuse(
          .send, [4: await t.identity(.assist), 7: address, 8: count], is: .badSlice, at: address)
        try await t.expectState(.assist, .receiving)
        try await t.restart(.assist)
      }
    },
    Case("V02_sources", .slices, "no call reads what its caller may not") { t in
      for (address, count) in badSlices(t) {
        try await t.listen(.assist)
        try await t.misuse(
          .send, [4: await t.identity(.assist), 5: address, 6: count], is: .badSlice, at: address)
        try await t.expectState(.assist, .receiving)
        try await t.restart(.assist)
      }
    },
    Case("V03_wrapping", .slices, "a slice that wraps or is too long never holds") { t in
      let own = t.scratch(.hostile)
      for count: UInt32 in [257, 0xF000_0000, 0xFFFF_FFFF, 0x8000_0000] {
        try await t.misuse(.send, [4: await t.identity(.assist), 5: own, 6: count], .tooLong)
      }
      for offset: UInt32 in [1, 16, 255] {
        try await t.listen(.assist)
        let address = 0 &- offset
        try await t.misuse(
          .send, [4: await t.identity(.assist), 5: address, 6: 256], is: .badSlice, at: address)
        try await t.restart(.assist)
      }
    },
    Case("V07_empty", .slices, "an empty slice may point anywhere, and nothing is touched") { t in
      for address: UInt32 in [0, 0x2000_0000, 0xFFFF_FFFF, 0xE000_ED00] {
        try await t.listen(.assist, size: 0)
        try await t.call(
          .hostile, .send, [4: await t.identity(.assist), 5: address, 7: address]
        ).blocked()
        _ = try await t.outcome(of: .assist).done()
        _ = try await t.reply(.assist, .hostile).done()
        _ = try await t.outcome(of: .hostile).done()
      }
    },
    Case("V08_device", .slices, "the kernel touches no device for its owner") { t in
      let device = t.device("timer0")
      try await t.serve(.suite)
      let arguments: [Int: UInt32] = [4: await t.identity(.suite), 5: device, 6: 4]
      try await t.misuse(.reply, arguments, is: .badSlice, at: device, by: .assist)
      try await t.expectState(.suite, .awaitingReply)
      try await t.restart(.assist)
      let answer = try await t.outcome(of: .suite).done()
      try expect(answer[4] >= 0xFFFF_F800, "the dead code, not \(answer)")
    },
    Case("V12_copies", .slices, "every alignment and length is copied to the byte") { t in
      let words = (0..<12).map { UInt32($0) &* 0x0404_0404 &+ 0x0302_0100 }
      for (from, to, length): (UInt32, UInt32, UInt32) in [
        (0, 0, 1), (0, 0, 15), (0, 0, 16), (0, 0, 17), (0, 0, 31), (0, 0, 33), (1, 0, 7), (0, 3, 8),
        (2, 1, 13), (3, 3, 20), (1, 2, 40), (0, 0, 48), (0, 0, 47), (0, 3, 20), (1, 0, 20),
      ] {
        // What just fits is compared as equal before it is copied, and that must not look aligned.
        for room in from == to ? [44] : [44, length] {
          try await t.poke(.assist, t.scratch(.assist), [])
          try await t.poke(.suite, t.scratch(.suite), words)
          try await t.call(
            .assist, .receive, [7: t.scratch(.assist) + to, 8: room]
          ).blocked()
          try await t.call(
            .suite, .send,
            [4: await t.identity(.assist), 5: t.scratch(.suite) + from, 6: length]
          ).blocked()
          _ = try await t.outcome(of: .assist).done()
          let got = try await t.peek(.assist, t.scratch(.assist), 12)
          for index in UInt32(0)..<48 {
            let byte = got[Int(index / 4)] >> (index % 4 * 8) & 0xFF
            let isCopied = index >= to && index < to + min(length, room)
            let wanted = isCopied ? index - to + from : 0xE7
            try expect(
              byte == wanted, "byte \(index) of \((from, to, length)) \(wanted), not \(byte)")
          }
          _ = try await t.reply(.assist, .suite).done()
          _ = try await t.outcome(of: .suite).done()
        }
      }
    },
  ]
}
