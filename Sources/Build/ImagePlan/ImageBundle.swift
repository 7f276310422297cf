// ImagePlan/ImageBundle.swift: a built image on disk: the plan and the ELFs beside it.
// It only reads; ApusBuild writes.

import Foundation

/// The folder `build/<board>/<app>/`, which all later tools read and nothing else.
public struct ImageBundle: Sendable {
  /// The folder.
  public var directory: URL
  /// The contents of its plan.json.
  public var plan: Plan

  /// The file name of the plan in a bundle.
  public static let planName = "plan.json"

  /// Pairs a folder with the plan that was written there.
  public init(directory: URL, plan: Plan) {
    self.directory = directory
    self.plan = plan
  }

  /// Reads the plan in `directory`.
  ///
  /// - Throws: `PlanError` if there is no bundle, or one of another version.
  public init(reading directory: URL) throws(PlanError) {
    let file = directory.appendingPathComponent(Self.planName)
    guard let data = try? Data(contentsOf: file) else {
      throw PlanError(
        "there is no image in '\(directory.path)': \(Self.planName) is missing",
        try: "apus build APP --board BOARD", kind: .unreadable)
    }
    struct Version: Decodable { var version: Int }
    let version = (try? JSONDecoder().decode(Version.self, from: data))?.version
    guard version == Plan.currentVersion else {
      throw PlanError(
        "'\(file.path)' has version \(version.map(String.init) ?? "unknown"), "
          + "this tool reads \(Plan.currentVersion)",
        try: "apus build again", kind: .unreadable)
    }
    do {
      plan = try JSONDecoder().decode(Plan.self, from: data)
    } catch {
      throw PlanError("'\(file.path)' is damaged", try: "apus build again", kind: .unreadable)
    }
    self.directory = directory
  }

  /// The combined image, which QEMU's `-kernel` takes.
  public var image: URL { directory.appendingPathComponent("image.elf") }
  /// The kernel alone, with its symbols and debug information.
  public var kernel: URL { directory.appendingPathComponent("kernel.elf") }
  /// The ELF of the task called `name`, with its symbols and debug information.
  public func task(_ name: String) -> URL { directory.appendingPathComponent("\(name).elf") }
}
