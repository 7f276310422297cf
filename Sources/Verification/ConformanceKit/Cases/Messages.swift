// ConformanceKit/Messages.swift: the catalogue's cases on identity, order, leases and refusals.
// Who is blamed is as much part of each case as what is returned.

import ApusABI
import PlainText

extension Case {
  static let messages: [Case] = [
    Case("I01_not_allowed", .messages, "a send outside the manifest is the sender's fault") { t in
      for index: UInt32 in [1, 3, 5, 6, 7] { try await t.misuse(.send, [4: index], .illegalTask) }
      for index: UInt32 in [1, 2, 3, 4] {
        try await t.misuse(.send, [4: index], .illegalTask, by: .assist)
      }
    },
    Case(
      "I02_faulted_peer", .messages, "a send to a stopped task waits, and wakes with its dead code"
    ) {
      t in
      try await t.crime(.undefined, is: .illegalInstruction, by: .assist)
      try await t.ask(.suite, .assist, [1]).blocked()
      try await t.expectState(.suite, .sending)
      try await t.restart(.assist)
      let answer = try await t.outcome(of: .suite).done()
      let life = await t.identity(.assist) >> 5
      try expect(answer[4] == TaskID.dead(life), "the dead code, not \(answer)")
    },
    Case("I03_stale", .messages, "the dead code names the life that the next call reaches") { t in
      let old = await t.identity(.assist)
      try await t.restart(.assist, count: 3)
      let answer = try await t.call(.suite, .send, [4: old]).done()
      let life = answer[4] & 0x7FF
      try await t.listen(.assist)
      try await t.call(.suite, .send, [4: life << 5 | 2]).blocked()
      _ = try await t.outcome(of: .assist).done()
    },
    Case("I04_wrap", .messages, "the generation wraps after 2,048 restarts, and no sooner") { t in
      let old = await t.identity(.assist)
      try await t.restart(.assist, count: 2047)
      var answer = try await t.call(.suite, .send, [4: old]).done()
      try expect(answer[4] >= 0xFFFF_F800, "a dead code, not \(answer)")
      try await t.restart(.assist)
      answer = try await t.call(.suite, .refreshTaskID, [4: 2]).done()
      try expect(answer[4] == old, "the identifier of 2,048 lives ago, not \(answer)")
    },
    Case("I05_late_reply", .messages, "a reply to who does not wait for it does nothing") { t in
      _ = try await t.reply(.assist, .suite, [1]).done()
      try await t.serve(.suite)
      _ = try await t.reply(.hostile, .suite, [2]).done()
      try await t.expectState(.suite, .awaitingReply)
      let client = await t.identity(.suite)
      try await t.restart(.suite)
      _ = try await t.call(.assist, .reply, [4: client]).done()
      _ = try await t.call(.hostile, .replyFault, [4: client]).done()
      try await t.expectState(.suite, .awaitingReply)
    },
    Case("I06_reply_too_long", .messages, "a reply longer than its buffer is the server's fault") {
      t in
      try await t.serve(.suite, replySize: 8)
      let arguments: [Int: UInt32] = [
        4: await t.identity(.suite), 5: t.scratch(.assist), 6: 12,
      ]
      try await t.misuse(.reply, arguments, .tooLong, by: .assist)
      try await t.expectState(.suite, .awaitingReply)
    },
    Case("I07_cut", .messages, "a message longer than the buffer is cut, its length told in full") {
      t in
      try await t.listen(.assist, size: 8)
      try await t.ask(.suite, .assist, [1, 2, 3, 4]).blocked()
      let message = try await t.outcome(of: .assist).done()
      try expect(message[5] == 16, "16 bytes, not \(message)")
      let words = try await t.peek(.assist, t.scratch(.assist), 3)
      try expect(words == [1, 2, 0xE7E7_E7E7], "two words, not \(words.map { hexadecimal($0) })")
    },
    Case("I09_sender_dies", .messages, "a sender that dies in the queue is never delivered") { t in
      try await t.ask(.suite, .assist, [1]).blocked()
      try await t.ask(.hostile, .assist, [2]).blocked()
      try await t.restart(.suite)
      try await t.listenFor(.hostile)
    },
    Case("I12_identity", .messages, "the sender's identity is the kernel's, whatever is sent") {
      t in
      try await t.listen(.assist)
      try await t.ask(.hostile, .assist, operation: 0, [0, 4, 0xFFFF]).blocked()
      let message = try await t.outcome(of: .assist).done()
      let sender = await t.identity(.hostile)
      try expect(message[4] == sender, "the hostile task's identifier, not \(message)")
    },
    Case("I13_order", .messages, "the most important sender comes first, whenever it came") { t in
      try await t.ask(.hostile, .assist, [5]).blocked()
      try await t.ask(.suite, .assist, [4]).blocked()
      try await t.ask(.victim, .assist, [3]).blocked()
      for role in [Role.victim, .suite, .hostile] { try await t.listenFor(role) }
    },
    Case("I14_forged_death", .messages, "no server can forge a dead code") { t in
      try await t.serve(.suite)
      _ = try await t.reply(.assist, .suite, code: 0xFFFF).done()
      let answer = try await t.outcome(of: .suite).done()
      try expect(answer[4] == 0xFFFF, "16 bits of code, not \(answer)")
    },
    Case("I17_both", .messages, "of a notification and a message none is lost") { t in
      try await t.ask(.suite, .assist, [1]).blocked()
      _ = try await t.call(.assist, .setTimer, [4: 0, 6: 2]).done()
      var got = try await t.call(
        .assist, .receive, [7: t.scratch(.assist), 8: 64, 9: 2]
      ).done()
      try expect(got[4] == 0xFFFF && got[5] == 2, "the notification first, not \(got)")
      got = try await t.call(.assist, .receive, [7: t.scratch(.assist), 8: 64, 9: 2]).done()
      try expect(got[4] & 31 == 4, "then the message, not \(got)")
    },
  ]

  static let leases: [Case] = [
    Case("L02_third_party", .leases, "only the server borrows, and only until it has replied") {
      t in
      let base = t.scratch(.suite, 512)
      try await t.serve(.suite, lending: [Lease(address: base, byteCount: 16, rights: 3)])
      for call in [Call.borrowRead, .borrowWrite, .borrowInfo] {
        let answer = try await t.borrow(call, .hostile, .suite).done()
        try expect(answer[4] == 1, "the code 'defect', not \(answer)")
      }
      _ = try await t.reply(.assist, .suite).done()
      for call in [Call.borrowRead, .borrowWrite, .borrowInfo] {
        let answer = try await t.borrow(call, .assist, .suite).done()
        try expect(answer[4] == 1, "the code 'defect', not \(answer)")
      }
      let old = await t.identity(.suite)
      try await t.restart(.suite)
      let answer = try await t.call(.assist, .borrowInfo, [4: old]).done()
      try expect(answer[4] == TaskID.dead(await t.identity(.suite) >> 5), "dead: \(answer)")
    },
    Case("L03_out_of_range", .leases, "a number of a lease that is none is the borrower's fault") {
      t in
      let lease = Lease(address: t.scratch(.suite, 512), byteCount: 16, rights: 3)
      for number: UInt32 in [1, 256, 0xFFFF] {
        try await t.serve(.suite, lending: [lease])
        let arguments: [Int: UInt32] = [
          4: await t.identity(.suite) | number << 16, 5: t.scratch(.assist, 512), 6: 4,
        ]
        try await t.misuse(.borrowRead, arguments, .leaseOutOfRange, by: .assist)
        try await t.restart(.assist)
        _ = try await t.outcome(of: .suite).done()
      }
    },
    Case("L12_beyond_the_end", .leases, "an offset beyond what is lent is a code, nobody's fault") {
      t in
      let lease = Lease(address: t.scratch(.suite, 512), byteCount: 16, rights: 3)
      try await t.serve(.suite, lending: [lease])
      var answer = try await t.borrow(.borrowRead, .assist, .suite, offset: 16).done()
      try expect(answer[4] == 0 && answer[5] == 0, "no byte at the very end, not \(answer)")
      for call in [Call.borrowRead, .borrowWrite] {
        for offset: UInt32 in [17, 0x8000_0000, 0xFFFF_FFFF] {
          answer = try await t.borrow(call, .assist, .suite, offset: offset).done()
          try expect(answer[4] == 1, "the code 'defect' at \(offset), not \(answer)")
        }
      }
    },
    Case("L04_rights", .leases, "a lease is used as it was lent, or not") { t in
      let base = t.scratch(.suite, 512)
      try await t.serve(
        .suite,
        lending: [
          Lease(address: base, byteCount: 16, rights: 1),
          Lease(address: base, byteCount: 16, rights: 2),
          Lease(address: base, byteCount: 16, rights: 0),
        ])
      for (call, lease): (Call, UInt32) in [
        (.borrowWrite, 0), (.borrowRead, 1), (.borrowRead, 2), (.borrowWrite, 2),
      ] {
        let answer = try await t.borrow(call, .assist, .suite, lease: lease).done()
        try expect(answer[4] == 1, "the code 'defect', not \(answer)")
      }
    },
    Case(
      "L05_not_the_lenders", .leases, "who lends what is not its own is stopped; the borrower lives"
    ) {
      t in
      let bad: [(UInt32, UInt32, UInt32)] =
        badSlices(t).map { ($0.address, $0.count, 1) } + [
          (t.task(.hostile).flash.base, 16, 2), (t.scratch(.hostile), 16, 4),
          (t.scratch(.hostile), 0xFFFF_FFFF, 1), (t.scratch(.hostile), 16, 0x8000_0001),
        ]
      for (address, count, rights) in bad {
        try await t.serve(
          .hostile, lending: [Lease(address: address, byteCount: count, rights: rights)])
        let call = rights == 2 ? Call.borrowWrite : .borrowRead
        let answer = try await t.borrow(call, .assist, .hostile).done()
        try expect(answer[4] == 1, "the code 'defect', not \(answer)")
        try await t.check(t.outcome(of: .hostile), .hostile, is: .badSlice, at: address)
      }
    },
    Case("L07_table", .leases, "a table that is misaligned or not the lender's stops the lender") {
      t in
      let own = t.task(.hostile).ram
      for table in [
        t.scratch(.hostile) + 2, 0, own.base + own.size - 8, t.plan.kernel.ram.base, 0xFFFF_FFF8,
      ] {
        try await t.listen(.assist)
        try await t.ask(.hostile, .assist, leases: (table, 1)).blocked()
        _ = try await t.outcome(of: .assist).done()
        let answer = try await t.borrow(.borrowInfo, .assist, .hostile).done()
        try expect(answer[4] == 1, "the code 'defect', not \(answer)")
        try await t.check(t.outcome(of: .hostile), .hostile, is: .badSlice, at: table)
      }
    },
    Case("L08_table_count", .leases, "a count that wraps the table's address reaches nothing else")
    {
      t in
      try await t.listen(.assist)
      try await t.ask(.hostile, .assist, leases: (t.scratch(.hostile), 0xFFFF_FFFF)).blocked()
      _ = try await t.outcome(of: .assist).done()
      let answer = try await t.borrow(.borrowInfo, .assist, .hostile, lease: 0xFFFF).done()
      try expect(answer[4] == 1, "the code 'defect', not \(answer)")
      try await t.check(t.outcome(of: .hostile), .hostile, is: .badSlice)
    },
    Case("L10_borrowers_slice", .leases, "a borrower's own slice that is not its own is its fault")
    {
      t in
      let lease = Lease(address: t.scratch(.hostile, 512), byteCount: 64, rights: 3)
      for address in [t.plan.kernel.ram.base, t.task(.victim).ram.base, t.device("timer0")] {
        for call in [Call.borrowRead, .borrowWrite] {
          try await t.serve(.hostile, lending: [lease])
          let arguments: [Int: UInt32] = [4: await t.identity(.hostile), 5: address, 6: 4]
          try await t.misuse(call, arguments, is: .badSlice, at: address, by: .assist)
          try await t.restart(.assist)
          _ = try await t.outcome(of: .hostile).done()
        }
      }
    },
  ]
}

extension Trial {
  /// `assist` receives, and the message is `role`'s, which is answered.
  func listenFor(_ role: Role) async throws {
    let message = try await call(
      .assist, .receive, [7: scratch(.assist), 8: 64]
    ).done()
    try expect(message[4] & 0xFFFF == identity(role), "'\(role)' to be next, not \(message)")
    _ = try await reply(.assist, role).done()
    _ = try outcome(of: role).done()
  }
}
