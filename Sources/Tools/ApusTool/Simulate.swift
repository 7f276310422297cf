// ApusTool/Simulate.swift: `apus simulate`: an app's own task sources on the host, in virtual time.

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

/// Runs an app without a board.
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs an app on the host: the same kernel and tasks, in virtual time.",
    discussion: """
      The tasks are built from the firmware's sources and run on fibers; the kernel decides which
      one runs. The same seed gives the same run. Idle time is skipped, except on a terminal. A
      piped session ends at the closing line, after three seconds without output, or ten seconds
      after the end of the input, both in virtual time.

      Examples:
        apus simulate
        printf 'ps\\ncrash sensor panic\\nps\\nexit\\n' | apus simulate console
        apus simulate hello --seed 7 --trace build/hello.trace
        printf 'flood\\nexit\\n' | apus simulate --latency

      Exit status: 0 after the closing line or the end of the input, 2 if there is no readable app,
      130 after Ctrl-C.
      """)

  @Argument(help: "The app: console or hello.")
  var app = "console"
  @Option(help: "The seed for the cost of each piece of a task's code.")
  var seed: UInt64 = 1
  @Option(help: "Writes a trace to this file, one line per event.", completion: .file())
  var trace: String?
  @Flag(help: "Prints at the end how long calls, interrupts and timers took, in virtual time.")
  var latency = false

  func run() throws {
    let root = try repositoryRoot()
    switch app {
    case "console":
      let tasks: [@Sendable () -> Never] = [
        ConsoleSupervisor.runTask, ConsoleUart.runTask, ConsoleClock.runTask,
        ConsoleLogger.runTask, ConsoleSensor.runTask, ConsoleShell.runTask,
      ]
      let app = try App(simulating: "Console", root: root)
      try talk(Simulation<7>(app, programs: tasks.map(FiberProgram.init), seed: seed))
    case "hello":
      let app = try App(simulating: "Hello", root: root)
      let tasks = [
        FiberProgram(HelloSupervisor.runTask), FiberProgram(HelloGreeter.runTask),
      ]
      try talk(Simulation<3>(app, programs: tasks, seed: seed))
    default:
      throw PlanError(
        "'\(app)' is not built for the host", try: "console or hello", kind: .unreadable)
    }
  }

  /// Connects the UART with standard input and output until the session is over.
  private func talk<let count: Int>(_ simulation: Simulation<count>) throws {
    simulation.isRecording = trace != nil
    defer { save(simulation.trace) }
    let latencies = latency ? Latencies(of: simulation) : nil
    defer {
      if let latencies {
        print(latencies.table(simulation.name, clockHertz: simulation.app.board.clockHertz))
      }
    }
    guard let uart = simulation.attachUART() else { return }
    let keyboard = isatty(STDIN_FILENO) == 1 ? Keyboard() : nil
    defer { keyboard?.restore() }
    if keyboard == nil { uart.type(FileHandle.standardInput.readDataToEndOfFile()) }
    var tail: [UInt8] = []
    // In virtual time: three seconds of silence or ten in all end a piped session, from its last byte.
    var silence = 0
    var rest = 0
    while keyboard != nil || silence < 300 && rest < 1_000 {
      rest = uart.isDrained ? rest + 1 : 0
      simulation.run(milliseconds: 10)
      silence = uart.output.isEmpty ? silence + 1 : 0
      FileHandle.standardOutput.write(Data(uart.output))
      tail = (tail + uart.output).suffix(64)
      uart.removeOutput(uart.output.count)
      if String(decoding: tail, as: UTF8.self).contains(Run.closingLine + "\r\n") { return }
      guard let keyboard else { continue }
      let keys = keyboard.read(milliseconds: 10)
      if keys.contains(0x03) { throw ExitCode(130) }
      uart.type(keys)
    }
  }

  private func save(_ lines: [String]) {
    guard let trace else { return }
    let text = lines.joined(separator: "\n") + "\n"
    do {
      try Data(text.utf8).write(to: URL(filePath: trace))
    } catch {
      printToStandardError("error: cannot write '\(trace)': \(error.localizedDescription)")
    }
  }
}

/// A terminal that hands over each key at once.
private struct Keyboard {
  private var former = termios()

  init() {
    tcgetattr(STDIN_FILENO, &former)
    var raw = former
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    raw.c_iflag &= ~tcflag_t(ICRNL)
    tcsetattr(STDIN_FILENO, TCSANOW, &raw)
  }

  func restore() {
    var former = former
    tcsetattr(STDIN_FILENO, TCSANOW, &former)
  }

  /// What was typed; waits so long for it at most.
  func read(milliseconds: Int32) -> [UInt8] {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, milliseconds) > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = Foundation.read(STDIN_FILENO, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }
}
