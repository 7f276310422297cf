// ConformanceKit/Instructions.swift: the catalogue's cases on instructions, stacks, frames and the FPU.
// A stack pointer is set by the hostile task itself, which then lets an exception come.

import ApusABI
import ImagePlan
import PlainText

extension Case {
  static let instructions: [Case] = [
    Case("P01_control", .instructions, "a task cannot make itself privileged") { t in
      let report = try await t.run(.hostile, .writeControl, [1: 0]).done()
      try expect(report[0] & 3 == 3, "unprivileged on the process stack, not \(report[0])")
      try await t.crime(.loadWord, [1: 0x2000_0008], is: .memory)
    },
    Case("P02_masks", .instructions, "interrupts cannot be masked: ticks come on") { t in
      var report = try await t.run(.hostile, .disableInterrupts).done()
      try expect(report[0] == 0 && report[2] == 0, "no mask set, not \(report)")
      report = try await t.run(.hostile, .writeMasks, [1: 0xFF]).done()
      try expect(report[0] == 0 && report[2] == 0 && report[3] == 0, "no mask set, not \(report)")
      let before = try await t.now()
      _ = try await t.run(.hostile, .spin, [0: 200_000]).done()
      try expect(try await t.now() > before, "the clock to go on")
      _ = try await t.run(.hostile, .enableInterrupts).done()
    },
    Case("P03_stack_registers", .instructions, "stack registers read 0 and keep their values") {
      t in
      var report = try await t.run(.hostile, .readStackPointers).done()
      try expect(report[0] == 0 && report[2] == 0, "0 for both, not \(report)")
      for gadget in [Gadget.writeMainStack, .writeProcessStack] {
        report = try await t.run(.hostile, gadget, [1: 0x2000_0100]).done()
        try expect(report[0] == 0, "0, not \(report)")
      }
    },
    Case("P04_status", .instructions, "the exception number reads 0") { t in
      let report = try await t.run(.hostile, .readStatus).done()
      try expect(report[0] == 0 && report[1] == 0 && report[2] == 0, "zeros, not \(report)")
    },
    Case("P05_wait", .instructions, "a task that waits for an interrupt or event comes back") { t in
      _ = try await t.run(.hostile, .waitForInterrupt).done()
      _ = try await t.run(.assist, .waitForInterrupt).done()
      _ = try await t.run(.hostile, .waitForEvent).done()
    },
    Case("P06_breakpoint", .instructions, "a breakpoint is charged to the task") { t in
      for _ in 0..<3 { try await t.crime(.breakpoint, is: .breakpoint) }
    },
    Case("P07_semihosting", .instructions, "a semihosting exit ends nothing but the task") { t in
      try await t.crime(.semihosting, [0: 0x18, 1: 0x20026], is: .breakpoint)
      try await t.crime(.semihosting, [0: 0x20, 1: t.scratch(.hostile)], is: .breakpoint)
    },
    Case("P08_undefined", .instructions, "undefined instructions of both lengths are illegal") {
      t in
      for gadget in [Gadget.undefined, .undefinedWide, .undefinedOther] {
        try await t.crime(gadget, is: .illegalInstruction)
      }
    },
    Case("P09_coprocessor", .instructions, "a coprocessor that is not there is refused") { t in
      let outcome = try await t.run(.hostile, .coprocessor)
      let kind = outcome.fault?.state.fault
      try expect(kind == .invalidOperation || kind == .illegalInstruction, "refusal: \(outcome)")
      try await t.check(outcome, .hostile, is: kind ?? .none)
    },
    Case("P10_arm_state", .instructions, "a branch that clears the Thumb bit is refused") { t in
      let text = t.task(.hostile).flash.base
      for gadget in [Gadget.jump, .callAddress, .returnTo, .popTo] {
        try await t.crime(gadget, [1: text], is: .invalidOperation)
      }
    },
    Case(
      "P11_exception_return", .instructions, "a forged exception return is an address, no return"
    ) {
      t in
      for value: UInt32 in [
        0xFFFF_FFF1, 0xFFFF_FFF9, 0xFFFF_FFFD, 0xFFFF_FFE1, 0xFFFF_FFE9, 0xFFFF_FFED, 0xFEFF_FFFF,
      ] {
        for gadget in [Gadget.returnTo, .popTo, .jump] {
          try await t.crime(gadget, [1: value], is: .illegalText)
        }
      }
    },
    Case("P12_divide", .instructions, "a division by 0 traps, also of 0 and of the smallest number")
    {
      t in
      for value: UInt32 in [0, 1, 0x8000_0000] {
        try await t.crime(.divide, [1: value, 2: 0], is: .divideByZero)
      }
      let report = try await t.run(.hostile, .divide, [1: 42, 2: 6]).done()
      try expect(report[0] == 7, "7, not \(report[0])")
    },
    Case("P13_unaligned", .instructions, "single words may be unaligned, multiples may not") { t in
      let base = t.scratch(.hostile)
      try await t.poke(.hostile, base, [0x4433_2211, 0x8877_6655])
      let report = try await t.run(.hostile, .loadWord, [1: base + 1]).done()
      try expect(report[0] == 0x5544_3322, "the bytes from 1, not \(hexadecimal(report[0]))")
      for gadget in [Gadget.loadPair, .loadMultiple, .loadExclusive] {
        try await t.crime(gadget, [2: base + 2], is: .invalidOperation)
      }
    },
  ]

  /// The bytes of an exception frame on the board.
  static func frameBytes(_ t: Trial) -> UInt32 { t.plan.board.hasFloatingPoint ? 104 : 32 }

  /// The suite sends, and lends the first `count` bytes of its own frame; assist has received it.
  static func lendFrame(_ t: Trial, _ count: UInt32, table: UInt32) async throws {
    let sp = t.scratch(.suite, 768)
    try await t.poke(.suite, table, [sp - frameBytes(t), count, 3])
    try await t.listen(.assist)
    try await t.run(
      .suite, .call,
      [
        4: await t.identity(.assist), 7: t.scratch(.suite, 256), 9: table, 10: 1,
        11: Call.send.rawValue,
      ], sp: sp
    ).blocked()
    _ = try await t.outcome(of: .assist).done()
  }

  static let exceptions: [Case] = [
    Case("E01_overflow", .exceptions, "a stack that grows past its end is stopped, again and again")
    {
      t in
      // The record names the push that went too far.
      let below = t.task(.hostile).paddedRAM.base - 4
      for _ in 0..<3 { try await t.crime(.pushForever, is: .stackOverflow, at: below) }
    },
    Case("E02_call_on_kernel_stack", .exceptions, "a call with the stack in kernel RAM is not made")
    {
      t in
      let target = await t.identity(.suite)
      for offset in stride(from: UInt32(64), to: t.plan.kernel.ram.size, by: 72) {
        try await t.crime(
          .call, [4: target, 5: 4, 11: Call.post.rawValue],
          sp: t.plan.kernel.ram.base + offset & ~7,
          is: .stackOverflow, at: 0)
      }
      _ = try await t.call(.suite, .setTimer, [4: 0, 6: 8]).done()
      let bits = try await t.call(.suite, .receiveNotifications, [9: ~0]).done()
      try expect(bits[5] == 8, "nobody's post but its own timer's, not \(bits)")
    },
    Case("E03_wrapping", .exceptions, "a frame that wraps below address 0 is refused") { t in
      for sp: UInt32 in [0, 4, 8, 0x18, 0x20] {
        try await t.crime(.call, [11: Call.getTimer.rawValue], sp: sp, is: .stackOverflow)
      }
    },
    Case("E05_anywhere", .exceptions, "a stack in flash, in a device or in nothing is refused") {
      t in
      let own = t.task(.hostile).flash
      for sp in [own.base + own.size & ~7, 0x4000_0800, 0x6000_0000, 0x9000_0000, 0x2200_0400] {
        try await t.crime(.call, [11: Call.getTimer.rawValue], sp: sp, is: .stackOverflow)
      }
      // The owner of a device may write to it, but a frame there is no stack of its own.
      let outcome = try await t.run(
        .assist, .call, [11: Call.getTimer.rawValue], sp: t.device("timer0") + 0x800)
      if let kind = outcome.fault?.state.fault { try await t.check(outcome, .assist, is: kind) }
    },
    Case(
      "E06_system_space", .exceptions, "a stack in the system space is a stack fault",
      needs: [.busFaults]
    ) { t in
      for sp: UInt32 in [0xE000_ED20, 0xE000_E120, 0xE000_1020] {
        try await t.crime(.call, [11: Call.getTimer.rawValue], sp: sp, is: .stackOverflow)
        try await t.crime(.undefined, sp: sp, is: .stackOverflow)
      }
    },
    Case("E07_other_task", .exceptions, "a stack in another task's memory leaves it as it was") {
      t in
      for offset in stride(from: UInt32(192), through: 1216, by: 128) {
        let sp = t.task(.victim).ram.base + offset
        try await t.crime(.call, [11: Call.getTimer.rawValue], sp: sp, is: .stackOverflow)
        try await t.crime(.spinForever, sp: sp, is: .stackOverflow)
      }
    },
    Case("E09_unaligned", .exceptions, "a stack at 4 modulo 8 comes back exactly") { t in
      let sp = t.scratch(.hostile, 812)
      let report = try await t.run(.hostile, .call, [11: Call.getTimer.rawValue], sp: sp).done()
      try expect(report[13] == sp, "\(hexadecimal(sp)), not \(hexadecimal(report[13]))")
    },
    Case("E10_phantom_call", .exceptions, "a call whose frame did not fit is never made by another")
    {
      t in
      for sp: UInt32 in [0, 0x2000_0100, t.task(.hostile).ram.base] {
        // The supervisor runs next: a phantom would make it receive twice, and lose a message.
        try await t.crime(.call, [11: Call.receive.rawValue], sp: sp, is: .stackOverflow)
        // And here a client of a listening server.
        try await t.listen(.assist)
        try await t.crime(.call, [11: Call.panic.rawValue], sp: sp, is: .stackOverflow)
        try await t.expectState(.assist, .receiving)
        try await t.ask(.suite, .assist, [1]).blocked()
        _ = try await t.outcome(of: .assist).done()
        _ = try await t.reply(.assist, .suite).done()
        _ = try await t.outcome(of: .suite).done()
      }
    },
    Case("E11_phantom_fault", .exceptions, "a fault whose frame did not fit is charged once") { t in
      let ppb: UInt32 = 0xE000_ED28
      for sp: UInt32 in [0, 0x2000_0100, t.task(.hostile).ram.base] {
        try await t.crime(.undefined, sp: sp, is: .stackOverflow)
        try await t.crime(.divide, [2: 0], sp: sp, is: .stackOverflow)
        try await t.crime(.loadWord, [1: 0x2000_0008], sp: sp, is: .stackOverflow)
        try await t.crime(.breakpoint, sp: sp, is: .stackOverflow)
        if Need.busFaults.reason(t.plan.board) == nil {
          try await t.crime(.loadWord, [1: ppb], sp: sp, is: .stackOverflow)
        }
      }
    },
    Case(
      "E12_tick", .exceptions, "a tick that finds no room for its frame stops the task, not time"
    ) {
      t in
      for sp: UInt32 in [0, 0x2000_0100, t.task(.victim).ram.base + 512] {
        try await t.crime(.spinForever, sp: sp, is: .stackOverflow)
        try await t.round("b")
      }
    },
    Case(
      "E12_interrupt", .exceptions,
      "a device's interrupt that finds no room for its frame stops the task, not the device"
    ) { t in
      for sp: UInt32 in [0, 0x2000_0100, t.task(.victim).ram.base + 512] {
        // Long before the next tick: the device is the first to interrupt the loop.
        let start = try await prepareTimer(t, every: 300)
        _ = try await t.call(.assist, .irqControl, [4: 1, 5: 3]).done()
        try await t.crime(.storeThenSpin, start, sp: sp, is: .stackOverflow, by: .assist)
        // Its next life finds the line masked, enables it, and is told as ever.
        try await t.restart(.assist)
        try await expectInterrupt(t, 0, "in a new life", but: InterruptStatus.pending)
        _ = try await t.call(.assist, .irqControl, [4: 1, 5: 1]).done()
        let bits = try await t.call(.assist, .receiveNotifications, [9: 1]).done()
        try expect(bits[5] == 1, "the timer's bit, not \(bits)")
        try await stopTimer(t)
      }
    },
    Case("E14_sweep_low", .exceptions, "a frame is written if all of it fits, to the byte, or not")
    {
      t in
      let (base, frame) = (t.task(.hostile).paddedRAM.base, frameBytes(t))
      let saved = try await t.run(.hostile, .nothing).done()[13]
      for sp in stride(from: base - 16, through: base + frame + 16, by: 8) {
        // r0 is the lowest word of a frame, and the place where the trial keeps its stack pointer.
        let outcome = try await t.run(
          .hostile, .call, [0: saved, 11: Call.getTimer.rawValue], sp: sp)
        if sp - frame < base {
          try await t.check(outcome, .hostile, is: .stackOverflow)
        } else if sp - frame == base {
          try expect(
            outcome.report?[0] == saved, "the frame at \(hexadecimal(base)) to fit: \(outcome)")
        }
        if outcome.report == nil || outcome.fault != nil { try await t.restart(.hostile) }
      }
    },
    Case("E14_sweep_high", .exceptions, "a frame across the end of the stack's region is refused") {
      t in
      let ram = t.task(.hostile).paddedRAM
      let end = ram.base + ram.size
      for sp in stride(from: end + 8, through: end + frameBytes(t) + 32, by: 8) {
        try await t.crime(.call, [11: Call.getTimer.rawValue], sp: sp, is: .stackOverflow)
      }
      try await t.crime(.undefined, sp: end + 8, is: .stackOverflow)
      try await t.crime(.spinForever, sp: end + 8, is: .stackOverflow)
    },
    Case("E20_exclusive", .exceptions, "an exclusive access does not hold across a call") { t in
      let report = try await t.run(
        .hostile, .exclusiveAcrossCall, [2: t.scratch(.hostile), 11: Call.getTimer.rawValue]
      ).done()
      try expect(report[3] == 1, "a refused store, not \(report)")
    },
  ]

  static let returns: [Case] = [
    tampered("R01_exception_number", "a frame that returns to a handler", 28, 0x0100_000F),
    tampered("R02_thumb_bit", "a frame without the Thumb bit", 28, 0),
    tampered("R03_kernel_address", "a frame that returns into the kernel", 24, 0x81),
    tampered("R03_system_address", "a frame that returns to a magic address", 24, 0xFFFF_FFF8),
    Case("R07_return_from_main", .returns, "a task whose first function returns is stopped") { t in
      try await t.crime(.jump, [1: 0xFFFF_FFFF], is: .illegalText)
    },
  ]

  /// A server overwrites a word of its client's frame, which lies in lent memory, and replies.
  private static func tampered(
    _ name: String, _ what: String, _ offset: UInt32, _ value: UInt32
  ) -> Case {
    Case(name, .returns, "\(what) stops the task that lent it, and nobody else") { t in
      try await lendFrame(t, 32, table: t.scratch(.suite, 128))
      try await t.poke(.assist, t.scratch(.assist, 512), [value])
      _ = try await t.borrow(.borrowWrite, .assist, .suite, count: 4, offset: offset).done()
      _ = try await t.reply(.assist, .suite).done()
      let outcome = await t.outcome(of: .suite)
      let kind = outcome.fault?.state.fault
      try expect(kind == .invalidOperation || kind == .illegalText, "a fault, not \(outcome)")
      try await t.check(outcome, .suite, is: kind ?? .none)
    }
  }

  static let floatingPoint: [Case] = [
    Case(
      "F01_preemption", .floatingPoint, "all registers survive ticks and other tasks",
      needs: [.floatingPoint]
    ) { t in
      try await fill(t, .hostile, 0x4200_0000)
      let order: [Int: UInt32] = [
        0: t.scratch(.hostile), 1: 0x0080_0000, 2: t.scratch(.hostile, 512), 3: 300_000,
      ]
      _ = try await t.run(.hostile, .floatingPointSpin, order).done()
      let last = try await t.peek(.hostile, t.scratch(.hostile, 512 + 96), 8)
      try expect(
        last == (24..<32).map { 0x4200_0000 + $0 },
        "s24... as they were: \(last.map { hexadecimal($0) })")
    },
    Case(
      "F02_fresh", .floatingPoint, "a new life begins with registers of zero",
      needs: [.floatingPoint]
    ) { t in
      try await fill(t, .hostile, 0x4300_0000)
      try await t.crime(.floatingPointUndefined, [0: t.scratch(.hostile)], is: .illegalInstruction)
      try await t.restart(.hostile)
      let report = try await t.run(
        .hostile, .floatingPointRead, [2: t.scratch(.hostile, 512)]
      ).done()
      try expect(report[3] == 0, "FPSCR 0, not \(hexadecimal(report[3]))")
      for offset: UInt32 in [512, 544, 576, 608] {
        let words = try await t.peek(.hostile, t.scratch(.hostile, offset), 8)
        try expect(
          words == Array(repeating: 0, count: 8), "zeros, not \(words.map { hexadecimal($0) })")
      }
    },
    Case(
      "F04_top_edge", .floatingPoint,
      "a frame whose upper part leaves the region is refused at once",
      needs: [.floatingPoint]
    ) { t in
      let ram = t.task(.hostile).paddedRAM
      for over: UInt32 in [8, 0x30, 0x48, 0x60] {
        try await fill(t, .hostile, 0x4400_0000)
        try await t.crime(
          .floatingPointThenCall, [0: t.scratch(.hostile), 11: Call.getTimer.rawValue],
          sp: ram.base + ram.size + over, is: .stackOverflow)
        _ = try await t.run(.suite, .floatingPointRead, [2: t.scratch(.suite, 512)]).done()
      }
    },
    Case(
      "F09_no_unit", .floatingPoint, "without a unit its instructions are refused"
    ) { t in
      guard !t.plan.board.hasFloatingPoint else { return }
      let outcome = try await t.run(.hostile, .floatingPointRead, [2: t.scratch(.hostile)])
      let kind = outcome.fault?.state.fault
      try expect(kind == .invalidOperation || kind == .illegalInstruction, "refusal: \(outcome)")
      try await t.check(outcome, .hostile, is: kind ?? .none)
    },
  ]
}
