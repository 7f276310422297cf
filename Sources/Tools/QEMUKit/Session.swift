// QEMUKit/Session.swift: one run of QEMU under a time limit, from start to a classified end.
// No run outlives its limit, and only the process that was started here is ever signalled.

import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A run of a `Machine` with somebody to talk to it.
public struct Session: Sendable {
  /// What runs.
  public var machine: Machine
  /// The host time after which QEMU is killed; what this process could not listen for is no part.
  public var limit: Duration

  /// Prepares a run; nothing is started yet.
  public init(_ machine: Machine, limit: Duration = .seconds(30)) {
    self.machine = machine
    self.limit = limit
  }

  /// Starts QEMU, holds the conversation, and stops QEMU when `talk` returns.
  ///
  /// - Throws: `QEMUError` if QEMU is missing, if `talk` throws, or if QEMU locks up; the message
  ///   says how the run ended and what QEMU wrote to standard error.
  @discardableResult
  public func run(
    _ talk: @escaping @Sendable (Conversation) async throws -> Void
  ) async throws -> Report {
    let (outcome, status, messages) = try await start(talk)
    let ending: Ending
    if outcome.timedOut {
      ending = .timedOut
    } else if outcome.stoppedByUs {
      ending = .complete
    } else {
      ending = Ending(status: status, messages: messages)
    }
    if let failure = outcome.failure {
      throw QEMUError(describe(failure, ending, messages), ending: ending)
    }
    if ending == .lockedUp {
      throw QEMUError(describe("the guest did not survive", ending, messages), ending: ending)
    }
    return Report(ending: ending, output: outcome.output, messages: messages)
  }

  /// Runs until the guest has printed `closingLine`, or QEMU ends, or the limit passes.
  ///
  /// The report says which; only a missing QEMU is an error.
  public func run(until closingLine: String) async throws -> Report {
    let (outcome, status, messages) = try await start { try await $0.expect(closingLine) }
    let ending: Ending =
      outcome.timedOut
      ? .timedOut : outcome.failure == nil ? .complete : Ending(status: status, messages: messages)
    return Report(ending: ending, output: outcome.output, messages: messages)
  }

  /// What the body of a run knows when it is over.
  private struct Outcome: Sendable {
    var failure: String?
    var output: String
    var timedOut: Bool
    var stoppedByUs: Bool
  }

  private func start(
    _ talk: @escaping @Sendable (Conversation) async throws -> Void
  ) async throws -> (Outcome, TerminationStatus, String) {
    let result: ExecutionResult<Outcome, SequenceOutput, StringOutput<UTF8>>
    do {
      result = try await Subprocess.run(
        .name("qemu-system-arm"), arguments: Arguments(machine.arguments),
        input: .inputWriter, output: .sequence, error: .string(limit: 1 << 22)
      ) { execution in
        try await hold(execution, talk)
      }
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw QEMUError.missing
    }
    return (result.closureResult, result.terminationStatus, result.standardError)
  }

  private func hold<Errors>(
    _ execution: Execution<CustomWriteInput, SequenceOutput, Errors>,
    _ talk: @escaping @Sendable (Conversation) async throws -> Void
  ) async throws -> Outcome {
    let watchdog = Watchdog(limit: limit) { try? execution.send(signal: .kill) }
    let conversation = Conversation(
      writer: execution.standardInputWriter, output: execution.standardOutput)
    var failure: String?
    do {
      try await talk(conversation)
    } catch {
      failure = String(describing: error)
    }
    let timedOut = await watchdog.stop()
    // An end that QEMU found by itself must keep its status, and a dying QEMU has closed its output
    // before it can be waited for: hence the grace before the signal.
    let stopped = await !conversation.isAtEnd
    if stopped { try? execution.send(signal: .kill) } else { await finish(execution) }
    return Outcome(
      failure: failure, output: await conversation.transcript, timedOut: timedOut,
      stoppedByUs: stopped && !timedOut)
  }

  /// Gives a QEMU that may be dying by itself five seconds to do so, and kills it then.
  private func finish<Input, Errors>(
    _ execution: Execution<Input, SequenceOutput, Errors>
  ) async {
    for _ in 0..<500 where execution.processIdentifier.isAlive {
      try? await Task.sleep(for: .milliseconds(10))
    }
    try? execution.send(signal: .kill)
  }

  private func describe(_ what: String, _ ending: Ending, _ messages: String) -> String {
    let head = "\(what)\n  \(machine.image.lastPathComponent) on \(machine.board): QEMU \(ending)"
    let limitNote = ending == .timedOut ? " of \(limit)" : ""
    let notes = messages.split(separator: "\n").prefix(6).map { "\n  qemu: \($0)" }.joined()
    return head + limitNote + notes
  }
}

extension ProcessIdentifier {
  /// Whether the process still runs; a zombie does not.
  var isAlive: Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(value)/stat", encoding: .utf8) else {
      return false
    }
    // The state letter follows the name, which is in parentheses and may contain anything.
    return stat.split(separator: ")").last?.dropFirst().first != "Z"
  }
}

/// Calls `bark` once when `limit` has passed, unless it is stopped before.
///
/// The limit is slept in pieces, and each piece counts once, however long it took: where nobody
/// here could listen to QEMU either, because every thread was busy, QEMU is not to blame.
final class Watchdog: Sendable {
  /// How many pieces the limit has.
  static let pieceCount = 50

  private let hasBarked: Atomic<Bool>
  private let task: Mutex<Task<Void, Never>?>

  /// Begins the watch; `sleep` waits for a piece of the limit, or throws when it is cancelled.
  init(
    limit: Duration,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    _ bark: @escaping @Sendable () -> Void
  ) {
    hasBarked = Atomic(false)
    task = Mutex(nil)
    let clock = Task { [self] in
      for _ in 0..<Self.pieceCount {
        guard (try? await sleep(limit / Self.pieceCount)) != nil else { return }
      }
      hasBarked.store(true, ordering: .sequentiallyConsistent)
      bark()
    }
    task.withLock { $0 = clock }
  }

  /// Ends the watch, and says whether it was too late for that.
  func stop() async -> Bool {
    let running = task.withLock { $0 }
    running?.cancel()
    await running?.value
    return hasBarked.load(ordering: .sequentiallyConsistent)
  }
}
