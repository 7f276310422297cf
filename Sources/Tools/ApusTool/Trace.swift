// ApusTool/Trace.swift: `apus trace`: a run as a timeline: a picture, a page, a log or data.

import ApusSimulator
import ArgumentParser
import CommandSupport
import ConsoleClock
import ConsoleLogger
import ConsoleSensor
import ConsoleShell
import ConsoleSupervisor
import ConsoleUart
import Foundation
import HelloGreeter
import HelloSupervisor
import ImagePlan
import MirrorKit
import TimelineKit
import TraceKit

/// Runs an app and writes what happened in a stretch of it.
struct Trace: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a run as a timeline: tasks, messages, faults, timers and waits.",
    discussion: """
      With --simulate, the app's own tasks run on the host in virtual time, and the same command
      always writes the same bytes. Without it, the release image runs under QEMU and is observed
      from outside, event by event, as `apus-verify mirror` does.

      Formats: gantt, one row per task for the terminal; log, one line per event; html, one page
      with zoom that needs no network; svg, one picture; chrome, JSON for ui.perfetto.dev.

      Examples:
        apus trace hello --simulate --for 3ms
        apus trace --simulate --input 'crash sensor memory' --around-fault --for 1ms
        apus trace --board mps2-an386 --input 'ps; lend' --for 100ms --format html --output t.html

      Exit status: 0 with a timeline, 2 if the run fails or has nothing to show.
      """)

  @OptionGroup var image: ImageOptions
  @Flag(help: "Runs on the host in virtual time instead of under QEMU.")
  var simulate = false
  @Option(help: "The seed for the cost of each piece of a task's code, in a simulation.")
  var seed: UInt64 = 1
  @Option(help: "Lines to type, separated by ';'; each is sent when the app is ready for it.")
  var input = ""
  @Option(help: "The start time: a number with ns, us, ms or s.")
  var from = TraceTime(argument: "0ms")!
  @Flag(help: "Starts a quarter of the length before the first fault, instead of at '--from'.")
  var aroundFault = false
  @Option(name: .customLong("for"), help: "The length: a number with ns, us, ms or s.")
  var length = TraceTime(argument: "50ms")!
  @Option(help: "gantt, log, html, svg or chrome.")
  var format = TraceFormat.gantt
  @Option(help: "The title of a picture or page.")
  var title: String?
  @Option(help: "The file to write, instead of standard output.", completion: .file())
  var output: String?

  func validate() throws {
    guard length.nanoseconds > 0 else { throw ValidationError("'--for' must be more than 0") }
  }

  func run() async throws {
    let timeline = simulate ? try simulated() : try await observed()
    let isTerminal = output == nil && isatty(STDOUT_FILENO) == 1
    let text = format.text(timeline, title: title, toTerminal: isTerminal)
    guard let output else { return print(text, terminator: "") }
    do {
      try Data(text.utf8).write(to: URL(filePath: output))
    } catch {
      throw TraceFailure("cannot write '\(output)': \(error.localizedDescription)")
    }
  }

  private var window: TraceWindow {
    TraceWindow(from: aroundFault ? nil : from.nanoseconds, length: length.nanoseconds)
  }

  private func dialogue(of app: String) -> Dialogue {
    Dialogue(prompt: Script.of(app: app).prompt, text: input)
  }

  /// The app's tasks on the host.
  private func simulated() throws -> Timeline {
    guard image.board == nil else {
      throw ValidationError("'--board' is for QEMU; a simulation has the app's first board")
    }
    let root = try repositoryRoot()
    switch image.app {
    case "console":
      let tasks: [@Sendable () -> Never] = [
        ConsoleSupervisor.runTask, ConsoleUart.runTask, ConsoleClock.runTask,
        ConsoleLogger.runTask, ConsoleSensor.runTask, ConsoleShell.runTask,
      ]
      let app = try App(simulating: "Console", root: root)
      return try SimulationRecorder.timeline(
        of: Simulation<7>(app, programs: tasks.map(FiberProgram.init), seed: seed),
        dialogue(of: image.app), window)
    case "hello":
      let app = try App(simulating: "Hello", root: root)
      let tasks = [FiberProgram(HelloSupervisor.runTask), FiberProgram(HelloGreeter.runTask)]
      return try SimulationRecorder.timeline(
        of: Simulation<3>(app, programs: tasks, seed: seed), dialogue(of: image.app), window)
    default:
      throw TraceFailure(
        "'\(image.app)' is not built for the host\n  try: console or hello, or without --simulate")
    }
  }

  /// The release image under QEMU.
  private func observed() async throws -> Timeline {
    let bundle = try await image.build()
    return try await ImageRecorder.timeline(of: bundle, dialogue(of: bundle.plan.app), window)
  }
}

/// A trace that cannot be made.
struct TraceFailure: ToolError {
  let description: String

  init(_ description: String) { self.description = description }
}

extension TraceError: ToolError {}
