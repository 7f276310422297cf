// BootTests/ConsoleTests.swift: the console's conversation, held on every board.
// The verdict is what comes out of the UART; nothing inside the guest is asked.

import ELFKit
import Foundation
import ImagePlan
import QEMUKit
import Testing

@Suite struct ConsoleTests {
  private static let prompt = "apus> "

  /// Boots the console on `board` and holds `talk` from the first prompt on.
  private func console(
    _ board: String, _ talk: @escaping @Sendable (Conversation) async throws -> Void
  ) async throws {
    let session = try await Images.shared.session("console", board, limit: .seconds(240))
    try await session.run { guest in
      try await guest.expect(Self.prompt)
      try await talk(guest)
    }
  }

  @Test(
    "A crash shows in `ps` with its address; the task lives again as generation 1.",
    arguments: Images.boards)
  func crashAndRestart(board: String) async throws {
    try await console(board) { guest in
      let before = try await guest.ask("ps", until: Self.prompt)
      for name in ["supervisor", "uart", "clock", "logger", "sensor", "shell", "idle"] {
        #expect(before.row(name)?.prefix(2) == ["0", "0"], "\(before)")
      }
      let fault = try await guest.ask("crash sensor memory", until: Self.prompt)
      #expect(
        fault.contains("fault: task 'sensor', generation 0: memory at 0x20000008"), "\(fault)")
      #expect(fault.contains("restarted as generation 1"), "\(fault)")
      let after = try await guest.ask("ps", until: Self.prompt)
      #expect(after.row("sensor")?.prefix(2) == ["1", "1"], "\(after)")
      #expect(after.contains("memory at 0x20000008"), "\(after)")
      for name in ["supervisor", "uart", "clock", "logger", "shell", "idle"] {
        #expect(after.row(name)?.prefix(2) == ["0", "0"], "\(after)")
      }
      try await guest.send("exit")
      try await guest.expect("apus: end of session\r\n")
    }
  }

  @Test(
    "Sample, loan, log, uptime, flood and help answer; an unknown command says so.",
    arguments: Images.boards)
  func commands(board: String) async throws {
    try await console(board) { guest in
      let help = try await guest.ask("help", until: Self.prompt)
      for name in ["ps", "uptime", "log", "read", "lend", "crash", "flood", "reset", "exit"] {
        #expect(help.contains("\n\(name) "), "\(help)")
      }
      let loan = try await guest.ask("lend", until: Self.prompt)
      #expect(loan.contains("lent 64 bytes, the sensor filled 64, their sum is 2080"), "\(loan)")
      let sample = try await guest.ask("read", until: Self.prompt)
      #expect(sample.contains(" degrees"), "\(sample)")
      let flood = try await guest.ask("flood", until: Self.prompt)
      #expect(flood.contains("1000 sent, 1000 answered in "), "\(flood)")
      let log = try await guest.ask("log", until: Self.prompt)
      #expect(log.contains("shell       start"), "\(log)")
      let first = try #require(try await guest.ask("uptime", until: Self.prompt).seconds)
      let second = try #require(try await guest.ask("uptime", until: Self.prompt).seconds)
      #expect(second >= first)
      let unknown = try await guest.ask("dance", until: Self.prompt)
      #expect(unknown.contains("no such command"), "\(unknown)")
      // Line editing: two wrong letters, taken back.
      try await guest.sendBytes(Array("rexx\u{7F}\u{8}ad\r".utf8))
      let edited = try await guest.expect(Self.prompt)
      #expect(edited.contains(" degrees"), "\(edited)")
    }
  }

  /// The crimes and what the supervisor must read of each.
  private static let crimes: [(name: String, fault: String)] = [
    ("memory", "memory at 0x20000008"), ("device", "memory at 0x4000f000"),
    ("stack", "stack overflow at 0x"), ("bus", "bus at 0xe000ed28"), ("text", "illegal text"),
    ("illegal", "illegal instruction"), ("trap", "illegal instruction"),
    ("divide", "division by zero"), ("invalid", "invalid operation"),
    ("unaligned", "invalid operation"), ("breakpoint", "breakpoint"),
    ("slice", "bad slice at 0x20000000"), ("usage", "usage (unknown call)"),
    ("service", "usage (not the supervisor)"), ("panic", "panic"),
    ("refused", "refused by supervisor"), ("injected", "injected"),
  ]

  @Test(
    "Every kind of fault is charged to the task that asked for it, and to no other.",
    arguments: Images.boards)
  func everyCrime(board: String) async throws {
    try await console(board) { guest in
      var lives = 0
      for crime in Self.crimes {
        let answer = try await guest.ask("crash clock \(crime.name)", until: Self.prompt)
        // This board's bus answers an unprivileged read of the system control space with 0.
        if crime.name == "bus", board == "lm3s6965evb" {
          #expect(answer.contains("clock lives on: this board lets 'bus' pass"), "\(answer)")
          continue
        }
        #expect(
          answer.contains("fault: task 'clock', generation \(lives): \(crime.fault)"), "\(answer)")
        lives += 1
        // After a life of less than 50 ms the next one would be put off, as in a crash loop.
        try await guest.letPass(seconds: 0.1, prompt: Self.prompt)
      }
      let end = try await guest.ask("ps", until: Self.prompt)
      #expect(end.row("clock")?.prefix(2) == ["\(lives)", "\(lives)"], "\(end)")
      for name in ["supervisor", "uart", "logger", "sensor", "shell", "idle"] {
        #expect(end.row(name)?.prefix(2) == ["0", "0"], "\(end)")
      }
    }
  }

  @Test(
    "The fault's program counter lies in the code of the crime, in the task's own flash.",
    arguments: Images.boards)
  func programCounter(board: String) async throws {
    let bundle = try await Images.shared.bundle("console", board)
    let task = try #require(bundle.plan.tasks.first { $0.name == "sensor" })
    let file = try ELFFile(path: bundle.task("sensor").path)
    try await console(board) { guest in
      for crime in ["memory", "device", "illegal", "divide"] {
        let answer = try await guest.ask("crash sensor \(crime)", until: Self.prompt)
        let address = try #require(answer.programCounter, "\(answer)")
        #expect(
          address >= task.flash.base
            && UInt64(address) < UInt64(task.flash.base) + UInt64(task.flash.size))
        // The instruction there is the one that did it: a load, `udf` or `udiv`.
        let half = try #require(file.bytes(at: address, count: 2).map(Array.init))
        let code = UInt16(half[0]) | UInt16(half[1]) << 8
        switch crime {
        case "illegal": #expect(code >> 8 == 0xDE)
        case "divide": #expect(code & 0xFFF0 == 0xFBB0 || code & 0xFFF0 == 0xFB90)
        default: #expect(code >> 11 == 0b01101 || code >> 4 == 0xF8D)
        }
      }
    }
  }

  @Test(
    "Any task may die: the shell too; the supervisor's death resets the machine and is told.",
    arguments: Images.boards)
  func everyVictim(board: String) async throws {
    try await console(board) { guest in
      for victim in ["uart", "clock", "logger", "sensor"] {
        let answer = try await guest.ask("crash \(victim) memory", until: Self.prompt)
        #expect(answer.contains("fault: task '\(victim)', generation 0: memory"), "\(answer)")
      }
      try await guest.send("crash shell memory")
      let life = try await guest.expect("fault: task 'shell', generation 0: memory at 0x20000008")
      #expect(life.contains("shell: a new life"), "\(life)")
      try await guest.expect(Self.prompt)
      try await guest.send("crash supervisor memory")
      let boot = try await guest.expect(Self.prompt)
      #expect(boot.contains("Apus console on \(board)"), "\(boot)")
      #expect(boot.contains("last reset: the supervisor died: memory at 0x20000008"), "\(boot)")
      let ps = try await guest.ask("ps", until: Self.prompt)
      #expect(ps.row("shell")?.prefix(2) == ["0", "0"], "\(ps)")
    }
  }

  @Test("A reset is a reset, and the next boot tells the record.", arguments: Images.boards)
  func reset(board: String) async throws {
    try await console(board) { guest in
      try await guest.ask("crash sensor memory", until: Self.prompt)
      try await guest.send("reset")
      try await guest.expect("resetting\r\n")
      let boot = try await guest.expect(Self.prompt)
      #expect(boot.contains("Apus console on \(board)"), "\(boot)")
      #expect(boot.contains("last reset: requested"), "\(boot)")
      let ps = try await guest.ask("ps", until: Self.prompt)
      #expect(ps.row("sensor")?.prefix(2) == ["0", "0"], "\(ps)")
    }
  }
}

extension Conversation {
  /// Waits until the guest's own clock is `seconds` further.
  func letPass(seconds: Double, prompt: String) async throws {
    var start: Double?
    for _ in 0..<2000 {
      guard let now = try await ask("uptime", until: prompt).seconds else { continue }
      if now - (start ?? now) >= seconds { return }
      start = start ?? now
      // The guest idles meanwhile, and skips the time.
      try await Task.sleep(for: .milliseconds(5))
    }
    throw QEMUError("the guest's time stands still")
  }
}

extension String {
  /// The words behind `name` in the line of `ps` that begins with it.
  func row(_ name: String) -> [String]? {
    split(whereSeparator: \.isNewline).map { $0.split { $0 == " " || $0 == ";" } }
      .first { $0.first == Substring(name) }?.dropFirst().map(String.init)
  }

  /// The number before ` s`.
  var seconds: Double? {
    split(whereSeparator: \.isNewline).first { $0.hasPrefix("up ") }
      .flatMap { Double($0.dropFirst(3).dropLast(2)) }
  }

  /// The program counter of the first fault in the text.
  var programCounter: UInt32? {
    firstRange(of: "pc 0x").flatMap { UInt32(self[$0.upperBound...].prefix(8), radix: 16) }
  }
}
