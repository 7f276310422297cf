// ConformanceKit/Steps.swift: what many cases begin with: a server that listens, a client that asks.
// Each step checks that it came as far as it must, and no further.

import ApusABI

extension Trial {
  /// Puts `role` into an open receive with a buffer at its scratch, which is left as it was.
  func listen(_ role: Role, size: UInt32 = 64, notifications: UInt32 = 0) async throws {
    try await call(role, .receive, [7: scratch(role), 8: size, 9: notifications]).blocked()
  }

  /// Lets `role` send `words` to `peer`, a reply buffer of 64 bytes behind them at offset 256.
  func ask(
    _ role: Role, _ peer: Role, operation: UInt32 = 7, _ words: [UInt32] = [],
    length: UInt32? = nil,
    replySize: UInt32 = 64, leases: (address: UInt32, count: UInt32) = (0, 0)
  ) async throws -> Outcome {
    if !words.isEmpty { try await poke(role, scratch(role), words) }
    return try await call(
      role, .send,
      [
        4: identity(peer) | operation << 16, 5: scratch(role),
        6: length ?? UInt32(words.count) * 4, 7: scratch(role, 256), 8: replySize,
        9: leases.address, 10: leases.count,
      ])
  }

  /// Lets `server` reply to `client` with `words`.
  func reply(
    _ server: Role, _ client: Role, code: UInt32 = 0, _ words: [UInt32] = []
  ) async throws -> Outcome {
    if !words.isEmpty { try await poke(server, scratch(server, 512), words) }
    return try await call(
      server, .reply,
      [4: identity(client) | code << 16, 5: scratch(server, 512), 6: UInt32(words.count) * 4])
  }

  /// `client` waits for a reply of `server`, having sent `words` and lent what stands in `leases`.
  func serve(
    _ client: Role, _ server: Role = .assist, _ words: [UInt32] = [],
    lending leases: [Lease] = [], replySize: UInt32 = 64
  ) async throws {
    let table = scratch(client, 128)
    for (index, lease) in leases.enumerated() {
      try await poke(
        client, table + 12 * UInt32(index), [lease.address, lease.byteCount, lease.rights])
    }
    try await listen(server)
    try await ask(
      client, server, words, replySize: replySize, leases: (table, UInt32(leases.count))
    ).blocked()
    let message = try outcome(of: server).done()
    try expect(message[4] == identity(client) | 7 << 16, "the client's word, not \(message)")
    try expect(message[10] == UInt32(leases.count), "\(leases.count) leases, not \(message)")
  }

  /// `borrower` moves `count` bytes between its scratch at 512 and a lease of `lender`.
  func borrow(
    _ call: Call, _ borrower: Role, _ lender: Role, lease: UInt32 = 0, own: UInt32? = nil,
    count: UInt32 = 16, offset: UInt32 = 0
  ) async throws -> Outcome {
    try await self.call(
      borrower, call,
      [4: identity(lender) | lease << 16, 5: own ?? scratch(borrower, 512), 6: count, 7: offset])
  }

  /// The kernel's word for `role`'s state, a failure if it is another.
  func expectState(_ role: Role, _ activity: TaskActivity, fault: FaultKind = .none) async throws {
    let status = try await status(role)
    try expect(
      status.state.activity == activity && status.state.fault == fault,
      "'\(role)' to be \(activity) with fault \(fault), not \(status)")
  }

  /// The present tick, as `role` reads it.
  func now(_ role: Role = .suite) async throws -> UInt64 {
    let report = try await call(role, .getTimer).done()
    return UInt64(report[5]) << 32 | UInt64(report[4])
  }
}

extension TaskID {
  /// The dead code for generation `generation`.
  static func dead(_ generation: UInt32) -> UInt32 { 0xFFFF_F800 | generation & 0x7FF }
}
