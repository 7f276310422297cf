// ApusTool/Build.swift: `apus build`: from a manifest to a bundle under build/.

import ArgumentParser
import CommandSupport
import ImagePlan

/// Builds an image and says what it takes.
struct Build: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Builds an app for a board into build/<board>/<app>/.",
    discussion: """
      Examples:
        apus build                             the console for mps2-an385
        apus build hello --board lm3s6965evb   the smallest app for a small board
      """)

  @OptionGroup var image: ImageOptions

  func run() async throws {
    let bundle = try await image.build()
    let plan = bundle.plan
    let flash = Int(plan.flashEnd - plan.board.flash.base)
    let ram = Int(plan.ramEnd - plan.board.ram.base)
    print(
      """
      \(plan.app) for \(plan.board.name): \(plan.tasks.count) tasks, \
      \(flash) B of flash, \(ram) B of RAM, padding included
      \(bundle.image.path)
      """)
  }
}
