// ConformanceKit/Neighbours.swift: the catalogue's remaining cases, and attacks next to those in it.
// Memory, exceptions, floating point and leases; time and death stand in Endurance.swift.

import ApusABI
import ImagePlan
import PlainText

extension Case {
  static let memoryNeighbours: [Case] = [
    Case("M23_first_task", .memory, "the first task of all begins under its own map") { t in
      // The supervisor's first life reads the kernel's memory before anything was switched.
      let record = t.history.firstDeath
      let cause = ResetRecord.mark | UInt32(ResetCause.supervisorFault.rawValue)
      try expect(
        record.count == 4 && record[0] == cause
          && TaskState(rawValue: record[1]).fault == .memory && record[2] == 0x2000_0000,
        "the supervisor to die of reading the kernel's memory, not \(record.map { hexadecimal($0) })"
      )
    },
    Case("M12_closed_eighths", .memory, "an eighth that a region leaves out is closed") { t in
      var count = 0
      for role in Role.puppets {
        for (low, high) in closedParts(of: t.task(role)) where count < 24 {
          for address in [low, high - 4] {
            try await t.crime(.loadWord, [1: address], is: .memory, at: address, by: role)
          }
          count += 1
        }
      }
      if count == 0 { throw CaseLimit(description: "no region of this image has a closed eighth") }
    },
    Case("M14_unused_slots", .memory, "what another map had in a slot that is now unused is closed")
    { t in
      for role in Role.puppets where role != .hostile {
        for region in t.task(role).regions where region.attributes & 1 == 1 {
          // The owner has just run; the hostile task's map has fewer regions.
          _ = try await t.run(role, .nothing).done()
          let address = region.base & ~31
          let isOwn = t.task(.hostile).regions.contains { $0.access(at: address) != nil }
          if !isOwn { try await t.crime(.loadWord, [1: address], is: .memory, at: address) }
        }
      }
    },
    Case("M17_storm", .memory, "interrupts at every stage of a switch leave each task its own map")
    { t in
      try await startTimer(t, every: 700)
      for round in UInt32(0)..<40 {
        _ = try await t.call(.assist, .irqControl, [4: 1, 5: 3]).done()
        // Another phase each time: the interrupt comes wherever the switch happens to be.
        _ = try await t.run(.suite, .spin, [0: 50 + round * 7]).done()
        _ = try await t.run(.victim, .loadWord, [1: t.scratch(.victim)]).done()
        let kernel = t.plan.kernel.ram.base + 8
        try await t.crime(.loadWord, [1: kernel], is: .memory, at: kernel)
      }
      try await stopTimer(t)
      let bits = try await t.call(.assist, .receiveNotifications, [9: 1]).done()
      try expect(bits[5] == 1, "the timer's bit, not \(bits)")
    },
    Case(
      "M19_holes", .memory, "where no register answers in a granted window, only the bus refuses"
    ) {
      t in
      let base = t.device("timer0")
      for address in stride(from: base + 0x40, to: base + 0x1000, by: 0x1C4) {
        let outcome = try await t.run(.assist, .loadWord, [1: address])
        if outcome.fault != nil {
          try await t.check(outcome, .assist, is: .bus, at: address)
        } else {
          _ = try outcome.done()
        }
      }
    },
    Case("M23_supervisors_map", .memory, "the first task runs under a map of its own, from boot") {
      t in
      let kernel = t.plan.kernel.ram.base + 8
      for (gadget, address) in [
        (Gadget.loadWord, kernel), (.storeWord, 0x40), (.loadWord, t.task(.victim).ram.base),
      ] {
        let record = try await t.dieAsSupervisor(gadget, [1: address])
        try expect(
          record[0] == 0x4150_5502 && record[1] >> 8 & 0xFF == 1 && record[2] == address,
          "a memory fault at \(hexadecimal(address)), not \(record.map { hexadecimal($0) })")
      }
    },
  ]

  /// The runs of bytes inside a region's power of two that the task may not touch at all.
  private static func closedParts(of task: Plan.TaskPart) -> [(UInt32, UInt32)] {
    var parts: [(UInt32, UInt32)] = []
    for region in task.regions
    where region.attributes & 1 == 1 && region.attributes >> 8 & 0xFF != 0 {
      let size = UInt32(2) << (region.attributes >> 1 & 31)
      let base = region.base & ~31 & ~(size - 1)
      for eighth in UInt32(0)..<8 where region.attributes >> (8 + eighth) & 1 == 1 {
        let (low, high) = (base + eighth * (size / 8), base + (eighth + 1) * (size / 8))
        let isOpen = [low, high - 4].contains { address in
          task.regions.contains { $0.access(at: address) != nil }
        }
        if !isOpen { parts.append((low, high)) }
      }
    }
    return parts
  }

  static let exceptionNeighbours: [Case] = [
    Case("E15_only_the_frame", .exceptions, "of a task's stack a call changes the frame alone") {
      t in
      let sp = t.scratch(.hostile, 768)
      let frame = frameBytes(t)
      _ = try await t.run(.hostile, .call, [11: Call.getTimer.rawValue], sp: sp).done()
      let base = t.scratch(.hostile)
      var outcome = try await t.run(
        .hostile, .countDifferences, [0: base, 1: sp - frame, 2: 0xE7E7_E7E7])
      try expect(outcome.report?[4] == 0, "paint below the frame, not \(outcome)")
      outcome = try await t.run(
        .hostile, .countDifferences, [0: sp, 1: sp + 200, 2: 0xE7E7_E7E7])
      try expect(outcome.report?[4] == 0, "paint above the frame, not \(outcome)")
    },
    Case("E19_kinds", .exceptions, "each fault arrives as itself, whatever came before it") { t in
      for _ in 0..<2 {
        try await t.crime(.loadWord, [1: 8], is: .memory, at: 8)
        try await t.crime(.undefined, is: .illegalInstruction)
        try await t.crime(.breakpoint, is: .breakpoint)
        try await t.crime(.divide, [2: 0], is: .divideByZero)
        try await t.crime(.call, [11: 99], sp: 0, is: .stackOverflow)
        try await t.crime(.jump, [1: 1], is: .illegalText)
      }
    },
    Case("E21_call_in_a_loan", .exceptions, "a frame that a server rewrites changes no register") {
      t in
      // r4...r11 are the kernel's: what lies on the stack is not what a call comes back with.
      let table = t.scratch(.suite, 128)
      try await lendFrame(t, 20, table: table)
      try await t.poke(.assist, t.scratch(.assist, 512), [1, 2, 3, 4, 5])
      _ = try await t.borrow(.borrowWrite, .assist, .suite, count: 20).done()
      _ = try await t.reply(.assist, .suite).done()
      let back = try await t.outcome(of: .suite).done()
      try expect(
        back[0] == 1 && back[3] == 4 && back[12] == 5, "r0...r3 and r12 as written: \(back)")
      try expect(
        back[4] == 0 && back[9] == table && back[11] == Call.send.rawValue,
        "r4...r11 as the kernel kept them: \(back)")
    },
  ]

  static let floatingPointNeighbours: [Case] = [
    Case(
      "F05_other_task", .floatingPoint, "no floating-point register lands in another task's memory",
      needs: [.floatingPoint]
    ) { t in
      let victim = t.task(.victim).ram.base
      for sp in [victim + 192 + 0x30, victim + 512, victim + 1024] {
        try await fill(t, .hostile, 0x4500_0000)
        try await t.crime(
          .floatingPointThenCall, [0: t.scratch(.hostile), 11: Call.getTimer.rawValue], sp: sp,
          is: .stackOverflow)
        _ = try await t.run(.suite, .floatingPointRead, [2: t.scratch(.suite, 512)]).done()
      }
    },
    Case(
      "F06_no_debt", .floatingPoint, "a fault leaves the next task no pending save",
      needs: [.floatingPoint]
    ) { t in
      for _ in 0..<3 {
        try await fill(t, .hostile, 0x4600_0000)
        try await t.crime(
          .floatingPointUndefined, [0: t.scratch(.hostile)], is: .illegalInstruction)
        for role in [Role.victim, .suite, .assist] {
          _ = try await t.run(role, .floatingPointRead, [2: t.scratch(role, 512)]).done()
          if role == .victim { try await t.restart(.victim) }
        }
      }
    },
    Case(
      "F08_low_edge", .floatingPoint, "the extended frame is refused where only a basic one fits",
      needs: [.floatingPoint]
    ) { t in
      let base = t.task(.hostile).paddedRAM.base
      for room: UInt32 in [0, 32, 64, 96] {
        try await fill(t, .hostile, 0x4700_0000)
        try await t.crime(
          .floatingPointThenCall, [0: t.scratch(.hostile), 11: Call.getTimer.rawValue],
          sp: base + room, is: .stackOverflow)
      }
    },
  ]

  static let leaseNeighbours: [Case] = [
    Case("L06_lengths", .leases, "a loan may be empty or end with its memory, but not wrap") { t in
      let end = t.task(.hostile).ram.base + t.task(.hostile).ram.size
      let good: [(UInt32, UInt32)] = [(end - 16, 16), (end - 1, 1), (0, 0), (0xFFFF_FFFF, 0)]
      for (address, count) in good {
        try await t.serve(
          .hostile, lending: [Lease(address: address, byteCount: count, rights: 1)])
        let moved = try await t.borrow(.borrowRead, .assist, .hostile).done()
        try expect(moved[4] == 0 && moved[5] == count, "\(count) bytes, not \(moved)")
        _ = try await t.reply(.assist, .hostile).done()
        _ = try await t.outcome(of: .hostile).done()
      }
      for (address, count): (UInt32, UInt32) in [
        (end - 16, 17), (end - 4, 0xFFFF_FFFF), (0xFFFF_FFF0, 0x20), (end, 1), (1, 0xFFFF_FFFF),
      ] {
        try await t.serve(
          .hostile, lending: [Lease(address: address, byteCount: count, rights: 1)])
        let answer = try await t.borrow(.borrowRead, .assist, .hostile).done()
        try expect(answer[4] == 1, "the code 'defect', not \(answer)")
        try await t.check(t.outcome(of: .hostile), .hostile, is: .badSlice, at: address)
      }
    },
    Case("L09_every_offset", .leases, "each offset and length moves its bytes and no other") { t in
      let base = t.scratch(.suite, 512)
      try await t.poke(.suite, base, (0..<8).map { 0x0302_0100 + UInt32($0) * 0x0404_0404 })
      try await t.serve(.suite, lending: [Lease(address: base, byteCount: 32, rights: 1)])
      for offset: UInt32 in [0, 1, 2, 3, 7, 30, 31, 32] {
        for count: UInt32 in [0, 1, 5, 32, 64] {
          try await t.poke(.assist, t.scratch(.assist, 512), [])
          let moved = try await t.borrow(
            .borrowRead, .assist, .suite, count: count, offset: offset
          ).done()
          let wanted = min(count, 32 - offset)
          try expect(
            moved[4] == 0 && moved[5] == wanted, "\(wanted) from \(offset), not \(moved)")
          let words = try await t.peek(.assist, t.scratch(.assist, 512), 9)
          for index in UInt32(0)..<36 {
            let byte = words[Int(index / 4)] >> (index % 4 * 8) & 0xFF
            let right = index < wanted ? offset + index : 0xE7
            try expect(byte == right, "byte \(index) of \((offset, count)): \(right), not \(byte)")
          }
        }
      }
    },
    Case(
      "L11_table_rewritten", .leases, "a table that changes after a borrow is checked again"
    ) { t in
      // The first loan is the table itself: the server turns the second into the kernel's memory.
      let table = t.scratch(.hostile, 128)
      let lent = t.scratch(.hostile, 512)
      try await t.serve(
        .hostile,
        lending: [
          Lease(address: table, byteCount: 24, rights: 3),
          Lease(address: lent, byteCount: 16, rights: 3),
        ])
      var answer = try await t.borrow(.borrowRead, .assist, .hostile, lease: 1).done()
      try expect(answer[4] == 0 && answer[5] == 16, "16 bytes, not \(answer)")
      let kernel = t.plan.kernel.ram.base
      try await t.poke(.assist, t.scratch(.assist, 512), [kernel, 16, 3])
      answer = try await t.borrow(.borrowWrite, .assist, .hostile, count: 12, offset: 12).done()
      try expect(answer[4] == 0 && answer[5] == 12, "12 bytes, not \(answer)")
      answer = try await t.borrow(.borrowWrite, .assist, .hostile, lease: 1).done()
      try expect(answer[4] == 1, "the code 'defect', not \(answer)")
      try await t.check(t.outcome(of: .hostile), .hostile, is: .badSlice, at: kernel)
    },
    Case(
      "L13_table_at_random", .leases, "however a lender's table changes, the borrower goes on"
    ) { t in
      // The loan is its own table: what the server writes is the lease that it uses next.
      let table = t.scratch(.hostile, 128)
      let entries: [[UInt32]] = [
        [table, 0, 0], [table, 11, 3], [table + 256, 1, 1], [0xFFFF_FFFF, 0, 3], [table, 12, 4],
        [0, 0xFFFF_FFFF, 3], [t.plan.kernel.ram.base, 4, 3],
      ]
      for entry in entries {
        for offset: UInt32 in [0, 12, 256] {
          try await t.serve(.hostile, lending: [Lease(address: table, byteCount: 512, rights: 3)])
          try await t.poke(.assist, t.scratch(.assist, 512), entry)
          _ = try await t.borrow(.borrowWrite, .assist, .hostile, count: 12).done()
          for call in [Call.borrowRead, .borrowWrite, .borrowInfo] {
            let answer = try await t.borrow(call, .assist, .hostile, count: 12, offset: offset)
              .done()
            try expect(answer[4] <= 1, "a code for \((entry, offset)), not \(answer)")
            let lender = await t.outcome(of: .hostile)
            guard lender.fault != nil else { continue }
            try await t.check(lender, .hostile, is: .badSlice, at: entry[0])
            break
          }
          try await t.restart(.hostile)
        }
      }
    },
    Case("V04_table_wraps", .leases, "an entry beyond the top of memory is not the one at 0") { t in
      for (table, number): (UInt32, UInt32) in [(0xFFFF_FFF4, 1), (0xFFF4_0000, 0xFFFE)] {
        try await t.listen(.assist)
        try await t.ask(.hostile, .assist, leases: (table, 0xFFFF)).blocked()
        _ = try await t.outcome(of: .assist).done()
        let answer = try await t.borrow(.borrowInfo, .assist, .hostile, lease: number).done()
        try expect(answer[4] == 1, "the code 'defect', not \(answer)")
        try await t.check(
          t.outcome(of: .hostile), .hostile, is: .badSlice, at: table &+ 12 &* number)
      }
    },
    Case("V09_alias", .slices, "an alias of own memory is not own memory") { t in
      let own = t.scratch(.hostile)
      let alias = 0x2200_0000 + (own & 0xF_FFFF) * 32
      for address in [alias, own ^ 0x8000_0000, own | 0x0100_0000] {
        try await t.listen(.assist)
        try await t.misuse(
          .send, [4: await t.identity(.assist), 5: address, 6: 4], is: .badSlice, at: address)
        try await t.expectState(.assist, .receiving)
        try await t.restart(.assist)
      }
    },
  ]
}
