// Conversations/ConsoleUnderTest.swift: a console to talk to, wherever it runs.
// What is said and what must come back stands in `ConsoleTalk`, once for all of them.

/// The app `console` at its prompt: on a board under QEMU, or in the simulator.
public protocol ConsoleUnderTest {
  /// The board's name, as the console shows it.
  var board: String { get }
  /// Whether an unprivileged read of the system control space faults; one emulated board answers 0.
  var refusesControlSpace: Bool { get }
  /// Types bytes as they are.
  func type(_ bytes: [UInt8]) async throws
  /// Waits for `text`, and returns what came since the last `expect`, with it.
  @discardableResult func expect(_ text: String) async throws -> String
  /// Lets so much of the console's own time pass, at least.
  func letPass(milliseconds: Int) async throws
}

extension ConsoleUnderTest {
  /// Types `line` and Enter.
  public func send(_ line: String) async throws {
    try await type(Array((line + "\r").utf8))
  }

  /// Types `line` and Enter, and returns what came up to and with the next prompt.
  @discardableResult public func ask(_ line: String) async throws -> String {
    try await send(line)
    return try await expect(ConsoleTalk.prompt)
  }
}

/// What the console should have said, and what it said instead.
public struct WrongAnswer: Error, CustomStringConvertible {
  /// Both, whole.
  public var description: String
}

/// Demands that `condition` holds of `answer`.
func demand(_ condition: Bool, _ wanted: String, in answer: String) throws(WrongAnswer) {
  if !condition { throw WrongAnswer(description: "wanted: \(wanted)\nin the answer:\n\(answer)") }
}

/// Demands that `answer` has each of `texts`.
func demand(_ texts: String..., in answer: String) throws(WrongAnswer) {
  for text in texts { try demand(answer.contains(text), "'\(text)'", in: answer) }
}

extension String {
  /// The words behind `name` in the line of `ps` that begins with it.
  public func row(_ name: String) -> [String]? {
    split(whereSeparator: \.isNewline).map { $0.split { $0 == " " || $0 == ";" } }
      .first { $0.first == Substring(name) }?.dropFirst().map(String.init)
  }

  /// The number of seconds in an answer to `uptime`.
  public var seconds: Double? {
    split(whereSeparator: \.isNewline).first { $0.hasPrefix("up ") }
      .flatMap { Double($0.dropFirst(3).dropLast(2)) }
  }
}
