// TimelineKitTests/Devices.swift: the apps as simulations, with somebody at the keyboard.
// Each call makes a new device: tests do not meet.

import ApusSimulator
import Checkout
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
import TimelineKit
import TraceKit

/// Simulated runs of the apps.
enum Devices {
  static let root = Checkout.root

  static func console(
    _ input: String = "", from start: UInt64? = 0, microseconds: UInt64
  ) throws -> Timeline {
    let tasks: [@Sendable () -> Never] = [
      ConsoleSupervisor.runTask, ConsoleUart.runTask, ConsoleClock.runTask,
      ConsoleLogger.runTask, ConsoleSensor.runTask, ConsoleShell.runTask,
    ]
    let app = try App(simulating: "Console", root: root)
    return try SimulationRecorder.timeline(
      of: Simulation<7>(app, programs: tasks.map(FiberProgram.init)),
      Dialogue(prompt: "apus> ", text: input),
      TraceWindow(from: start, length: microseconds * 1_000))
  }

  static func hello(microseconds: UInt64) throws -> Timeline {
    let app = try App(simulating: "Hello", root: root)
    let tasks = [FiberProgram(HelloSupervisor.runTask), FiberProgram(HelloGreeter.runTask)]
    return try SimulationRecorder.timeline(
      of: Simulation<3>(app, programs: tasks), Dialogue(prompt: nil, lines: []),
      TraceWindow(from: 0, length: microseconds * 1_000))
  }
}
