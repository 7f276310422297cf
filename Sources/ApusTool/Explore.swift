// ApusTool/Explore.swift: `apus explore`: every reachable state of a small system, checked.

import ApusSimulator
import ArgumentParser
import Foundation

/// Explores the kernel on the host and says whether the exploration closed.
struct Explore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Visits every state that a small system can reach, and checks each step.",
    discussion: """
      A supervisor, a server and a client make the calls of correct programs and crash anywhere; a
      fourth, hostile task makes every call of an alphabet with several classes of arguments each,
      good and bad; ticks, interrupts and restarts come at every point. The hostile task stands at
      each priority below the supervisor's in turn. After each step the promises of the kernel are
      checked from the outside. A broken promise is shown with the shortest way to it, as a timeline
      and as a test.

      Examples:
        apus explore                           all three systems until every state is visited
        apus explore --hostile 3               the one with the hostile task below the others
        apus explore --quick                   three tasks without a fourth, all of them hostile
        apus explore --quick --limit 100000    a part, in a second or two

      Exit status: 0 if no promise was broken, 1 with the steps to the first that was.
      """)

  @Flag(help: "Supervisor, server and client only, all three hostile.")
  var quick = false
  @Option(help: "The priority of the hostile task, 1...3; each of them if not given.")
  var hostile: Int?
  @Option(help: "The most states to visit in each system.")
  var limit = 40_000_000

  func validate() throws {
    guard (1...100_000_000).contains(limit) else {
      throw ValidationError("--limit is \(limit); it must be 1...100000000")
    }
    if let hostile, quick || !(1...3).contains(hostile) {
      throw ValidationError(
        quick
          ? "--quick has three hostile tasks; give it or --hostile"
          : "--hostile is \(hostile); it must be 1...3")
    }
  }

  func run() async throws {
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
}
