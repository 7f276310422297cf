// VerifyTool/Explore.swift: `apus-verify explore`: every reachable state of a small system, checked.

import ApusSimulator
import ArgumentParser
import CommandSupport
import Foundation

/// Explores the kernel on the host and says whether the exploration closed.
struct Explore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Visits every state that a small system can reach, and checks each step.",
    discussion: """
      A supervisor, a server and a client make the calls of correct programs and crash at any point.
      A fourth, hostile task makes every call from a fixed set, each with several classes of valid
      and invalid arguments. Ticks, interrupts and restarts occur at every point. The hostile task
      takes each priority below the supervisor's in turn. After each step, the promises of the
      kernel are checked from outside. A broken promise is shown with the shortest sequence of steps
      that leads to it, as a timeline and as a test.

      With --walks, larger systems are run with random events instead. A run that breaks a promise
      is shortened as far as possible by leaving events out.

      Examples:
        apus-verify explore                           all three systems until every state is visited
        apus-verify explore --hostile 3               only with the hostile task below the others
        apus-verify explore --quick                   three tasks, all of them hostile
        apus-verify explore --quick --limit 100000    part of it, in a second or two
        apus-verify explore --walks 10 --steps 100000 eight tasks, a million random events

      Exit status: 0 if no promise was broken, 1 with the steps to the first broken one.
      """)

  @Flag(help: "Supervisor, server and client only, all three hostile.")
  var quick = false
  @Option(help: "The priority of the hostile task, 1...3; each of them by default.")
  var hostile: Int?
  @Option(help: "The maximum number of states to visit in each system.")
  var limit = 40_000_000
  @Option(help: "How many random walks to run instead.")
  var walks: Int?
  @Option(help: "The number of events in each walk.")
  var steps = 100_000
  @Option(help: "The seed of the first walk; each following walk uses the next number.")
  var seed: UInt64 = 1
  @Option(help: "The number of tasks in a walk, not counting idle: 3, 4, 8 or 31.")
  var tasks = 8

  func validate() throws {
    guard (1...100_000_000).contains(limit) else {
      throw ValidationError("--limit is \(limit); it must be 1...100000000")
    }
    if let walks, walks < 1 || steps < 1 {
      throw ValidationError("--walks is \(walks), --steps \(steps); both must be 1 or more")
    }
    if !Walks.taskCounts.contains(tasks) {
      throw ValidationError("--tasks is \(tasks); it must be 3, 4, 8 or 31")
    }
    if walks != nil, quick || hostile != nil {
      throw ValidationError("--walks goes through --tasks hostile tasks; leave the others out")
    }
    if let hostile, quick || !(1...3).contains(hostile) {
      throw ValidationError(
        quick
          ? "--quick has three hostile tasks; give it or --hostile"
          : "--hostile is \(hostile); it must be 1...3")
    }
  }

  func run() async throws {
    if let walks { return try walk(walks) }
    let systems =
      quick ? [.quick] : (hostile.map { [$0] } ?? [3, 2, 1]).map(ExploredSystem.oneHostile)
    let limit = limit
    let isBroken = await withTaskGroup(of: Exploration.self) { group in
      for system in systems {
        group.addTask {
          Explorer(system, stateLimit: limit).explore { states, done in
            let text = "  \(system.summary): \(states) states, \(done) done"
            if isatty(STDERR_FILENO) != 0 { printToStandardError(text) }
          }
        }
      }
      var reports: [Exploration] = []
      for await exploration in group { reports.append(exploration) }
      reports.sort { $0.states < $1.states }
      print(reports.map(\.report).joined(separator: "\n\n"))
      return reports.contains { $0.promise != nil }
    }
    if isBroken { throw ExitCode.failure }
  }

  private func walk(_ count: Int) throws {
    let walks = Walks(tasks: tasks, count: count, stepCount: steps, seed: seed)
    let report = walks.run { done in
      if isatty(STDERR_FILENO) != 0 { printToStandardError("  \(done) of \(count) walks") }
    }
    print(report.text)
    if report.promise != nil { throw ExitCode.failure }
  }
}
