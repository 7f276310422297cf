// QEMUKit/Console.swift: the guest's UART on our own standard input and output, until it says good-bye.
// No byte of the input is dropped: QEMU takes one only when the guest's UART has room for it.

import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A guest that somebody talks to, through a terminal or a pipe.
public struct Console: Sendable {
  /// What runs.
  public var machine: Machine
  /// The line with which the guest says that it is done.
  public var closingLine: String
  /// The host time after which a piped session is over; a person at a terminal has none.
  public var limit: Duration
  /// How long the guest may be silent after the end of a piped input.
  public var patience = Duration.seconds(3)
  /// How long the session lasts after the end of a piped input, though the guest talks on.
  public var overtime = Duration.seconds(10)
  /// Where the input comes from: a terminal or a pipe.
  public var input = FileDescriptor.standardInput
  /// Where the guest's words go.
  public var output = FileDescriptor.standardOutput

  /// Prepares a session; nothing is started yet.
  public init(_ machine: Machine, closingLine: String, limit: Duration = .seconds(300)) {
    self.machine = machine
    self.closingLine = closingLine
    self.limit = limit
  }

  /// Runs until the closing line, Ctrl-C or the end of a piped input, and says which.
  ///
  /// On a terminal QEMU itself reads the keys, in raw mode; the terminal's mode is restored whatever
  /// happens. A piped input is sent line by line, each when the guest shows a prompt or is silent:
  /// a line that is typed into a machine that is just being reset would be lost, as on a real one.
  /// - Throws: `QEMUError` if QEMU is missing or if the core locks up.
  public func run() async throws -> Ending {
    let outcome: (Ending?, TerminationStatus, String)
    do {
      outcome = isatty(input.rawValue) == 1 ? try await runTerminal() : try await runPipe()
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw QEMUError.missing
    }
    let ending = outcome.0 ?? Ending(status: outcome.1, messages: outcome.2)
    switch ending {
    case .complete, .interrupted, .timedOut: return ending
    case .lockedUp, .exited:
      let notes = outcome.2.split(separator: "\n").prefix(6).map { "\n  qemu: \($0)" }.joined()
      throw QEMUError("\(machine.board): QEMU \(ending)\(notes)", ending: ending)
    }
  }

  private func runTerminal() async throws -> (Ending?, TerminationStatus, String) {
    let mode = TerminalMode.save()
    defer { mode.restore() }
    // Ctrl-C goes to QEMU, too; we stay to tidy up. A handler, unlike SIG_IGN, is not inherited.
    signal(SIGINT) { _ in }
    let result = try await Subprocess.run(
      .name("qemu-system-arm"), arguments: Arguments(machine.arguments),
      input: .fileDescriptor(input, closeAfterSpawningProcess: false), output: .sequence,
      error: .string(limit: 1 << 20)
    ) { execution -> Ending? in
      let screen = Screen(closingLine: closingLine, output: output)
      for try await piece in execution.standardOutput where screen.show(piece) {
        // Not killed, but asked: QEMU puts the terminal back in order.
        try? execution.send(signal: .terminate)
        return .complete
      }
      return nil
    }
    return (result.closureResult, result.terminationStatus, result.standardError)
  }

  private func runPipe() async throws -> (Ending?, TerminationStatus, String) {
    BrokenPipe.isAnError
    let result = try await Subprocess.run(
      .name("qemu-system-arm"), arguments: Arguments(machine.arguments),
      input: .inputWriter, output: .sequence, error: .string(limit: 1 << 20)
    ) { execution -> Ending? in
      let screen = Screen(closingLine: closingLine, output: output)
      let watchdog = Watchdog(limit: limit) { try? execution.send(signal: .kill) }
      let feeder = Task {
        let feeder = PipeFeeder(
          screen: screen, input: input, patience: patience, overtime: overtime)
        try? await feeder.run { _ = try await execution.standardInputWriter.write($0) }
        if !Task.isCancelled { try? execution.send(signal: .kill) }
      }
      var isClosed = false
      for try await piece in execution.standardOutput where screen.show(piece) {
        isClosed = true
        break
      }
      // First the signal: a feeder in the middle of a write ends with its reader.
      if isClosed { try? execution.send(signal: .kill) }
      feeder.cancel()
      _ = await feeder.value
      let timedOut = await watchdog.stop()
      return timedOut ? .timedOut : isClosed || screen.isAbandoned ? .complete : nil
    }
    return (result.closureResult, result.terminationStatus, result.standardError)
  }
}

/// What the guest has printed: shown at once, and watched for the closing line and the prompt.
final class Screen: Sendable {
  private struct State {
    var line: [UInt8] = []
    var hasSpoken = false
    var isAbandoned = false
    var lastChange = ContinuousClock.now
  }

  private let closingLine: [UInt8]
  private let output: FileDescriptor
  private let state: Mutex<State>

  init(closingLine: String, output: FileDescriptor) {
    self.closingLine = Array(closingLine.utf8)
    self.output = output
    state = Mutex(State())
  }

  /// Writes the piece to standard output; `true` if it completes the closing line.
  func show(_ piece: SubprocessOutputSequence.Buffer) -> Bool {
    piece.withUnsafeBytes { bytes in
      _ = try? output.writeAll(bytes)
      return note(Array(bytes))
    }
  }

  /// Follows the text without showing it; `true` if it completes the closing line.
  func note(_ bytes: [UInt8]) -> Bool {
    state.withLock { state in
      state.lastChange = .now
      state.hasSpoken = true
      for byte in bytes {
        switch byte {
        case UInt8(ascii: "\n"):
          if state.line == closingLine { return true }
          state.line = []
        case UInt8(ascii: "\r"): break
        default: state.line.append(byte)
        }
      }
      return false
    }
  }

  /// Whether the guest waits for a line: it shows a prompt, `> ` at the end of a begun line.
  var showsPrompt: Bool {
    state.withLock { $0.line.suffix(2) == [UInt8(ascii: ">"), UInt8(ascii: " ")] }
  }

  /// How long nothing was printed; nothing before the guest's first word.
  var silence: Duration { state.withLock { $0.hasSpoken ? .now - $0.lastChange : .zero } }

  /// Whether a piped input ended and the guest had nothing more to say.
  var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

  /// A line was sent: the prompt on the screen is answered, and silence begins anew.
  func lineWasSent() {
    state.withLock {
      $0.line = []
      $0.lastChange = .now
    }
  }

  /// The input has ended, and the guest is silent.
  func abandon() { state.withLock { $0.isAbandoned = true } }
}

/// Sends a piped standard input line by line, when the guest is ready for the next.
struct PipeFeeder {
  let screen: Screen
  let input: FileDescriptor
  /// The silence after the end of the input that ends the session.
  let patience: Duration
  /// The time after the end of the input that ends the session in any case.
  let overtime: Duration

  /// Returns when the input is sent and the guest is silent, or when the task is cancelled.
  func run(send: ([UInt8]) async throws -> Void) async throws {
    var pending: [UInt8] = []
    var isAtEnd = false
    var lastSent = ContinuousClock.now
    while true {
      try Task.checkCancellation()
      if !isAtEnd, !pending.contains(UInt8(ascii: "\n")), input.hasInput {
        let piece = try input.readSome()
        isAtEnd = piece.isEmpty
        pending += piece
        continue
      }
      let end = pending.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
      if let end = end ?? (isAtEnd && !pending.isEmpty ? pending.count : nil),
        screen.showsPrompt || screen.silence > .milliseconds(400)
      {
        screen.lineWasSent()
        lastSent = .now
        try await send(Array(pending[..<end]))
        pending.removeFirst(end)
      } else if isAtEnd, pending.isEmpty,
        screen.silence > patience || .now - lastSent > overtime
      {
        return screen.abandon()
      } else {
        try await Task.sleep(for: .milliseconds(2))
      }
    }
  }
}

extension FileDescriptor {
  /// Whether a read would not block; the end of a file does not block either.
  var hasInput: Bool {
    var request = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }

  /// What is there, at most `byteCount` bytes of it; empty at the end.
  func readSome(atMost byteCount: Int = 4096) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      count = try read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }
}

/// The terminal's settings and the descriptor's flags, to be put back as they were.
struct TerminalMode {
  private var settings: termios
  private var flags: Int32

  static func save() -> TerminalMode {
    var settings = termios()
    tcgetattr(0, &settings)
    return TerminalMode(settings: settings, flags: fcntl(0, F_GETFL))
  }

  func restore() {
    var settings = settings
    tcsetattr(0, TCSADRAIN, &settings)
    _ = fcntl(0, F_SETFL, flags)
  }
}
