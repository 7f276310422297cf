// FootprintKit/Layout/Layout.swift: the address map: what lies where, and who may touch it.
// Access is read from the MPU words of the plan, as the hardware reads them, not from intentions.

import ELFKit
import ImagePlan
import PlainText

/// The address map of an image.
public struct Layout: Sendable, Equatable {
  /// A run of addresses with one owner.
  public struct Entry: Sendable, Equatable {
    public var region: String
    public var address: UInt32
    public var size: Int
    public var name: String
    /// Kinds of bytes in it with their sizes, the largest first.
    public var contents: String
    /// Who may do what, for example `shell rw`; the kernel may always.
    public var access: String
    public var isWaste: Bool
  }

  /// What a task's memory costs by rounding to what the MPU can express.
  public struct Waste: Sendable, Equatable {
    public var task: String
    public var flash: Int
    public var ram: Int
    /// Slots of the MPU that are in use, of those that exist.
    public var slotsUsed: Int
    public var slots: Int
  }

  public var image: String
  public var entries: [Entry]
  public var wastes: [Waste]

  /// The map of a plain ELF: its rows, joined by section.
  public init(_ report: Report) {
    image = report.image
    wastes = []
    entries = Self.joined(report) { $0.section.isEmpty ? "(padding)" : $0.section }
  }

  /// The map of a bundle: its rows, joined by component, with access and waste.
  public init(_ bundle: ImageBundle) throws(FootprintError) {
    let report = try Report(bundle)
    let tasks = bundle.plan.tasks
    image = report.image
    entries = Self.joined(report) { $0.component }.map { entry in
      var entry = entry
      entry.access = Self.access(from: entry.address, size: entry.size, tasks)
      return entry
    }
    wastes = tasks.map { task in
      Waste(
        task: task.name, flash: Int(task.paddedFlash.size) - Int(task.flash.size),
        ram: Int(task.paddedRAM.size) - Int(task.ram.size),
        slotsUsed: task.regions.count { $0.attributes & 1 != 0 }, slots: task.regions.count)
    }
  }

  private static func joined(_ report: Report, by key: (Row) -> String) -> [Entry] {
    var result: [Entry] = []
    var kinds: [Kind: Int] = [:]
    func close() {
      guard !result.isEmpty else { return }
      let parts = kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      result[result.count - 1].contents = parts.map { "\($0.key.rawValue) \(thousands($0.value))" }
        .joined(separator: ", ")
      kinds = [:]
    }
    for row in report.rows {
      let name = key(row)
      if let last = result.last, last.region == row.region, last.name == name,
        UInt64(last.address) + UInt64(last.size) == UInt64(row.address)
      {
        result[result.count - 1].size += row.size
      } else {
        close()
        result.append(
          Entry(
            region: row.region, address: row.address, size: row.size, name: name, contents: "",
            access: "", isWaste: row.kind == .padding))
      }
      kinds[row.kind, default: 0] += row.size
    }
    close()
    return result
  }

  /// What unprivileged tasks may do with these bytes; a task that reaches only part of them is
  /// marked with `partly`.
  private static func access(from address: UInt32, size: Int, _ tasks: [Plan.TaskPart]) -> String {
    var result: [String] = []
    for task in tasks {
      var found: Set<String> = []
      var reached = 0
      // 32 bytes are the smallest thing an MPU region can tell apart.
      let step = 32
      let first = UInt64(address)
      let end = first + UInt64(size)
      var at = first
      var count = 0
      while at < end {
        count += 1
        if let access = Self.access(at: UInt32(truncatingIfNeeded: at), task) {
          found.insert(access)
          reached += 1
        }
        at = (at / UInt64(step) + 1) * UInt64(step)
      }
      guard reached > 0 else { continue }
      let words = found.sorted().joined(separator: "/")
      result.append("\(task.name) \(words)\(reached < count ? " partly" : "")")
    }
    return result.isEmpty ? "kernel only" : result.joined(separator: ", ")
  }

  private static func access(at address: UInt32, _ task: Plan.TaskPart) -> String? {
    // The region with the highest number wins (DDI 0403E, B3.5.3).
    for region in task.regions.reversed() {
      guard let access = region.access(at: address) else { continue }
      switch access {
      case .execute: return "rx"
      case .readWrite: return "rw"
      case .device: return "rw device"
      }
    }
    return nil
  }

  /// The map as text.
  public var text: String {
    var table = TextTable([
      ("address", .left), ("size", .right), ("what", .left), ("may touch it", .left),
      ("contents", .left),
    ])
    var region = ""
    for entry in entries {
      if entry.region != region {
        if !region.isEmpty { table.addRule() }
        region = entry.region
      }
      table.add([
        hex(entry.address), thousands(entry.size), entry.name, entry.access, entry.contents,
      ])
    }
    var parts = ["\(image): address map", table.text()]
    if !wastes.isEmpty {
      var waste = TextTable([
        ("task", .left), ("flash lost", .right), ("RAM lost", .right), ("MPU slots", .right),
      ])
      for item in wastes {
        waste.add([
          item.task, thousands(item.flash), thousands(item.ram),
          "\(item.slotsUsed) of \(item.slots)",
        ])
      }
      waste.addRule()
      waste.add([
        "total lost by rounding", thousands(wastes.reduce(0) { $0 + $1.flash }),
        thousands(wastes.reduce(0) { $0 + $1.ram }),
      ])
      parts.append(waste.text())
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// The map as a drawing: one column for each region, lowest address at the bottom.
  public var svg: String {
    let regions = entries.map(\.region).reduce(into: [String]()) { list, name in
      if !list.contains(name) { list.append(name) }
    }
    let width = 600
    var body = ""
    var height = 0.0
    let names = entries.reduce(into: [String]()) { list, entry in
      if !entry.isWaste, !list.contains(entry.name) { list.append(entry.name) }
    }
    for (column, region) in regions.enumerated() {
      let mine = entries.filter { $0.region == region }
      let drawn = Self.draw(mine, region, names, left: column * width)
      body += drawn.body
      height = max(height, drawn.height)
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width * max(1, regions.count)) \(number(height))" role="img">
      <title>\(xml(image))</title>
      <style>\(Report.drawingStyle)</style>
      <rect class="back" width="100%" height="100%"/>
      \(body)</svg>

      """
  }

  private static func draw(
    _ entries: [Entry], _ region: String, _ names: [String], left: Int
  ) -> (body: String, height: Double) {
    var body = "<text class=\"head\" x=\"\(left + 8)\" y=\"18\">\(xml(region))</text>\n"
    let total = max(1, entries.reduce(0) { $0 + $1.size })
    var y = 28.0
    for entry in entries.reversed() {
      // Each has room for a line of text; beyond that, height is in proportion.
      let height = entry.isWaste ? 8 : 18 + 320 * Double(entry.size) / Double(total)
      let color = names.firstIndex(of: entry.name).map { "c\($0 % 12)" } ?? "pad"
      let style = entry.isWaste ? "pad" : color
      let title =
        "\(entry.name): \(thousands(entry.size)) bytes at \(hex(entry.address)), \(entry.access)"
      body +=
        "<rect class=\"box \(style)\" x=\"\(left + 96)\" y=\"\(number(y))\" width=\"220\" "
        + "height=\"\(number(height))\"><title>\(xml(title))</title></rect>\n"
      if !entry.isWaste {
        let text = y + min(height, 26) / 2 + 4
        body +=
          "<text x=\"\(left + 8)\" y=\"\(number(y + height - 3))\">\(hex(entry.address))</text>\n"
        body +=
          "<text x=\"\(left + 102)\" y=\"\(number(text))\">\(xml(entry.name))  \(thousands(entry.size))</text>\n"
        body += "<text x=\"\(left + 324)\" y=\"\(number(text))\">\(xml(entry.access))</text>\n"
      }
      y += height
    }
    return (body, y + 10)
  }
}
