// ApusSimulatorTests/TestingADeviceTests.swift: the worked example of the article, as a test that runs.
// The article shows the lines between the two marks: a test compares them.

import ApusSimulator
import ConsoleClock
import ConsoleLogger
import ConsoleSensor
import ConsoleShell
import ConsoleSupervisor
import ConsoleUart
import Foundation
import ImagePlan
import Testing

private let repository = Fixture.root

@Suite struct TestingADeviceTests {
  // [example
  @Test("A broken sensor's nonsense is shown as it is, and the shell goes on.")
  func nonsense() throws {
    // The device: the app's own manifest, and the very tasks that the firmware is built from.
    let app = try App(simulating: "Console", root: repository)
    var tasks: [any Program] = [
      FiberProgram(ConsoleSupervisor.runTask), FiberProgram(ConsoleUart.runTask),
      FiberProgram(ConsoleClock.runTask), FiberProgram(ConsoleLogger.runTask),
      FiberProgram(ConsoleSensor.runTask), FiberProgram(ConsoleShell.runTask),
    ]
    // One of them is replaced: whoever asks this sensor is told of sample 7 at 0.001 degrees.
    let sensor = Script(repeated: true) {
      Step.receive().named("asked")
      Step.compute(2_000)
      Step.reply([7, 0, 0, 0, 1, 0, 0, 0], to: 5)
    }
    tasks[4] = sensor
    let device = Simulation<7>(app, programs: tasks)
    let uart = try #require(device.attachUART())
    device.isRecording = true

    // 50 ms of virtual time, then a line is typed, then 50 ms more. None of it takes that long.
    device.run(milliseconds: 50)
    uart.type("read\r".utf8)
    device.run(milliseconds: 50)

    // Messages, outputs, states.
    #expect(device.messages(from: "shell", to: "sensor") == [5])
    #expect(sensor["asked"]?.r5 == 0)
    #expect(uart.text.contains("sample 7: 0.001 degrees"))
    #expect(device.state(of: "sensor") == .receiving)
    #expect(device.state(of: "shell")?.isFaulted == false)
    #expect(device.kernel.now == 100)
  }
  // example]

  @Test("The article's example is the code of a test.")
  func articleIsCode() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0 == "  // [example" })
    let end = try #require(lines.firstIndex { $0 == "  // example]" })
    let code = lines[(start + 1)..<end].map { $0.hasPrefix("  ") ? $0.dropFirst(2) : $0 }
      .joined(separator: "\n")
    let article = try String(
      contentsOf: repository.appending(
        path: "Sources/Simulator/ApusSimulator/ApusSimulator.docc/TestingADevice.md"),
      encoding: .utf8)
    #expect(
      article.contains("```swift\n\(code)\n```"),
      "the article shows other code\n  try: copy the lines between the marks of \(#filePath)")
  }

  @Test("Devices in parallel tests do not meet: each of eight has the same events.")
  func parallel() async throws {
    let app = try App(simulating: "Console", root: repository)
    let all = try await withThrowingTaskGroup(of: [TraceEvent].self) { group in
      for _ in 0..<8 {
        group.addTask {
          let tasks = [
            FiberProgram(ConsoleSupervisor.runTask), FiberProgram(ConsoleUart.runTask),
            FiberProgram(ConsoleClock.runTask), FiberProgram(ConsoleLogger.runTask),
            FiberProgram(ConsoleSensor.runTask), FiberProgram(ConsoleShell.runTask),
          ]
          let device = Simulation<7>(app, programs: tasks, seed: 5)
          let uart = device.attachUART()
          device.isRecording = true
          uart?.type("read\rcrash clock memory\rps\r".utf8)
          device.run(milliseconds: 600)
          return device.events
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(all.allSatisfy { $0 == all[0] && $0.count > 500 })
  }
}
