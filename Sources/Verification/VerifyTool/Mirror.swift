// VerifyTool/Mirror.swift: `apus-verify mirror`: the release image under QEMU beside the kernel on the host.

import ApusBuild
import ArgumentParser
import CommandSupport
import Foundation
import ImagePlan
import MirrorKit

/// Runs both in lock-step and prints the verdict.
struct Mirror: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tests on a run that the kernel on the host behaves as on the target.",
    discussion: """
      The unchanged release image runs under QEMU and is observed at every kernel entry and exit.
      Each event is also served by the same kernel source on the host. Then the kernel's whole RAM,
      the next task, the writes to the tasks' memory and the enabled interrupts must be equal.
      Meanwhile the console receives input; the tasks of the app 'random' do what a seed selects,
      correct or hostile: every call with every outcome, every kind of fault, restarts and resets.

      A disagreement is shown side by side, with the event that led to it:

        error: host and target disagree after the event: random on mps2-an385
          event 812 call reply, task 2 'server' ran
          ...
                                 host        target
          task 4 'client' r5     0x00000008  0x00000009
          ...
          replay: apus-verify mirror random --board mps2-an385 --seed 7 --events 813

      Examples:
        apus-verify mirror                                      all apps in turn on all boards
        apus-verify mirror --events 1000000 --jobs 2            the same, all night
        apus-verify mirror --events 1000000 --seed 7 --from 31  resumes at run 31
        apus-verify mirror random --board mps2-an386 --seed 7   one app, one board, one seed
        apus-verify mirror console --events 5000

      Exit status: 0 without a disagreement, 1 with one, 2 if the run could not be observed.
      """)

  @Argument(help: "The app, a folder under Sources/Firmware; all of them in turn by default.")
  var app: String?
  @Option(help: "A folder under boards; all boards in turn if neither app nor board is given.")
  var board: String?
  @Option(help: "How many events to compare; several hundred take about a second.")
  var events = 20_000
  @Option(help: "The seed of the app 'random', any number; random and printed if not given.")
  var seed: UInt32?
  @Option(help: "How many runs at a time, if there are several.")
  var jobs = 1
  @Option(help: "The number of the run to resume at, if there are several.")
  var from = 0
  @Flag(help: "Also print the outcomes of each call, and what was never seen.")
  var coverage = false

  func validate() throws {
    guard events > 0 else { throw ValidationError("'--events' must be at least 1, not \(events)") }
    guard (1...64).contains(jobs) else {
      throw ValidationError("'--jobs' must be 1 to 64, not \(jobs)")
    }
    guard from >= 0 else { throw ValidationError("'--from' must be at least 0, not \(from)") }
  }

  func run() async throws {
    let seed = seed ?? UInt32.random(in: 1...999_999)
    if app == nil || from > 0 || jobs > 1 { return try await campaign(seed) }
    let arguments = [app].compactMap { $0 } + (board.map { ["--board", $0] } ?? [])
    let bundle = try await ImageOptions.parse(arguments).build()
    var mirror = MirrorKit.Mirror(bundle)
    mirror.seed = seed
    let hasSeed = bundle.plan.app == "random"
    let name = "\(bundle.plan.app) on \(bundle.plan.board.name)"
    if hasSeed { printToStandardError("\(name): seed \(seed)") }
    let verdict = try await mirror.run(events: events)
    print(
      """
      \(name)\(hasSeed ? ", seed \(seed)" : ""): \(verdict.tally.eventCount) events, \
      no disagreement (\(verdict.eventsPerSecond) a second)
      """)
    tell(verdict.tally)
  }

  /// Many runs: the apps and the boards in turn.
  private func campaign(_ seed: UInt32) async throws {
    let root = try repositoryRoot()
    let boards = try board.map { [$0] } ?? ImageBuilder.boards(root: root, app: app ?? "random")
    let campaign = Campaign(eventCount: events, seed: seed, app: app, boards: boards, from: from)
    let again = "apus-verify mirror \(app.map { $0 + " " } ?? "")--events \(events) --seed \(seed)"
    printToStandardError("\(campaign.runs.count) runs: \(again)")
    let images = MirrorImages(root)
    do {
      let start = ContinuousClock.now
      let tally = try await campaign.follow(width: jobs) { run in
        var mirror = MirrorKit.Mirror(try await images.bundle(run.app, run.board))
        mirror.seed = run.seed
        return mirror
      } progress: { progress in
        printToStandardError(Self.line(progress, of: events))
      }
      let seconds = max(1, Int((ContinuousClock.now - start) / .seconds(1)))
      print(
        """
        \(campaign.runs.count) runs of \(app ?? "all apps") on \(boards.count) boards, seed \(seed): \
        \(tally.eventCount) events, no disagreement (\(tally.eventCount / seconds) a second)
        """)
      tell(tally)
    } catch let failure as Campaign.Failure {
      printToStandardError(
        """
        run \(failure.run.number) failed, after \(failure.tally.eventCount) events that agreed
          go on with: \(again) --from \(failure.run.number + 1)
        """)
      throw failure.error
    }
  }

  private static func line(_ progress: Campaign.Progress, of events: Int) -> String {
    let run = progress.run
    let seconds = max(1, Int(progress.duration / .seconds(1)))
    return """
      run \(run.number), \(run.app) on \(run.board), seed \(run.seed): agreed; \
      \(progress.tally.eventCount) of \(events) events, \
      \(progress.tally.eventCount / seconds) a second; next \(progress.next)
      """
  }

  private func tell(_ tally: Tally) {
    print(tally.text)
    guard coverage else { return }
    print("\n\(tally.coverage)")
    let missing = tally.missing
    print("\nnever seen: \(missing.isEmpty ? "nothing" : missing.joined(separator: ", "))")
  }
}

/// The images of a campaign, each built once, one at a time.
private actor MirrorImages {
  private let root: URL
  private var builds: [String: Task<ImageBundle, any Error>] = [:]
  private var last: Task<ImageBundle, any Error>?

  init(_ root: URL) { self.root = root }

  func bundle(_ app: String, _ board: String) async throws -> ImageBundle {
    let key = "\(board)/\(app)"
    if let build = builds[key] { return try await build.value }
    let (before, root) = (last, root)
    let build = Task {
      _ = await before?.result
      return try await ImageBuilder(
        root: root, app: app, board: board, output: root.appending(path: "build/mirror/\(key)")
      ).build()
    }
    builds[key] = build
    last = build
    return try await build.value
  }
}

extension Disagreement: ToolError {}
extension MirrorError: ToolError {}
