// ConformanceKit/Trial.swift: a case's hands on the guest: orders, outcomes, and what was observed.
// It believes no task: registers come through the supervisor, addresses from the plan.

import ApusABI
import Foundation
import GuestLink
import ImagePlan
import PlainText
import QEMUKit

/// A conversation with the app `conformance`, one case at a time.
public actor Trial {
  /// The image's plan: where everything lies.
  public nonisolated let plan: Plan
  private let guest: Conversation
  private var reader: LineReader
  private var reports: [Role: Report] = [:]
  private var faults: [Role: Fault] = [:]
  private var identities: [Role: UInt32] = [:]
  private var lastRound: (sent: UInt32, isLate: Bool)?
  private var lateRounds: UInt32 = 0
  private var expectedPosts: UInt32 = 0
  private var isVictimUsed = false
  /// Who was stopped by a fault that the case expected, and gets a new life with its next order.
  private var stopped: Set<Role> = []
  private(set) var banner: (board: String, record: [UInt32])?
  /// What the image's first banner said of the life before it.
  private(set) var firstRecord: [UInt32] = []
  /// What happened before that banner.
  nonisolated let history: PowerOn.History

  init(_ guest: Conversation, plan: Plan, session: UInt32, after history: PowerOn.History) {
    self.guest = guest
    self.plan = plan
    self.history = history
    reader = LineReader(session: session)
  }

  // MARK: - A case's frame

  /// Waits for the image to start.
  func begin() async throws {
    while banner == nil { _ = try await read() }
  }

  /// New lives for all puppets.
  func open() async throws {
    (reports, faults, identities) = ([:], [:], [:])
    (expectedPosts, isVictimUsed, stopped) = (0, false, [])
    try await send("n", [])
    while try await read()?.letter != "n" {}
    (reports, faults, identities) = ([:], [:], [:])
    try await round("b")
    for role in Role.puppets where identities[role] == nil {
      throw CaseFailure("a restart did not bring '\(role)' back")
    }
  }

  /// The standard post-condition.
  func close() async throws {
    if let (role, fault) = faults.first {
      throw CaseFailure("'\(role)' faulted, which nothing here explains: \(fault)")
    }
    if !isVictimUsed {
      let base = scratch(.victim)
      let outcome = try await run(
        .victim, .countDifferences, [0: base, 1: base + 1024, 2: 0xE7E7_E7E7])
      guard outcome.report?[4] == 0 else {
        throw CaseFailure("the victim's memory changed: \(outcome)")
      }
    }
    try await round("q")
    lateRounds = 0
  }

  // MARK: - Orders

  /// Orders `role` to execute `gadget`, and waits until everybody waits again.
  func run(
    _ role: Role, _ gadget: Gadget, _ registers: [Int: UInt32] = [:], sp: UInt32 = 1,
    flags: UInt32 = 0
  ) async throws -> Outcome {
    if stopped.contains(role) { try await restart(role) }
    if role == .victim { isVictimUsed = true }
    if role == .victim, gadget == .countDifferences { isVictimUsed = false }
    reports[role] = nil
    let values = (0...12).map { registers[$0] ?? 0 }
    let order = [UInt32(role.rawValue), gadget.rawValue, sp, flags] + values
    // Both lines at once: the round begins when the order is on its way.
    let isLate = try await round("b", after: line("o", order) + "\r")
    return outcome(of: role, isLate: isLate)
  }

  /// Orders `role` to make a call, its arguments by register.
  func call(
    _ role: Role, _ call: Call, _ registers: [Int: UInt32] = [:]
  ) async throws -> Outcome {
    var all = registers
    all[11] = call.rawValue
    return try await run(role, .call, all)
  }

  /// What has become of the last order of `role` by now.
  func outcome(of role: Role, isLate: Bool = false) -> Outcome {
    defer { (reports[role], faults[role]) = (nil, nil) }
    return Outcome(report: reports[role], fault: faults[role], isLate: isLate)
  }

  /// Orders `role` to commit a crime that must end in a fault, and nothing else.
  @discardableResult
  func crime(
    _ gadget: Gadget, _ registers: [Int: UInt32] = [:], sp: UInt32 = 1, is kind: FaultKind,
    at address: UInt32? = nil, detail: UInt32? = nil, by role: Role = .hostile
  ) async throws -> Fault {
    let outcome = try await run(role, gadget, registers, sp: sp)
    return try check(outcome, role, is: kind, at: address, detail: detail)
  }

  /// The same for a call.
  @discardableResult
  func misuse(
    _ call: Call, _ registers: [Int: UInt32] = [:], _ error: UsageError? = nil,
    is kind: FaultKind = .usage, at address: UInt32? = nil, by role: Role = .hostile
  ) async throws -> Fault {
    var all = registers
    all[11] = call.rawValue
    return try await crime(
      .call, all, is: kind, at: address, detail: error.map(\.rawValue), by: role)
  }

  /// Says that `outcome` is a fault of `role`, with this record.
  @discardableResult
  func check(
    _ outcome: Outcome, _ role: Role, is kind: FaultKind, at address: UInt32? = nil,
    detail: UInt32? = nil
  ) throws -> Fault {
    guard let fault = outcome.fault else {
      throw CaseFailure("no fault of kind \(kind) came, but \(outcome)")
    }
    expectedPosts += 1
    stopped.insert(role)
    try expect(fault.state.fault == kind, "a fault of kind \(kind), not \(fault)")
    if let address {
      try expect(fault.address == address, "address \(hexadecimal(address)), not \(fault)")
    }
    if let detail { try expect(fault.detail == detail, "detail \(detail), not \(fault)") }
    let known = identities[role].map { UInt16(truncatingIfNeeded: $0) }
    try expect(known == nil || known == fault.task.rawValue, "the present life, not \(fault)")
    return fault
  }

  /// Restarts `role` from outside, `count` times, and waits for its first words.
  func restart(_ role: Role, count: UInt32 = 1) async throws {
    (identities[role], reports[role], faults[role]) = (nil, nil, nil)
    stopped.remove(role)
    try await round("b", after: line("w", [UInt32(role.rawValue), count]) + "\r")
    try expect(identities[role] != nil, "'\(role)' to come back after a restart")
  }

  /// Writes up to 12 words into `role`'s memory; behind them it is painted, up to 48 bytes in all.
  func poke(_ role: Role, _ address: UInt32, _ words: [UInt32]) async throws {
    var registers: [Int: UInt32] = [0: address]
    for index in 0..<12 { registers[index + 1] = index < words.count ? words[index] : 0xE7E7_E7E7 }
    let outcome = try await run(role, .poke, registers)
    try expect(outcome.report != nil, "a poke to come back, not \(outcome)")
  }

  /// Reads up to 12 words of `role`'s memory.
  func peek(_ role: Role, _ address: UInt32, _ count: Int = 1) async throws -> [UInt32] {
    let outcome = try await run(role, .peek, [0: address])
    guard let report = outcome.report else {
      throw CaseFailure("a peek at \(hexadecimal(address)) did not come back: \(outcome)")
    }
    return (1...count).map { report[$0] }
  }

  /// What the kernel says of `role`.
  func status(_ role: Role) async throws -> Fault {
    try await send("s", [UInt32(role.rawValue)])
    while true {
      if let line = try await read(), line.letter == "s" { return Fault(line.words) }
    }
  }

  /// Words of the supervisor's own memory.
  func supervisorMemory(_ address: UInt32, _ count: UInt32) async throws -> [UInt32] {
    try await send("m", [address, count])
    while true {
      if let line = try await read(), line.letter == "m" { return line.words }
    }
  }

  /// Orders the supervisor to do what ends its life, and returns the record of the next boot.
  func dieAsSupervisor(_ gadget: Gadget, _ registers: [Int: UInt32]) async throws -> [UInt32] {
    banner = nil
    let values = (0...12).map { registers[$0] ?? 0 }
    try await send("o", [0, gadget.rawValue, 1, 0] + values)
    while banner == nil { _ = try await read() }
    lastRound = nil
    try await open()
    return banner?.record ?? []
  }

  /// Waits until everybody waits, and with `q` until two ticks have passed.
  @discardableResult
  func round(_ letter: String, after lines: String = "") async throws -> Bool {
    try await guest.sendBytes(Array((lines + line(letter, []) + "\r").utf8))
    while true {
      guard let line = try await read(), line.letter == "b" else { continue }
      try expect(line.words.count == 5, "five words of a round, not \(line.words)")
      let (ticks, posts, sent, echoed) = (
        line.words[0], line.words[1], line.words[2], line.words[3]
      )
      let isLate = line.words[4] != 0
      try expect(sent == echoed, "echo to count \(sent) rounds, not \(echoed)")
      if !isLate, let last = lastRound, !last.isLate {
        let wanted = last.sent + 1...last.sent + 1 + lateRounds
        try expect(wanted.contains(sent), "round \(last.sent + 1), not \(sent)")
      }
      lastRound = (sent, isLate)
      // The witness makes up for one it was kept from, unasked, when it runs again.
      if isLate { lateRounds = 1 }
      if letter == "q" {
        try expect((2...20).contains(ticks), "two ticks to take 2 to 20, not \(ticks)")
        try expect(
          posts == expectedPosts, "\(expectedPosts) fault notifications, not \(posts)")
        try expect(!isLate, "everybody to wait at the end of a case")
      }
      return isLate
    }
  }

  // MARK: - Lines

  private func send(_ letter: String, _ words: [UInt32]) async throws {
    try await guest.send(line(letter, words))
  }

  private func line(_ letter: String, _ words: [UInt32]) -> String {
    var texts = words.map { String($0, radix: 16) }
    // What is missing is 0 to the guest.
    while texts.last == "0" { texts.removeLast() }
    let session = String(reader.session, radix: 16)
    return ([session, letter] + texts).joined(separator: " ")
  }

  /// Reads one line and takes note of it; `nil` if it is none of the supervisor's.
  private func read() async throws -> GuestLine? {
    let text = try await guest.expect("\r\n").dropLast(1)
    switch try reader.read(text[...]) {
    case .noise: return nil
    case .banner(let board, let record):
      let isFirst = banner == nil
      banner = (board, record)
      if isFirst, firstRecord.isEmpty { firstRecord = record }
      if !isFirst { throw CaseFailure("the machine was reset: \(record.map { hexadecimal($0) })") }
      return nil
    case .line(let line):
      note(line)
      return line
    }
  }

  private func note(_ line: GuestLine) {
    guard let first = line.words.first else { return }
    let role = Role(rawValue: Int(first & 31))
    switch (line.letter, role) {
    case ("r", let role?): reports[role] = Report(Array(line.words.dropFirst()))
    case ("h", let role?): identities[role] = first
    case ("f", let role?): faults[role] = Fault(line.words)
    default: break
    }
  }

  // MARK: - What is where

  /// The present identifier of `role`.
  func identity(_ role: Role) -> UInt32 { identities[role] ?? UInt32(role.rawValue) }

  /// A kilobyte of `role`'s memory that nobody uses but the case; `offset` 0..<1024.
  nonisolated func scratch(_ role: Role, _ offset: UInt32 = 0) -> UInt32 {
    task(role).ram.base + 192 + offset
  }

  nonisolated func task(_ role: Role) -> Plan.TaskPart { plan.tasks[role.rawValue] }

  /// The base of `role`'s device `name`.
  nonisolated func device(_ name: String) -> UInt32 {
    plan.board.peripherals.first { $0.name == name }?.window.base ?? 0
  }
}

/// What came back from an order.
public struct Outcome: Sendable, CustomStringConvertible {
  public var report: Report?
  public var fault: Fault?
  /// Somebody did not let the least important task run.
  public var isLate: Bool

  public var description: String {
    let parts = [report.map { "\($0)" }, fault.map { "\($0)" }].compactMap { $0 }
    return (parts.isEmpty ? "no answer" : parts.joined(separator: " and "))
      + (isLate ? ", and nobody below ran" : "")
  }

  /// The order was carried out, and these are the registers; a failure if it was not.
  func done() throws -> Report {
    guard let report, fault == nil else { throw CaseFailure("an order went wrong: \(self)") }
    return report
  }

  /// The task waits for something.
  func blocked() throws {
    try expect(report == nil && fault == nil && !isLate, "a call that waits, not \(self)")
  }
}

/// A puppet's registers after an order.
public struct Report: Sendable, CustomStringConvertible {
  private let words: [UInt32]

  init(_ words: [UInt32]) {
    self.words = words + Array(repeating: 0, count: max(0, 15 - words.count))
  }

  /// r0...r12; 13 is the stack pointer, 14 the flags.
  subscript(register: Int) -> UInt32 { words[register] }

  public var description: String {
    "registers \(words.map { hexadecimal($0) }.joined(separator: " "))"
  }
}

/// A task's status, most often of a fault.
public struct Fault: Sendable, CustomStringConvertible {
  public var task: TaskID
  public var state: TaskState
  public var detail: UInt32
  public var address: UInt32
  public var programCounter: UInt32

  init(_ words: [UInt32]) {
    let all = words + Array(repeating: 0, count: 6)
    task = TaskID(rawValue: UInt16(truncatingIfNeeded: all[1]))
    state = TaskState(rawValue: all[2])
    (detail, address, programCounter) = (all[3], all[4], all[5])
  }

  public var description: String {
    let kind = state.fault.map { "\($0)" } ?? "unknown"
    return
      "\(kind) of task \(task.index)/\(task.generation), state \(hexadecimal(state.rawValue)), detail "
      + "\(hexadecimal(detail)), address \(hexadecimal(address)), pc \(hexadecimal(programCounter))"
  }
}

/// Throws unless `condition` holds; `wanted` says what was expected, and what came.
func expect(_ condition: Bool, _ wanted: @autoclosure () -> String) throws {
  if !condition { throw CaseFailure("expected " + wanted()) }
}
