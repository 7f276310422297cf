// Conversations/ConsoleTalk.swift: the console's conversations: what is typed and what must come back.
// One source for the boards and the simulator: only who listens differs.

/// A conversation that begins at the console's first prompt.
public struct ConsoleTalk: Sendable, CustomStringConvertible {
  /// What it shows, as one sentence.
  public let description: String
  /// Holds it, and throws `WrongAnswer` at the first that is not as it must be.
  public let hold: @Sendable (any ConsoleUnderTest) async throws -> Void

  /// What the console says when it listens.
  public static let prompt = "apus> "

  /// All of them.
  public static let all: [ConsoleTalk] = [
    ConsoleTalk(
      description: "A crash shows in `ps` with its address; the task lives again as generation 1.",
      hold: crashAndRestart),
    ConsoleTalk(
      description: "Sample, loan, log, uptime, flood and help answer; an unknown command says so.",
      hold: commands),
    ConsoleTalk(
      description: "Every kind of fault is charged to the task that asked for it, and to no other.",
      hold: everyCrime),
    ConsoleTalk(
      description: "A panic's text arrives, with its file and line, and forges neither.",
      hold: panicText),
    ConsoleTalk(
      description: "Any task may die; the supervisor's death resets the machine and is told.",
      hold: everyVictim),
    ConsoleTalk(
      description: "A reset is a reset, and the next boot tells the record.", hold: reset),
  ]

  private static func demandFirstLives(
    _ names: [String], in answer: String
  ) throws(WrongAnswer) {
    for name in names {
      try demand(
        answer.row(name)?.prefix(2) == ["0", "0"], "'\(name)' in its first life", in: answer)
    }
  }

  @Sendable private static func crashAndRestart(_ console: any ConsoleUnderTest) async throws {
    let others = ["supervisor", "uart", "clock", "logger", "shell", "idle"]
    try demandFirstLives(others + ["sensor"], in: try await console.ask("ps"))
    try demand(
      "fault: task 'sensor', generation 0: memory at 0x20000008", "restarted as generation 1",
      in: try await console.ask("crash sensor memory"))
    let after = try await console.ask("ps")
    try demand(after.row("sensor")?.prefix(2) == ["1", "1"], "a second life", in: after)
    try demand("memory at 0x20000008", in: after)
    try demandFirstLives(others, in: after)
    try await console.send("exit")
    try await console.expect("apus: end of session\r\n")
  }

  @Sendable private static func commands(_ console: any ConsoleUnderTest) async throws {
    let help = try await console.ask("help")
    for name in ["ps", "uptime", "log", "read", "lend", "crash", "flood", "reset", "exit"] {
      try demand(help.row(name) != nil, "a line on '\(name)'", in: help)
    }
    try demand(
      "lent 64 bytes, the sensor filled 64, their sum is 2080", in: try await console.ask("lend"))
    try demand(" degrees", in: try await console.ask("read"))
    try demand("1000 sent, 1000 answered in ", in: try await console.ask("flood"))
    try demand("shell       start", in: try await console.ask("log"))
    let first = try await console.ask("uptime")
    let second = try await console.ask("uptime")
    try demand(
      (first.seconds ?? .infinity) <= (second.seconds ?? -1), "no less than \(first)", in: second)
    try demand("no such command", in: try await console.ask("dance"))
    // Line editing: two wrong letters, taken back.
    try await console.type(Array("rexx\u{7F}\u{8}ad\r".utf8))
    try demand(" degrees", in: try await console.expect(prompt))
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

  @Sendable private static func everyCrime(_ console: any ConsoleUnderTest) async throws {
    var lives = 0
    for crime in crimes {
      let answer = try await console.ask("crash clock \(crime.name)")
      if crime.name == "bus", !console.refusesControlSpace {
        try demand("clock lives on: this board lets 'bus' pass", in: answer)
        continue
      }
      try demand("fault: task 'clock', generation \(lives): \(crime.fault)", in: answer)
      lives += 1
      // After a life of less than 50 ms the next one would be put off, as in a crash loop.
      try await console.letPass(milliseconds: 100)
    }
    let end = try await console.ask("ps")
    try demand(
      end.row("clock")?.prefix(2) == ["\(lives)", "\(lives)"], "\(lives) lives", in: end)
    try demandFirstLives(["supervisor", "uart", "logger", "sensor", "shell", "idle"], in: end)
  }

  @Sendable private static func panicText(_ console: any ConsoleUnderTest) async throws {
    // What could move a terminal's cursor, begin a line or end the quotes is spelled out.
    try demand(
      #"asked to panic\x1b[2J\x0d\x0a\x7f\xc2\x85\x22", restarted"#, "Crime.swift:",
      in: try await console.ask("crash sensor panic"))
  }

  @Sendable private static func everyVictim(_ console: any ConsoleUnderTest) async throws {
    for victim in ["uart", "clock", "logger", "sensor"] {
      try demand(
        "fault: task '\(victim)', generation 0: memory",
        in: try await console.ask("crash \(victim) memory"))
    }
    try await console.send("crash shell memory")
    let life = try await console.expect("fault: task 'shell', generation 0: memory at 0x20000008")
    try demand("shell: a new life", in: life)
    try await console.expect(prompt)
    try demand(
      "Apus console on \(console.board)",
      "last reset: the supervisor died: memory at 0x20000008",
      in: try await console.ask("crash supervisor memory"))
    try demandFirstLives(["shell"], in: try await console.ask("ps"))
  }

  @Sendable private static func reset(_ console: any ConsoleUnderTest) async throws {
    try await console.ask("crash sensor memory")
    try await console.send("reset")
    try await console.expect("resetting\r\n")
    try demand(
      "Apus console on \(console.board)", "last reset: requested",
      in: try await console.expect(prompt))
    try demandFirstLives(["sensor"], in: try await console.ask("ps"))
  }
}
