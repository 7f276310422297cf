// TraceKit/SimulationRecorder+Run.swift: a simulation with somebody at its keyboard, for a trace.
// Time passes until the window is over; a line is typed as soon as the prompt stands there.

import ApusSimulator
import TimelineKit

extension SimulationRecorder {
  /// Runs `simulation` with `dialogue` at its UART, if it has one, and returns the stretch of
  /// `window`.
  ///
  /// The same app, programs, seed, dialogue and window make the same timeline.
  ///
  /// - Throws: `TraceError` if no task is stopped where the window is around a fault.
  public static func timeline(
    of simulation: Simulation<taskCount>, _ dialogue: Dialogue, _ window: TraceWindow
  ) throws(TraceError) -> Timeline {
    let recorder = SimulationRecorder(simulation)
    let uart = simulation.attachUART()
    let hertz = UInt64(simulation.app.board.clockHertz)
    var rest = dialogue.lines[...]
    var seen = 0
    while true {
      if let uart, uart.output.count != seen || dialogue.prompt == nil {
        seen = uart.output.count
        let isReady = dialogue.prompt.map {
          uart.output.suffix($0.utf8.count).elementsEqual($0.utf8)
        }
        if isReady ?? true, let line = rest.popFirst() { uart.type("\(line)\r".utf8) }
      }
      let end = window.end(firstFault: recorder.firstFault)
      let endCycles = end / 1_000_000_000 * hertz + end % 1_000_000_000 * hertz / 1_000_000_000
      guard simulation.cycles < endCycles else { break }
      simulation.step(until: endCycles)
      if let name = simulation.stuckTask {
        throw TraceError(
          "task '\(name)' made no call for a second of host time",
          try: "a call in its endless loop")
      }
    }
    return try window.cut(recorder.timeline)
  }
}
