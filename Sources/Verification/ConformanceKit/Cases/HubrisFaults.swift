// ConformanceKit/HubrisFaults.swift: Hubris's cases on faults, by its own names.
// Each fault is a real one: the hostile task executes what the name says.

import ApusABI
import PlainText

extension Case {
  static let hubrisFaults: [Case] = [
    Case("test_fault_badmem", .hubris, "a read of address 0 faults with that address") { t in
      try await t.crime(.loadWord, [1: 0], is: .memory, at: 0)
    },
    Case("test_fault_stackoverflow", .hubris, "a frame larger than the stack is a stack overflow") {
      t in
      try await t.crime(.poke, [0: t.task(.hostile).ram.base - 64], is: .memory)
      try await t.restart(.hostile)
      try await t.crime(
        .pushForever, sp: t.task(.hostile).ram.base + 128, is: .stackOverflow)
    },
    Case("test_fault_execdata", .hubris, "execution of the stack is refused") { t in
      try await t.crime(.jump, [1: t.scratch(.hostile) | 1], is: .illegalText)
    },
    Case("test_fault_illop", .hubris, "a branch with the Thumb bit clear is an invalid operation") {
      t in
      try await t.crime(.jump, [1: t.task(.hostile).flash.base], is: .invalidOperation)
    },
    Case("test_fault_nullexec", .hubris, "a jump to 0 is refused") { t in
      try await t.crime(.jump, [1: 1], is: .illegalText)
    },
    Case("test_fault_textoob", .hubris, "reading on past the own text is refused") { t in
      let text = t.task(.hostile)
      let end = text.paddedFlash.base + text.paddedFlash.size
      try await t.crime(.scanUp, [0: text.flash.base], is: .memory, at: end)
    },
    Case("test_fault_stackoob", .hubris, "reading on past the own RAM is refused") { t in
      let ram = t.task(.hostile).paddedRAM
      try await t.crime(.scanUp, [0: ram.base], is: .memory, at: ram.base + ram.size)
    },
    Case(
      "test_fault_buserror", .hubris, "the system control space is a bus fault with its address",
      needs: [.busFaults]
    ) { t in
      try await t.crime(.loadWord, [1: 0xE000_ED28], is: .bus, at: 0xE000_ED28)
    },
    Case("test_fault_illinst", .hubris, "an undefined instruction is one") { t in
      try await t.crime(.undefined, is: .illegalInstruction)
    },
    Case("test_fault_divzero", .hubris, "a division by zero is one") { t in
      try await t.crime(.divide, [1: 7, 2: 0], is: .divideByZero)
    },
    Case("test_fault_maxstatus", .hubris, "ours: the supervisor gets a code for any index") { t in
      for index in [UInt32(0xFFFF_FFFF), 0x8000_0000] {
        let answer = try await t.call(.supervisor, .taskStatus, [4: index]).done()
        try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
      }
    },
    Case("test_fault_badstatus", .hubris, "ours: the index behind the last is a code") { t in
      let answer = try await t.call(.supervisor, .taskStatus, [4: 8]).done()
      try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
    },
    Case("test_fault_maxrestart", .hubris, "ours: the supervisor gets a code for any index") { t in
      for index in [UInt32(0xFFFF_FFFF), 0x8000_0000] {
        let answer = try await t.call(.supervisor, .restartTask, [4: index]).done()
        try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
      }
    },
    Case("test_fault_badrestart", .hubris, "ours: nobody restarts supervisor, idle or what is not")
    {
      t in
      for index in [UInt32(0), 7, 8] {
        let answer = try await t.call(.supervisor, .restartTask, [4: index]).done()
        try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
      }
    },
    Case("test_fault_maxinjection", .hubris, "ours: the supervisor gets a code for any index") {
      t in
      for index in [UInt32(0xFFFF_FFFF), 0x8000_0000] {
        let answer = try await t.call(.supervisor, .injectFault, [4: index]).done()
        try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
      }
    },
    Case("test_fault_badinjection", .hubris, "ours: the index behind the last is a code") { t in
      let answer = try await t.call(.supervisor, .injectFault, [4: 8]).done()
      try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
    },
    Case("test_fault_superinjection", .hubris, "nobody stops the supervisor: it itself gets a code")
    {
      t in
      let answer = try await t.call(.supervisor, .injectFault, [4: 0]).done()
      try expect(answer[4] == 2, "the code 'bad argument', not \(answer)")
      try await t.misuse(.injectFault, [4: 0], .notSupervisor)
    },
    Case("test_fault_selfinjection", .hubris, "ours: a task that stops anybody is at fault itself")
    {
      t in
      try await t.misuse(.injectFault, [4: 5], .notSupervisor)
    },
    Case("test_panic", .hubris, "a panic stops the task, which was runnable") { t in
      try await t.misuse(.panic, is: .panic)
      try await t.expectState(.hostile, .runnable, fault: .panic)
    },
    Case(
      "test_floating_point_lowregs", .hubris, "s0...s15 survive another task's use of them",
      needs: [.floatingPoint]
    ) { t in try await floatingPointSurvives(t) },
    Case(
      "test_floating_point_highregs", .hubris, "s16...s31 survive another task's use of them",
      needs: [.floatingPoint]
    ) { t in try await floatingPointSurvives(t) },
    Case(
      "test_floating_point_fault", .hubris, "a task with used registers faults cleanly",
      needs: [.floatingPoint]
    ) { t in
      try await fill(t, .hostile, 0x4000_0000)
      try await t.crime(.floatingPointUndefined, [0: t.scratch(.hostile)], is: .illegalInstruction)
      try await t.expectState(.hostile, .runnable, fault: .illegalInstruction)
    },
  ]

  /// Fills `role`'s scratch with 32 words that begin with `first`.
  static func fill(_ t: Trial, _ role: Role, _ first: UInt32) async throws {
    for block in 0..<4 {
      let start = UInt32(block) * 8
      try await t.poke(
        role, t.scratch(role, start * 4), (0..<8).map { first + start + UInt32($0) })
    }
  }

  /// A client's registers stay while the server, and another task, load theirs.
  static func floatingPointSurvives(_ t: Trial) async throws {
    try await fill(t, .suite, 0x3F80_0000)
    try await fill(t, .assist, 0x4100_0000)
    try await t.listen(.assist)
    let send: [Int: UInt32] = [
      0: t.scratch(.suite), 1: 0x0040_0000, 2: t.scratch(.suite, 512), 4: await t.identity(.assist),
      5: t.scratch(.suite), 6: 4, 7: t.scratch(.suite, 256), 8: 0, 11: Call.send.rawValue,
    ]
    try await t.run(.suite, .floatingPointCall, send).blocked()
    _ = try await t.outcome(of: .assist).done()
    try await fill(t, .assist, 0x4100_0000)
    let own: [Int: UInt32] = [
      0: t.scratch(.assist), 1: 0x0080_0000, 4: await t.identity(.suite), 6: 0,
      2: t.scratch(.assist, 512), 11: Call.reply.rawValue,
    ]
    _ = try await t.run(.assist, .floatingPointCall, own).done()
    let back = try await t.outcome(of: .suite).done()
    try expect(back[3] == 0x0040_0000, "the client's FPSCR, not \(hexadecimal(back[3]))")
    for block in 0..<4 {
      let start = UInt32(block) * 8
      let words = try await t.peek(.suite, t.scratch(.suite, 512 + start * 4), 8)
      let wanted = (0..<8).map { 0x3F80_0000 + start + UInt32($0) }
      try expect(words == wanted, "s\(start)... as they were, not \(words.map { hexadecimal($0) })")
    }
  }
}
