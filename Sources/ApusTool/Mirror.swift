// ApusTool/Mirror.swift: `apus mirror`: the release image under QEMU beside the kernel on the host.

import ArgumentParser
import ImagePlan
import MirrorKit

/// Runs both in lock-step and prints the verdict.
struct Mirror: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Proves on a run that the kernel on the host is the kernel on the target.",
    discussion: """
      The release image, unchanged, runs under QEMU and is observed at every entry into its kernel
      and every exit. Each event is served by the same kernel source on the host, too; then the
      kernel's whole RAM, the next task, what was written into the tasks' memory and the enabled
      interrupts must be equal. The console is talked to meanwhile, so that everything happens:
      messages, loans, every kind of fault, restarts and resets.

      A disagreement is shown side by side with the event that led to it:

        error: host and target disagree after the event: console on mps2-an385
          event 812 call reply, task 4 'sensor' ran
          ...
                                 host        target
          task 5 'shell' r5      0x00000008  0x00000009

      Examples:
        apus mirror
        apus mirror bench --board mps2-an386 --events 5000

      Exit status: 0 without a disagreement, 1 with one, 2 if the run could not be followed.
      """)

  @OptionGroup var image: ImageOptions
  @Option(help: "How many events to follow; a second is enough for several hundred.")
  var events = 20_000

  func validate() throws {
    guard events > 0 else { throw ValidationError("'--events' must be at least 1, not \(events)") }
  }

  func run() async throws {
    let bundle = try await image.build()
    let verdict = try await MirrorKit.Mirror(bundle).run(events: events)
    print(
      """
      \(bundle.plan.app) on \(bundle.plan.board.name): \(verdict.tally.eventCount) events, no disagreement \
      (\(verdict.eventsPerSecond) a second)
      \(verdict.tally.text)
      """)
  }
}

extension Disagreement: ToolError {}
extension MirrorError: ToolError {}
