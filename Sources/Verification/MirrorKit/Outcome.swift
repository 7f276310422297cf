// MirrorKit/Outcome.swift: what can become of a call, and which outcomes a good run has seen.
// It reads registers and states as the contract defines them; it judges no kernel.

import ApusABI
import ApusKernel

/// What became of a call.
public enum Outcome: Hashable, Comparable, Sendable {
  /// It returned, and has no code.
  case done
  case success
  /// The lender does not wait, or its lease does not hold.
  case defect
  case badArgument
  /// A code of the server's own.
  case serverCode
  /// The peer died.
  case dead
  case message
  case notification
  /// The caller was stopped while it waited, or for the call itself.
  case stopped(FaultKind)
  /// The caller was restarted while it waited.
  case forgotten
  /// The machine was reset.
  case reset

  /// What r4 says of a call that has returned.
  init(of call: Call, code: UInt32) {
    switch call {
    case .receive, .receiveNotifications, .replyAndReceive:
      let isKernel = code & 0xFFFF == UInt32(TaskID.kernel.rawValue)
      self = isKernel ? .notification : .message
    case .send, .borrowRead, .borrowWrite, .borrowInfo, .post, .taskStatus, .restartTask,
      .injectFault, .giveUp, .readPanicText:
      let response = ResponseCode(rawValue: code)
      if response == .success {
        self = .success
      } else if response.deadGeneration != nil {
        self = .dead
      } else if call == .send {
        self = .serverCode
      } else {
        self = response == .defect ? .defect : .badArgument
      }
    case .reply, .replyFault, .setTimer, .getTimer, .irqControl, .irqStatus, .refreshTaskID, .panic,
      .findFaultedTask, .resetMachine, .readResetRecord:
      self = .done
    }
  }

  /// The outcomes that each call has without a mistake of its caller's.
  static func all(of call: Call) -> [Outcome] {
    switch call {
    case .send: [.success, .serverCode, .dead]
    case .receive, .replyAndReceive: [.message, .notification]
    case .receiveNotifications: [.notification]
    case .borrowRead, .borrowWrite, .borrowInfo: [.success, .defect, .dead]
    case .post: [.success, .dead]
    case .taskStatus, .restartTask, .injectFault, .giveUp, .readPanicText: [.success, .badArgument]
    case .panic: [.stopped(.panic)]
    case .resetMachine: [.reset]
    case .reply, .replyFault, .setTimer, .getTimer, .irqControl, .irqStatus, .refreshTaskID,
      .findFaultedTask, .readResetRecord:
      [.done]
    }
  }

  /// The words in a table.
  var text: String {
    switch self {
    case .done: "done"
    case .success: "success"
    case .defect: "defect"
    case .badArgument: "bad argument"
    case .serverCode: "server's code"
    case .dead: "dead"
    case .message: "message"
    case .notification: "notification"
    case .stopped(let kind): "stopped (\(kind))"
    case .forgotten: "restarted meanwhile"
    case .reset: "machine reset"
    }
  }

  public static func < (left: Outcome, right: Outcome) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .done: 0
    case .success: 1
    case .defect: 2
    case .badArgument: 3
    case .serverCode: 4
    case .dead: 5
    case .message: 6
    case .notification: 7
    case .forgotten: 8
    case .reset: 9
    case .stopped(let kind): 16 + Int(kind.rawValue)
    }
  }
}
