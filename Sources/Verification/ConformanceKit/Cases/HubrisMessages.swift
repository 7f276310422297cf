// ConformanceKit/HubrisMessages.swift: Hubris's cases on messages, lives and leases, by its own names.
// Where our contract differs on purpose, the rule of the case says how.

import ApusABI
import PlainText

extension Case {
  static let hubrisMessages: [Case] = [
    Case("test_send", .hubris, "a message arrives, and its reply comes back with code 0") { t in
      try await t.serve(.suite, .assist, [0x1234_5678])
      try expect(try await t.peek(.assist, t.scratch(.assist)) == [0x1234_5678], "the message")
      _ = try await t.reply(.assist, .suite, [~0x1234_5678]).done()
      let answer = try await t.outcome(of: .suite).done()
      try expect(answer[4] == 0 && answer[5] == 4, "code 0 and 4 bytes, not \(answer)")
      try expect(try await t.peek(.suite, t.scratch(.suite, 256)) == [~0x1234_5678], "the reply")
    },
    Case("test_recv_reply", .hubris, "a receive tells operation, length, capacity and leases") {
      t in
      try await t.listen(.assist)
      try await t.ask(
        .suite, .assist, operation: 42, [1, 2, 3], replySize: 20, leases: (t.scratch(.suite), 2)
      ).blocked()
      let message = try await t.outcome(of: .assist).done()
      try expect(message[4] >> 16 == 42 && message[5] == 12, "operation 42 of 12 bytes: \(message)")
      try expect(message[6] == 20 && message[10] == 2, "capacity 20 and 2 leases: \(message)")
      _ = try await t.reply(.assist, .suite, [9]).done()
      _ = try await t.outcome(of: .suite).done()
      try expect(try await t.peek(.suite, t.scratch(.suite, 256)) == [9], "the reply's word")
    },
    Case(
      "test_recv_reply_fault", .hubris, "replyFault stops the client and names server and reason"
    ) {
      t in
      try await t.serve(.suite)
      _ = try await t.call(.assist, .replyFault, [4: t.identity(.suite) | 5 << 16]).done()
      let detail = await t.identity(.assist) | 5 << 16
      try await t.check(t.outcome(of: .suite), .suite, is: .refused, detail: detail)
    },
    Case("test_restart", .hubris, "a restart forgets what was stored, and the new life answers") {
      t in
      try await t.poke(.assist, t.scratch(.assist), [0xCAFE])
      try await t.restart(.assist)
      try expect(try await t.peek(.assist, t.scratch(.assist)) == [0xE7E7_E7E7], "a clean life")
    },
    Case(
      "test_restart_taskgen", .hubris, "an old identifier gets the dead code of the present life"
    ) {
      t in
      let old = await t.identity(.assist)
      try await t.restart(.assist)
      let answer = try await t.call(.suite, .send, [4: old]).done()
      let present = await t.identity(.assist)
      try expect(answer[4] == TaskID.dead(present >> 5), "life \(present >> 5), not \(answer)")
      try expect(
        present == old + 32, "the generation after \(hexadecimal(old)), not \(hexadecimal(present))"
      )
    },
    Case("test_panic_taskgen", .hubris, "a peer that dies while we wait gives its next life's code")
    {
      t in
      try await t.serve(.suite)
      try await t.misuse(.panic, is: .panic, by: .assist)
      try await t.expectState(.suite, .awaitingReply)
      try await t.restart(.assist)
      let answer = try await t.outcome(of: .suite).done()
      let life = await t.identity(.assist) >> 5
      try expect(answer[4] == TaskID.dead(life), "the dead code of life \(life), not \(answer)")
    },
    Case("test_borrow_info", .hubris, "lengths and rights of leases are told as lent") { t in
      let base = t.scratch(.suite, 512)
      try await t.serve(
        .suite,
        lending: [
          Lease(address: base, byteCount: 16, rights: 3),
          Lease(address: base, byteCount: 5, rights: 1),
        ])
      for (number, (length, rights)) in [(16, 3), (5, 1)].enumerated() {
        let info = try await t.borrow(.borrowInfo, .assist, .suite, lease: UInt32(number)).done()
        try expect(
          info[4] == 0 && info[5] == UInt32(length) && info[6] == UInt32(rights),
          "\(length) bytes, rights \(rights), not \(info)")
      }
    },
    Case("test_borrow_read", .hubris, "a lent buffer is read in full and from an offset") { t in
      let base = t.scratch(.suite, 512)
      try await t.poke(.suite, base, [0x1122_3344, 0x5566_7788, 3, 4])
      try await t.serve(.suite, lending: [Lease(address: base, byteCount: 16, rights: 1)])
      var moved = try await t.borrow(.borrowRead, .assist, .suite).done()
      try expect(moved[4] == 0 && moved[5] == 16, "16 bytes, not \(moved)")
      var words = try await t.peek(.assist, t.scratch(.assist, 512), 4)
      try expect(words == [0x1122_3344, 0x5566_7788, 3, 4], "the lender's words, not \(words)")
      moved = try await t.borrow(.borrowRead, .assist, .suite, offset: 3).done()
      try expect(moved[4] == 0 && moved[5] == 13, "13 bytes, not \(moved)")
      words = try await t.peek(.assist, t.scratch(.assist, 512), 1)
      try expect(
        words == [0x6677_8811], "the words from byte 3, not \(words.map { hexadecimal($0) })")
    },
    Case(
      "test_borrow_write", .hubris,
      "what is written to a lease is the lender's, in full and in part"
    ) {
      t in
      let base = t.scratch(.suite, 512)
      try await t.serve(.suite, lending: [Lease(address: base, byteCount: 16, rights: 3)])
      try await t.poke(.assist, t.scratch(.assist, 512), [1, 2, 3, 4])
      _ = try await t.borrow(.borrowWrite, .assist, .suite).done()
      try await t.poke(.assist, t.scratch(.assist, 512), [0xAABB_CCDD])
      let moved = try await t.borrow(.borrowWrite, .assist, .suite, count: 2, offset: 5).done()
      try expect(moved[4] == 0 && moved[5] == 2, "2 bytes, not \(moved)")
      _ = try await t.reply(.assist, .suite).done()
      _ = try await t.outcome(of: .suite).done()
      let words = try await t.peek(.suite, base, 5)
      try expect(
        words == [1, 0x00CC_DD02, 3, 4, 0xE7E7_E7E7], "the words: \(words.map { hexadecimal($0) })")
    },
    Case("test_borrow_without_peer_waiting", .hubris, "a borrow from who did not lend is a code") {
      t in
      for call in [Call.borrowInfo, .borrowRead, .borrowWrite] {
        let answer = try await t.borrow(call, .assist, .suite).done()
        try expect(answer[4] == 1, "the code 'defect' for \(call), not \(answer)")
      }
    },
    Case(
      "test_idol_basic", .hubris, "a typed client and server exchange a struct (witness and echo)"
    ) {
      t in
      for _ in 0..<5 { try await t.round("b") }
    },
    Case(
      "test_idol_bool_arg", .hubris, "ours has no Bool: each byte 0, 1 and 255 arrives unchanged"
    ) {
      t in
      for value in [UInt32(0), 1, 255] {
        try await t.poke(.suite, t.scratch(.suite), [value | 0x5A00])
        try await t.listen(.assist)
        try await t.ask(.suite, .assist, length: 1).blocked()
        let message = try await t.outcome(of: .assist).done()
        let got = try await t.peek(.assist, t.scratch(.assist))[0] & 0xFF
        try expect(message[5] == 1 && got == value, "one byte \(value), not \(got)")
        _ = try await t.reply(.assist, .suite).done()
        _ = try await t.outcome(of: .suite).done()
      }
    },
    Case("test_idol_bool_ret", .hubris, "ours has no Bool: a reply of one byte changes one byte") {
      t in
      try await t.poke(.suite, t.scratch(.suite, 256), [0xFFFF_FFFF])
      try await t.serve(.suite, .assist, [1])
      try await t.poke(.assist, t.scratch(.assist, 512), [0])
      let arguments: [Int: UInt32] = [
        4: await t.identity(.suite), 5: t.scratch(.assist, 512), 6: 1,
      ]
      _ = try await t.call(.assist, .reply, arguments).done()
      _ = try await t.outcome(of: .suite).done()
      let word = try await t.peek(.suite, t.scratch(.suite, 256))[0]
      try expect(word == 0xFFFF_FF00, "one byte changed, not \(hexadecimal(word))")
    },
    Case("test_idol_bool_xor", .hubris, "two arguments travel as one request, in order") { t in
      try await t.serve(.suite, .assist, [1, 0])
      let words = try await t.peek(.assist, t.scratch(.assist), 2)
      try expect(words == [1, 0], "both arguments, not \(words)")
    },
    Case("test_idol_err_ret", .hubris, "a server's code of 16 bits comes back as it is") { t in
      for code in [UInt32(1), 0x7FFF, 0xFFFF] {
        try await t.serve(.suite)
        _ = try await t.reply(.assist, .suite, code: code).done()
        let answer = try await t.outcome(of: .suite).done()
        try expect(answer[4] == code && answer[5] == 0, "code \(code), not \(answer)")
      }
    },
    Case("test_idol_ssmarshal", .hubris, "nothing is encoded: a float's bits arrive as they are") {
      t in
      let words: [UInt32] = [1, Float(3.5).bitPattern, Float.nan.bitPattern]
      try await t.serve(.suite, .assist, words)
      try expect(try await t.peek(.assist, t.scratch(.assist), 3) == words, "the bits")
    },
    Case("test_idol_ssmarshal_multiarg", .hubris, "a byte and a struct travel as one request") {
      t in
      let words: [UInt32] = [0xFF, 2, Float(-0.0).bitPattern, 4]
      try await t.serve(.suite, .assist, words)
      try expect(try await t.peek(.assist, t.scratch(.assist), 4) == words, "the words")
    },
    Case("test_idol_ssmarshal_multiarg_enum", .hubris, "operation and contents are kept apart") {
      t in
      try await t.listen(.assist)
      try await t.ask(.suite, .assist, operation: 0xFFFF, [0xFFFF]).blocked()
      let message = try await t.outcome(of: .assist).done()
      let sender = await t.identity(.suite)
      try expect(message[4] == sender | 0xFFFF_0000, "sender and operation, not \(message)")
    },
  ]
}
