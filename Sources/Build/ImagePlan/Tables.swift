// ImagePlan/Tables.swift: the plan as the kernel reads it: words in flash, and two Swift constants.
// The layouts are ApusABI's; a table of the right size but all zero serves the kernel's first link.

import ApusABI
import PlainText

extension Plan {
  /// The descriptors of all tasks, eight words each.
  public var taskWords: [[UInt32]] {
    tasks.map { task in
      [
        task.postable, task.stackTop, task.ram.base, task.ram.size, task.flash.base,
        task.flash.size,
        Self.set(task.calls), Self.set(task.notifies),
      ]
    }
  }

  /// The MPU's words for all tasks, a pair for each slot.
  public var regionWords: [[UInt32]] {
    tasks.map { $0.regions.flatMap { [$0.base, $0.attributes] } }
  }

  /// The owners of interrupts.
  public var interruptWords: [UInt32] {
    interrupts.map {
      InterruptOwner(number: $0.number, task: $0.task, bit: $0.notification).rawValue
    }
  }

  private static func set(_ indices: [Int]) -> UInt32 {
    var set = TaskSet.empty
    for index in indices { set.insert(index) }
    return set.rawValue
  }

  /// The tables as assembly, for the kernel's second link.
  public var tableSource: String {
    TableSource.text(
      tasks: taskWords, regions: regionWords, interrupts: interruptWords,
      names: tasks.map(\.name))
  }
}

extension App {
  /// The tables as assembly with every word zero, for the link that shows the kernel's size.
  public var emptyTableSource: String {
    let lines = Set(tasks.flatMap { $0.interrupts.map(\.number) }).count
    return TableSource.text(
      tasks: Array(repeating: Array(repeating: 0, count: 8), count: taskCount),
      regions: Array(
        repeating: Array(repeating: 0, count: 2 * board.regionCount), count: taskCount),
      interrupts: Array(repeating: 0, count: lines), names: tasks.map(\.name) + ["idle"])
  }

  /// SysTick's reload value: clocks in a tick, less one.
  public var sysTickReload: Int { board.clockHertz * tickMicroseconds / 1_000_000 - 1 }

  /// What the port must know at compile time.
  public var configurationSource: String {
    """
    // Generated from \(file) for \(board.name).
    import ApusKernel

    typealias ImageKernel = Kernel<\(taskCount)>

    enum ImageConfiguration {
      static let sysTickReload: UInt32 = \(sysTickReload)
      static let hasFloatingPoint = \(board.hasFloatingPoint)
    }

    """
  }
}

/// Spells tables as assembly.
private enum TableSource {
  static func text(
    tasks: [[UInt32]], regions: [[UInt32]], interrupts: [UInt32], names: [String]
  ) -> String {
    var lines = ["  .syntax unified", "  .section .apus_tables, \"a\"", "  .p2align 2"]
    func table(_ symbol: String, _ rows: [(words: [UInt32], remark: String)]) {
      lines += ["", "  .global \(symbol)", "  .type \(symbol), %object", "\(symbol):"]
      for row in rows {
        lines.append("  .word " + row.words.map(hex).joined(separator: ", ") + "  @ \(row.remark)")
      }
      lines.append("  .size \(symbol), . - \(symbol)")
    }
    table("apus_tasks", zip(tasks, names).map { ($0, $1) })
    table("apus_mpu", zip(regions, names).map { ($0, $1) })
    table("apus_interrupts", interrupts.map { ([$0], "interrupt \($0 & 0xFF)") })
    lines += ["  .global apus_interrupts_end", "apus_interrupts_end:", ""]
    return lines.joined(separator: "\n")
  }
}
