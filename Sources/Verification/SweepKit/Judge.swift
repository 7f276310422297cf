// SweepKit/Judge.swift: follows the supervisor's lines through one run, and believes none easily.
// Whoever does not own the UART can write nothing here, and whoever does must count without a gap.

import AccessMonitor
import ApusABI
import QEMUKit

/// Reads one run's lines and keeps what must not have happened.
struct Judge {
  /// The number that the host has typed, and that each line must begin with.
  let session: UInt32
  let passage: Passage
  /// What came of the trials so far, in order.
  private(set) var outcomes: [Outcome] = []
  /// What must not have happened, with the number of its trial if there is one.
  private(set) var failures: [(trial: Int?, what: String)] = []
  private(set) var isOver = false
  /// What the oracle saw, if there was one.
  var sightings = Oracle.Sightings()
  /// Where in the kernel the alarm became pending, if that was looked at.
  var boundaries = Boundaries()
  private var lineCount: UInt32 = 0
  /// The witness's count and the hostile task's generation behind the last batch.
  private var last: (sent: UInt32, generation: UInt32)?

  init(_ passage: Passage, session: UInt32) {
    self.passage = passage
    self.session = session
  }

  /// Reads a line without its end.
  mutating func read(_ text: Substring) {
    let parts = text.split(separator: " ")
    if parts.starts(with: ["apus", "sweep"]) { return fail("the machine was reset") }
    guard parts.count >= 3, parts[0].count == 8, UInt32(parts[0], radix: 16) == session else {
      return
    }
    let words = parts[3...].compactMap { UInt32($0, radix: 16) }
    guard UInt32(parts[1], radix: 16) == lineCount, words.count == parts.count - 3 else {
      return fail("line \(lineCount) is missing or forged: \(text)")
    }
    lineCount += 1
    switch parts[2] {
    case "b" where words.count == 22: readBatch(words)
    case "x" where words.count == 4: failures.append((Int(words[0]), Self.complaint(words)))
    case "d":
      isOver = true
      if outcomes.count != passage.count {
        fail("\(passage.count) trials were asked for, \(outcomes.count) came")
      }
    default: fail("no line of the supervisor: \(text)")
    }
  }

  /// QEMU has ended by itself, or at its limit, or the oracle has nothing to say.
  mutating func end(_ error: QEMUError) {
    fail(error.description.split(separator: "\n").joined(separator: "; "))
  }

  /// The oracle has seen a broken wall.
  mutating func add(_ finding: String) {
    failures.append((nil, "the oracle: " + finding))
  }

  /// The rules that the oracle has seen broken.
  var rules: [Oracle.Rule] { sightings.findings.compactMap(\.rule) }

  private mutating func fail(_ what: String) {
    failures.append((nil, what))
    // Whatever comes now says nothing any more.
    isOver = true
  }

  /// The next trial's number, the last life, the witness's count and the anchor's, fault
  /// notifications, the number of trials, and their outcomes.
  private mutating func readBatch(_ words: [UInt32]) {
    let count = Int(words[5])
    let begin = passage.first + outcomes.count
    guard (1...64).contains(count), Int(words[0]) == begin + count else {
      return fail("\(count) trials up to \(words[0]) follow trial \(begin)")
    }
    let batch = (0..<count).map {
      Outcome(rawValue: UInt8(truncatingIfNeeded: words[6 + $0 / 4] >> UInt32($0 % 4 * 8)))
    }
    let generation = words[1] >> 5
    if let last {
      if words[2] != last.sent &+ UInt32(count) {
        fail("the witness went \(words[2] &- last.sent) rounds in \(count) trials")
      }
      if generation != (last.generation + UInt32(count)) & 0x7FF {
        fail("generation \(generation) follows \(last.generation) after \(count) trials")
      }
    }
    if words[2] != words[3] { fail("the witness sent \(words[2]), the anchor counted \(words[3])") }
    let faults = batch.count { $0.fault != nil }
    if Int(words[4]) != faults { fail("\(words[4]) fault notifications for \(faults) faults") }
    last = (words[2], generation)
    for (index, outcome) in batch.enumerated() {
      let number = begin + index
      if outcome.name == "unknown" || passage.isRight?(number, outcome) == false {
        failures.append((number, "ended as '\(outcome.name)' (\(outcome.rawValue))"))
      }
    }
    outcomes += batch
  }

  /// What the supervisor complained of.
  private static func complaint(_ words: [UInt32]) -> String {
    switch words[1] {
    case 1: "nobody below ran: \(words[2]) rounds"
    case 2: "task \(words[2]) was faulted, too"
    case 3: "\(words[2]) rounds instead of one"
    case 4: "\(words[2]) words changed below the hostile task, \(words[3]) above it"
    case 5: "the restart gave life \(words[2]) instead of \(words[3])"
    case 6: "the fault is life \(words[2])'s, not \(words[3])'s"
    case 7: "\(words[2]) fault notifications instead of \(words[3])"
    default: "the supervisor complained: \(words)"
    }
  }
}
