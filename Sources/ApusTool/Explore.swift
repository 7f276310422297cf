// ApusTool/Explore.swift: `apus explore`: every reachable state of a small system, checked.

import ApusSimulator
import ArgumentParser

/// Explores the kernel on the host and says whether the exploration closed.
struct Explore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Visits every state that a small system can reach, and checks each step.",
    discussion: """
      A supervisor, a server and a client make every call of an alphabet with several classes of
      arguments each, good and hostile; ticks, interrupts, faults and restarts come at every point.
      After each step the promises of the kernel are checked from the outside. A broken promise is
      shown with the shortest way to it.

      Examples:
        apus explore                           until every state is visited
        apus explore --limit 100000            a part, in a second or two

      Exit status: 0 if no promise was broken, 1 with the steps to the first that was.
      """)

  @Option(help: "The most states to visit.")
  var limit = 20_000_000

  func validate() throws {
    guard (1...100_000_000).contains(limit) else {
      throw ValidationError("--limit is \(limit); it must be 1...100000000")
    }
  }

  func run() throws {
    let exploration = Explorer(stateLimit: limit).explore()
    print(exploration.report)
    if exploration.promise != nil { throw ExitCode.failure }
  }
}
