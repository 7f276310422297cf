// FootprintKit/Boot/BootReport.swift: what a boot of the release image really used, as data.
// Every number is measured on this image under QEMU; none is computed from the plan.

/// The measurement of one boot, from reset until the system first idles.
public struct BootReport: Codable, Sendable, Equatable {
  /// Instructions and events from reset to a place; exact, and the same for every run.
  public struct Milestone: Codable, Sendable, Equatable {
    public var name: String
    public var instructions: Int
    /// Supervisor calls taken on the way.
    public var calls: Int
    /// Faults taken on the way.
    public var faults: Int
    /// Times that a task's map was loaded: switches of tasks.
    public var switches: Int
    /// Loads and stores on the way.
    public var accesses: Int
  }

  public var version = 1
  public var image: String
  public var board: String
  /// Bytes that the loader puts into flash.
  public var flashLoaded: Int
  /// From the start of flash to the last byte that is used, padding included.
  public var flashSpan: Int
  /// Bytes of RAM that the plan keeps for the image.
  public var ramReserved: Int
  /// Bytes of RAM that were written by the time the system first idles; a stack's paint not counted.
  public var ramTouched: Int
  public var milestones: [Milestone]
  /// The stacks with their high-water marks.
  public var stacks: [StackEntry]

  /// The measurement as text.
  public var text: String {
    var table = TextTable([("", .left), ("measured", .right), ("", .left)])
    table.add(["flash loaded", thousands(flashLoaded), "B"])
    table.add(["flash span, padding included", thousands(flashSpan), "B"])
    table.add(["RAM reserved", thousands(ramReserved), "B"])
    table.add(["RAM touched when it first idles", thousands(ramTouched), "B"])
    for milestone in milestones {
      var events: [String] = []
      if milestone.calls > 0 { events.append("\(thousands(milestone.calls)) calls") }
      if milestone.faults > 0 { events.append("\(thousands(milestone.faults)) faults") }
      if milestone.switches > 0 { events.append("\(thousands(milestone.switches)) switches") }
      let suffix = events.isEmpty ? "" : ": " + events.joined(separator: ", ")
      table.add([
        "reset to \(milestone.name)", thousands(milestone.instructions), "instructions\(suffix)",
      ])
    }
    var stackTable = TextTable([
      ("stack", .left), ("measured", .right), ("static worst", .right), ("reserved", .right),
    ])
    for stack in stacks {
      stackTable.add([
        stack.name, stack.measured.map(thousands) ?? "",
        (stack.isProven ? "" : ">= ") + thousands(stack.bound), stack.reserved.map(thousands) ?? "",
      ])
    }
    return "\(image): booted under QEMU, the image unchanged\n\n" + table.text() + "\n\n"
      + stackTable.text() + "\n"
  }

  /// The measurement as JSON with sorted keys.
  public func json() throws(FootprintError) -> String { try encoded(self) }

  /// What speaks against the analysis: a measurement above a proven bound.
  public func verdict() -> FootprintError? {
    let verdict = StackReport(image: image, entries: stacks).verdict()
    return verdict?.exit == .unsound ? verdict : nil
  }
}
