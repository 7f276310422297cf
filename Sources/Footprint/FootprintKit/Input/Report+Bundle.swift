// FootprintKit/Input/Report+Bundle.swift: the report of a bundle, every byte with its task.
// The plan says what each part may use; the ELFs say what is there. Neither is taken on trust.

import ELFKit
import ImagePlan
import PlainText

extension Report {
  /// Reads a bundle: the kernel and each task from their own ELFs, the frame from the plan.
  ///
  /// Used is what the plan reserves, from the start of each memory to the last byte, padding for
  /// the MPU included.
  public init(_ bundle: ImageBundle) throws(FootprintError) {
    let plan = bundle.plan
    let memories = [
      Memory(
        name: "flash", kind: .flash, origin: plan.board.flash.base,
        length: Int(plan.board.flash.size)),
      Memory(
        name: "ram", kind: .ram, origin: plan.board.ram.base, length: Int(plan.board.ram.size)),
    ]
    var assembly = Assembly(memories: memories)
    let kernel = try ImageReader(try Subject.read(bundle.kernel.path))
    var rows = kernel.rows(component: "kernel").map { row in
      var row = row
      let isTable = plan.kernel.tables.contains(row.address)
      if isTable, row.kind != .padding {
        row.component = "tables"
        row.kind = .tables
      }
      return row
    }
    var extents = kernel.extents
    for task in plan.tasks where !task.elf.isEmpty {
      let path = bundle.directory.appendingPathComponent(task.elf).path
      let reader = try ImageReader(try Subject.read(path))
      rows += reader.rows(component: task.name)
      extents += reader.extents
      rows.append(contentsOf: Row.ram(of: task, beyond: reader.extents))
      if let note = reader.sources.note { assembly.note("\(task.name): \(note)") }
    }
    rows += Row.reserved(plan.kernel.ram, component: "kernel", beyond: extents)
    assembly.add(rows)
    let used = [
      Assembly.Use(ranges: [UInt64(plan.board.flash.base)..<UInt64(plan.flashEnd)]),
      Assembly.Use(ranges: [UInt64(plan.board.ram.base)..<UInt64(plan.ramEnd)]),
    ]
    for extent in extents {
      let isInside = used.contains { use in
        use.ranges[0].lowerBound <= extent.start && extent.end <= use.ranges[0].upperBound
      }
      guard isInside else {
        throw FootprintError(
          .unsound,
          "section '\(extent.section.name)' at \(hex(extent.section.address)) lies outside the plan"
        )
      }
    }
    assembly.fill(used: used)
    let sizes = used.map(\.byteCount)
    self.init(
      image: "\(plan.app)/\(plan.board.name)", processor: plan.board.processor.rawValue,
      regions: assembly.regions(used: sizes), rows: assembly.rows, notes: assembly.notes)
    try requireSound()
  }
}

extension Window {
  /// True for an address inside.
  func contains(_ address: UInt32) -> Bool {
    address >= base && UInt64(address) < UInt64(end)
  }
}

extension Row {
  /// The task's stack and what it keeps, a row each, unless the ELF itself has sections there.
  fileprivate static func ram(
    of task: Plan.TaskPart, beyond extents: [Extent]
  ) -> [Row] {
    let parts: [(Kind, String, Window?)] = [
      (.stack, "stack", task.stack), (.noinit, "kept", task.kept),
    ]
    return parts.compactMap { kind, section, window in
      guard let window, window.size > 0,
        !extents.contains(where: { $0.start < window.end && UInt64(window.base) < $0.end })
      else { return nil }
      var row = Row.unnamed(kind, section: section, size: Int(window.size))
      row.component = task.name
      row.module = task.name
      row.address = window.base
      return row
    }
  }

  /// What the kernel's RAM window reserves beyond the sections: the reset record.
  fileprivate static func reserved(
    _ window: Window, component: String, beyond extents: [Extent]
  ) -> [Row] {
    let base = UInt64(window.base)
    let end = UInt64(window.end)
    let last = extents.filter { $0.start >= base && $0.start < end }.map(\.end).max() ?? base
    guard last < end else { return [] }
    var row = Row.unnamed(.noinit, section: "noinit", size: Int(end - last))
    row.component = component
    row.module = component
    row.address = UInt32(truncatingIfNeeded: last)
    return [row]
  }
}
