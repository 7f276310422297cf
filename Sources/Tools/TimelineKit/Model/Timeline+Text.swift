// TimelineKit/Model/Timeline+Text.swift: how times, incidents and messages read in words.
// All writers take their words from here, so that the log and the pictures say the same.

import ApusABI
import PlainText

extension Timeline {
  /// One sentence on what happened, with the tasks' names; `nil` never.
  public func text(_ incident: Incident) -> String {
    let name = self.name(incident.task)
    switch incident.kind {
    case .boot: return "the machine starts"
    case .tick: return "tick"
    case .interrupt(let number): return "interrupt \(lineName(number)) for \(name)"
    case .call(let call): return "\(name) calls \(call.map { "\($0)" } ?? "an unknown number")"
    case .sent(let id): return text(id) { "\(name) sends \($0.words) to \(self.name($0.receiver))" }
    case .delivered(let id):
      return text(id) { "\(name) receives \($0.words) from \(self.name($0.sender))" }
    case .ended(let id): return text(id) { ending($0) }
    case .posted(let bits, let target):
      return "\(name) posts \(subject.notifications(bits, of: target)) to \(self.name(target))"
    case .armed(let deadline, let bits):
      let word = subject.notifications(bits, of: incident.task)
      return "\(name) sets its timer to tick \(deadline) for \(word)"
    case .disarmed: return "\(name) takes back its timer"
    case .expired(let bits):
      return "the timer of \(name) posts \(subject.notifications(bits, of: incident.task))"
    case .copied(let lender, let count, let isWrite):
      let direction = isWrite ? "to" : "from"
      return "\(name) copies \(count) B \(direction) a loan of \(self.name(lender))"
    case .faulted(let kind, let address, let counter, let detail):
      return "\(name) is stopped: \(faultText(kind, address, counter, detail))"
    case .restarted(let generation): return "\(name) begins life \(generation)"
    }
  }

  /// Why a task was stopped, with what is known of the place.
  func faultText(
    _ kind: FaultKind, _ address: UInt32, _ counter: UInt32, _ detail: UInt32
  ) -> String {
    let place = "pc \(hex(counter))"
    return switch kind {
    case .none: "no fault"
    case .memory: "memory at \(hex(address)), \(place)"
    case .stackOverflow: "stack overflow at \(hex(address)), \(place)"
    case .bus: "bus at \(hex(address)), \(place)"
    case .illegalText: "illegal text, \(place)"
    case .illegalInstruction: "illegal instruction, \(place)"
    case .divideByZero: "division by zero, \(place)"
    case .invalidOperation: "invalid operation, \(place)"
    case .breakpoint: "breakpoint, \(place)"
    case .badSlice: "bad slice at \(hex(address)), \(place)"
    case .usage: "misuse, \(UsageError(rawValue: detail).map { "\($0)" } ?? "\(detail)"), \(place)"
    case .panic: "panic, \(place)"
    case .injected: "by the supervisor"
    case .refused: "refused by \(name(Int(detail & 31)))"
    }
  }

  /// How a message ended, in its sender's words.
  func ending(_ message: Message) -> String {
    let (sender, receiver) = (name(message.sender), name(message.receiver))
    switch message.outcome {
    case .open: return "\(sender) has no answer of \(receiver) yet"
    case .replied(let code, let count):
      let result = code == 0 ? "\(count) B" : "code \(code), \(count) B"
      return "\(receiver) replies to \(sender), \(result)"
    case .peerDied(let generation):
      return "\(sender) is told that \(receiver) died and lives as \(generation)"
    case .refused(let reason):
      let word = RefusalReason(rawValue: reason).map { "\($0)" } ?? "\(reason)"
      return "\(receiver) refuses \(sender): \(word)"
    case .withdrawn: return "\(sender) was stopped before \(receiver) answered"
    }
  }

  /// The name of task `index`.
  func name(_ index: Int) -> String {
    index < lanes.count ? lanes[index].name : "task \(index)"
  }

  /// The board's name of a line, or its number.
  func lineName(_ number: UInt32) -> String {
    subject.lines.first { $0.number == number }?.name ?? "\(number)"
  }

  /// What one activity looks like in words, with the peer.
  func text(_ interval: Interval) -> String {
    switch interval.activity {
    case .running: "runs"
    case .ready: "is ready"
    case .sending: "waits for \(interval.peer.map(name) ?? "?") to receive"
    case .awaitingReply: "awaits the reply of \(interval.peer.map(name) ?? "?")"
    case .receiving: "waits for a message or a notification"
    case .waiting: "waits for a notification"
    case .faulted: "is stopped"
    }
  }

  private func text(_ id: Int, _ words: (Message) -> String) -> String {
    message(id).map(words) ?? "message \(id)"
  }
}

extension Timeline {
  /// The incidents that a reader wants to see first, those of one instant together: deaths, new
  /// lives, refused messages, and the messages that their receivers died of.
  public var story: [(time: UInt64, incidents: [Incident])] {
    var result: [(time: UInt64, incidents: [Incident])] = []
    for incident in incidents where isNotable(incident) {
      if let last = result.last, last.time == incident.time {
        result[result.count - 1].incidents.append(incident)
      } else {
        result.append((incident.time, [incident]))
      }
    }
    return result
  }

  private func isNotable(_ incident: Incident) -> Bool {
    switch incident.kind {
    case .faulted, .restarted: return true
    case .boot: return incident.time > span.lowerBound
    case .sent(let id), .ended(let id):
      switch message(id)?.outcome {
      case .peerDied, .refused: return true
      default: return false
      }
    default: return false
    }
  }
}

extension Message {
  /// Operation and size.
  var words: String {
    let loans = leaseCount == 0 ? "" : ", \(leaseCount) loan\(leaseCount == 1 ? "" : "s")"
    return "operation \(operation), \(byteCount) B\(loans)"
  }
}

/// Nanoseconds as a decimal number of units of `10^digits` ns, cut to `places` digits.
func decimal(_ nanoseconds: UInt64, unit digits: Int, places: Int) -> String {
  var scale: UInt64 = 1
  for _ in 0..<digits { scale *= 10 }
  var fraction = String(nanoseconds % scale)
  fraction = String(repeating: "0", count: digits - fraction.count) + fraction
  return places == 0
    ? "\(nanoseconds / scale)" : "\(nanoseconds / scale).\(fraction.prefix(places))"
}

/// Milliseconds with four digits, a tenth of a microsecond.
func milliseconds(_ nanoseconds: UInt64) -> String { decimal(nanoseconds, unit: 6, places: 4) }

/// Markers on a time axis: round numbers, at most `count` of them.
struct Ruler {
  /// The distance of two markers, in nanoseconds.
  let step: UInt64
  /// The times of the markers.
  let times: [UInt64]

  init(_ span: Range<UInt64>, count: Int) {
    let length = span.upperBound - span.lowerBound
    var step: UInt64 = 1
    let factors: [UInt64] = [2, 5, 10]
    var decade: UInt64 = 1
    search: while length / step > UInt64(max(1, count)) {
      for factor in factors {
        step = decade * factor
        if length / step <= UInt64(max(1, count)) { break search }
      }
      decade *= 10
    }
    let first = (span.lowerBound + step - 1) / step * step
    self.step = step
    times =
      first <= span.upperBound
      ? Array(stride(from: first, through: span.upperBound, by: Int(step))) : []
  }

  /// A marker's time, in the unit that all of them have.
  func label(_ time: UInt64) -> String {
    if step >= 1_000_000_000 { return "\(time / 1_000_000_000) s" }
    var places = 0
    var unit: UInt64 = 1_000_000
    while step % unit != 0 && places < 6 {
      unit /= 10
      places += 1
    }
    return "\(decimal(time, unit: 6, places: places)) ms"
  }
}
