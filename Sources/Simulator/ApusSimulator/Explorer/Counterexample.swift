// ApusSimulator/Explorer/Counterexample.swift: a way to a broken promise, to be read and pasted.
// A trace is shown as it happened; nothing is left out, and nothing is guessed.

import ApusABI
import ApusKernel

/// The steps from boot to a broken promise.
public struct Counterexample: Sendable {
  /// One line of the picture.
  struct Line: Sendable, Equatable {
    /// Who ran, in words.
    var runner: String
    var event: String
    /// What each task but idle does after the event.
    var states: [String]
  }

  let system: ExploredSystem
  let turns: [Turn]
  let lines: [Line]
  /// What was broken; `nil` only if the steps, taken from boot again, break nothing.
  let violation: Violation?

  /// Takes the turns from boot; those that cannot happen are left out.
  init<let taskCount: Int>(
    of turns: [Turn], in system: ExploredSystem, sabotage: StepChange<taskCount>? = nil
  ) {
    var trace = Trace<taskCount>(system, sabotage: sabotage)
    var lines = [Line(runner: "", event: "boot", states: trace.world.described(system))]
    for turn in turns {
      let runner = system.name(Int(trace.world.kernel.current))
      guard trace.take(turn) else { continue }
      lines.append(
        Line(runner: runner, event: turn.event.name, states: trace.world.described(system)))
    }
    self.system = system
    self.turns = trace.turns
    self.lines = lines
    violation = trace.broken
  }

  /// How many events it takes.
  public var stepCount: Int { turns.count }

  /// One line an event, one column a task: what it does after the event, a bar while that stays.
  public var text: String {
    let shown = (0..<system.idle).filter(isShown)
    let names = shown.map(system.name)
    let widths = shown.indices.map { place in
      ([names[place]] + lines.map { $0.states[shown[place]] }).map(\.count).max() ?? 0
    }
    let runners = max(4, lines.map(\.runner.count).max() ?? 0)
    let events = max(5, lines.map(\.event.count).max() ?? 0)
    func row(_ step: String, _ runner: String, _ event: String, _ states: [String]) -> String {
      let cells = zip(states, widths).map { Self.column($0, $1) }
      let all = [
        String(repeating: " ", count: max(0, 4 - step.count)) + step, Self.column(runner, runners),
        Self.column(event, events),
      ]
      let text = (all + cells).joined(separator: "  ")
      return text.replacing(/\s+$/, with: "")
    }
    var rows = [row("step", "runs", "event", names)]
    for (step, line) in lines.enumerated() {
      let states = shown.map { place in
        step > 0 && lines[step - 1].states[place] == line.states[place] ? "|" : line.states[place]
      }
      rows.append(row(step == 0 ? "" : "\(step)", line.runner, line.event, states))
    }
    if let violation {
      rows.append("broken: \(violation.promise.rawValue) (\(system.name(violation.task)))")
    } else {
      rows.append("broken: nothing, when the steps are taken from boot without abstraction")
    }
    return rows.joined(separator: "\n")
  }

  /// Whether a task has a column: in a large system, only if something happens to it.
  private func isShown(_ index: Int) -> Bool {
    system.idle <= 4 || lines.contains { $0.states[index] != lines[0].states[index] }
  }

  private static func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// The same steps as a test in the words of `ApusSimulatorTests`.
  public var test: String {
    let title = violation.map { $0.promise.rawValue } ?? "these steps keep every promise"
    let lines = turns.map { "    " + Self.statement($0) }
    return """
        @Test("\(title)")
        func explored() {
          var trace = Trace<\(system.taskCount)>(\(system.expression))
      \(lines.joined(separator: "\n"))
          #expect(trace.broken == nil, "\\(trace.counterexample.text)")
        }
      """
  }

  private static func statement(_ turn: Turn) -> String {
    let event = turn.event.event
    guard let caller = turn.caller else {
      return "trace.outside(\"\(turn.event.name)\", .\(event.kind))"
    }
    if event.kind == .fault { return "trace.fault(by: \(caller))" }
    let words = event.registers
    let number = event.call.map { "Call.\($0).rawValue" } ?? hex(words.r11)
    // An index stands for the identifier of its task.
    let r4 = event.namesPeer ? words.r4 & 0xFFFF_001F : words.r4
    var arguments = ["\"\(turn.event.name)\"", "by: \(caller)", number]
    let named = [
      ("r4", r4), ("r5", words.r5), ("r6", words.r6), ("r7", words.r7), ("r8", words.r8),
      ("r9", words.r9), ("r10", words.r10),
    ]
    arguments += named.filter { $0.1 != 0 }.map { "\($0.0): \(hex($0.1))" }
    switch event.fate {
    case .unharmed: break
    case .misuse(let error): arguments.append("fate: .misuse(.\(error))")
    case .badSlice, .dependsOnPeer, .panic, .memoryFault: arguments.append("fate: .\(event.fate)")
    }
    if event.isStale { arguments.append("isStale: true") }
    let line = "trace.call(\(arguments.joined(separator: ", ")))"
    if line.count <= 96 { return line }
    // As the formatter breaks it.
    var rows = [""]
    for (place, argument) in arguments.enumerated() {
      let piece = argument + (place == arguments.count - 1 ? ")" : ", ")
      if rows[rows.count - 1].count + piece.count > 95 { rows.append("") }
      rows[rows.count - 1] += piece
    }
    let body = rows.map { "      " + $0.replacing(/\s+$/, with: "") }
    return "trace.call(\n" + body.joined(separator: "\n")
  }

  private static func hex(_ word: UInt32) -> String {
    word < 10 ? "\(word)" : "0x" + String(word, radix: 16, uppercase: true)
  }
}

extension Trace {
  /// What has happened so far, as a picture.
  var counterexample: Counterexample { Counterexample(of: turns, in: system, sabotage: sabotage) }
}

extension World {
  /// What each task but idle does.
  func described(_ system: ExploredSystem) -> [String] {
    (0..<Self.idle).map { index in
      let task = kernel.tasks[index]
      var text = ""
      if task.state.isFaulted {
        text = "stopped: \(task.state.fault.map { "\($0)" } ?? "?")"
      } else {
        let peer = system.name(min(task.state.peer.index, Self.idle))
        switch task.state.activity {
        case .runnable: text = Int(kernel.current) == index ? "runs" : "ready"
        case .receiving: text = "receives"
        case .waiting: text = "waits"
        case .sending: text = "sends to \(peer)"
        case .awaitingReply: text = "awaits \(peer)"
        case nil: text = "?"
        }
      }
      if task.pending != 0 { text += " +\(String(task.pending, radix: 2))" }
      if kernel.armed.contains(index) {
        let deadline =
          UInt64(task.deadlineOrProgramCounter) << 32 | UInt64(task.deadlineOrAddress)
        text += " t\(Int64(bitPattern: deadline &- kernel.now))"
      }
      return text
    }
  }
}
