// QEMUKit/Ending.swift: how a run of QEMU came to its end, and what it had said by then.
// Status 0 is never a verdict here: a reset under `-no-reboot` has it, too.

import Subprocess

/// Why a run is over.
public enum Ending: Sendable, Equatable {
  /// The conversation was held to its end, and then QEMU was stopped by us.
  case complete
  /// The core locked up (a fault inside a fault handler); QEMU aborts with status 134.
  case lockedUp
  /// The host's time limit passed, and QEMU was killed.
  case timedOut
  /// Ctrl-C, or somebody else's signal.
  case interrupted
  /// QEMU ended by itself with this status; what that means, its caller has to know.
  case exited(status: Int32)

  /// Classifies an end that we did not cause, by QEMU's status and its last words.
  init(status: TerminationStatus, messages: String) {
    switch status {
    // QEMU catches the polite signals, and ends with status 0.
    case .exited(0) where messages.contains("terminating on signal"): self = .interrupted
    case .signaled(6), .exited(134): self = .lockedUp
    case .signaled(2), .signaled(15), .exited(130): self = .interrupted
    case .signaled(let signal): self = .exited(status: 128 + signal)
    case .exited(let code): self = .exited(status: code)
    }
  }
}

extension Ending: CustomStringConvertible {
  /// The end as the predicate of a sentence about QEMU.
  public var description: String {
    switch self {
    case .complete: "was stopped after the conversation"
    case .lockedUp: "stopped because the core locked up (a fault inside a fault handler)"
    case .timedOut: "was killed at the time limit"
    case .interrupted: "was interrupted"
    case .exited(let status): "ended by itself with status \(status)"
    }
  }
}

/// What a run left behind.
public struct Report: Sendable {
  /// Why it is over.
  public var ending: Ending
  /// Every byte that the guest's UART sent, as UTF-8.
  public var output: String
  /// What QEMU wrote to standard error: its own messages, never the guest's.
  public var messages: String
}

/// Why a run did not give what was asked of it.
public struct QEMUError: Error, CustomStringConvertible, Sendable {
  /// The whole text, lower case, without the leading `error: `: what, where, the cure.
  public var description: String
  /// How the run ended, if it began.
  public var ending: Ending?
  /// What a tool should exit with: 1 for a run that went wrong, 2 for a missing or unusable input.
  public var exitCode: Int32

  /// Composes an error.
  public init(_ description: String, ending: Ending? = nil, exitCode: Int32 = 1) {
    self.description = description
    self.ending = ending
    self.exitCode = exitCode
  }

  /// QEMU is not on this machine.
  static let missing = QEMUError(
    "qemu-system-arm is not installed\n  try: make tools", exitCode: 2)
}
