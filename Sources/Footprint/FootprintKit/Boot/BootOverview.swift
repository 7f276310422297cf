// FootprintKit/Boot/BootOverview.swift: a report and a boot of one image in a few lines.
// It adds nothing of its own: every number stands in one of the two.

/// A report and a measurement, side by side.
public struct BootOverview: Sendable {
  public var report: Report
  public var boot: BootReport

  public init(_ report: Report, _ boot: BootReport) {
    self.report = report
    self.boot = boot
  }

  /// One table, a row for each component, and three lines.
  public var text: String {
    var table = TextTable(
      [("component", .left)] + report.regions.map { ($0.name, .right) }
        + [("stack: used", .right), ("worst", .right), ("reserved", .right)])
    for group in report.grouped(by: [.component]) {
      let stack = boot.stacks.first { $0.name == group.name }
      table.add(
        [group.name] + group.sizes.map { $0 == 0 ? "" : thousands($0) } + [
          stack?.measured.map(thousands) ?? "",
          stack.map { ($0.isProven ? "" : ">= ") + thousands($0.bound) } ?? "",
          stack?.reserved.map(thousands) ?? "",
        ])
    }
    table.addRule()
    table.add(["total, equal to what the linker used"] + report.regions.map { thousands($0.used) })
    let steps = boot.milestones.map { "\($0.name) \(thousands($0.instructions))" }
    let last = boot.milestones.last
    return """
      \(report.title), booted under QEMU, the image unchanged
      \(table.text())
      RAM touched when it first idles: \(thousands(boot.ramTouched)) of \(thousands(boot.ramReserved)) B
      instructions from reset to \(steps.joined(separator: ", to ")), with \
      \(last?.calls ?? 0) calls, \(last?.switches ?? 0) switches, \(last?.faults ?? 0) faults

      """
  }
}

extension Report {
  /// The kernel's bytes in a kind of memory, its stacks not counted.
  public func kernelBytes(_ kind: Region.Kind) -> Int {
    let names = regions.filter { $0.kind == kind }.map(\.name)
    return rows.filter {
      $0.component == "kernel" && names.contains($0.region) && $0.kind != .stack
    }
    .reduce(0) { $0 + $1.size }
  }
}
