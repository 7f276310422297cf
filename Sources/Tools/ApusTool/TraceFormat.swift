// ApusTool/TraceFormat.swift: the forms in which `apus trace` writes a timeline.
// The writers are TimelineKit's; here is only which one, and what a terminal is like.

import ArgumentParser
import CommandSupport
import Foundation
import TimelineKit

/// How a trace is to be written.
enum TraceFormat: String, ExpressibleByArgument, CaseIterable {
  case gantt, log, html, svg, chrome

  /// The whole document.
  func text(_ timeline: Timeline, title: String?, toTerminal isTerminal: Bool) -> String {
    switch self {
    case .gantt:
      Gantt(timeline, width: isTerminal ? terminalWidth() : 100, isColored: isTerminal).text
    case .log: EventLog(timeline).text
    case .html: Page(timeline, title: title).html
    case .svg: Drawing(timeline, title: title).svg
    case .chrome: ChromeTrace(timeline).text
    }
  }
}

/// The columns of the terminal at standard output; 100 if it does not say.
private func terminalWidth() -> Int {
  var size = winsize()
  guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
  return Int(size.ws_col)
}

/// A time on the command line: a number with ns, us, ms or s; ms if there is no unit.
struct TraceTime: ExpressibleByArgument, Equatable {
  var nanoseconds: UInt64

  init?(argument: String) {
    let units: [(String, Double)] = [("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)]
    let unit = units.first { argument.hasSuffix($0.0) } ?? ("", 1e6)
    guard let value = Double(argument.dropLast(unit.0.count)), value >= 0, value * unit.1 < 1e13
    else { return nil }
    nanoseconds = UInt64((value * unit.1).rounded())
  }

  var defaultValueDescription: String { "\(nanoseconds / 1_000_000)ms" }
}
