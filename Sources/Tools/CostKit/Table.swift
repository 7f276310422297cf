// CostKit/Table.swift: the table of costs: what was seen, put into classes, and the file that holds it.
// A class keeps its shortest and its longest passage; nothing is averaged.

import ApusKernel
import ApusSimulator
import Foundation
import ImagePlan

/// Lengths of passages by their class, and of tasks' code by what ends it.
public struct CostTable: Sendable {
  /// The least and the most instructions of each class, without what `Costs.apart` counts.
  public private(set) var passages: [String: ClosedRange<Int>] = [:]
  /// The instructions of each piece of a task's code, by task and call.
  public private(set) var segments: [String: [Int]] = [:]

  /// A table without rows.
  public init() {}

  /// Adds what was seen of an image of `plan`; an image must have 3, 7 or 8 tasks.
  public mutating func add(_ seen: [Observed], of plan: Plan) {
    switch plan.tasks.count {
    case 3: add(seen, of: plan, Kernel<3>.self)
    case 7: add(seen, of: plan, Kernel<7>.self)
    case 8: add(seen, of: plan, Kernel<8>.self)
    default: preconditionFailure("no kernel of \(plan.tasks.count) tasks is built here")
    }
  }

  private mutating func add<let count: Int>(
    _ seen: [Observed], of plan: Plan, _ type: Kernel<count>.Type
  ) {
    let costs = Costs(
      passages: [:], segments: [:], interruptCount: plan.interrupts.count, taskCount: count)
    var running = Array(repeating: 0, count: count)
    var lives = Array(repeating: UInt32.max, count: count)
    for observed in seen {
      let passage = observed.passage(type)
      let length = observed.instructions - costs.apart(passage)
      let known = passages[passage.kind]
      passages[passage.kind] =
        min(known?.lowerBound ?? length, length)...max(known?.upperBound ?? length, length)
      let kernel: Kernel<count> = Observed.kernel(observed.before)
      let index = Int(kernel.current)
      guard index < count - 1 else { continue }
      // A piece that was preempted goes on behind the exception.
      running[index] += observed.instructionsBefore
      guard observed.door == .call || observed.door == .fault else { continue }
      let isFirst = lives[index] != kernel.tasks[index].life
      lives[index] = kernel.tasks[index].life
      let end = isFirst ? "start" : Passage.names[passage.way]
      // The first piece of the first task began before anybody looked.
      if running[index] > 0, plan.app == "console" {
        let module = "Console" + plan.tasks[index].folder
        for key in ["\(module) \(end)", "* \(end)", "*"] {
          segments[key, default: []].append(running[index])
        }
      }
      running[index] = 0
    }
  }

  /// The classes in which `seen` went beyond this table's most, in words.
  public func excesses(of measured: [String: ClosedRange<Int>]) -> [String] {
    passages.sorted { $0.key < $1.key }.compactMap { kind, range in
      guard let known = measured[kind] else { return "'\(kind)' is not in the table: \(range)" }
      guard range.upperBound > known.upperBound else { return nil }
      return "'\(kind)' took \(range.upperBound) instructions, the table says \(known.upperBound)"
    }
  }

  /// The source file that holds the table.
  public var source: String {
    var lines = [
      "// ApusSimulator/Timing/MeasuredCosts.swift: instructions as counted under QEMU on mps2-an385.",
      "// Made by `apus-verify costs --write`; never edited by hand.",
      "",
      "/// The measured table: passages by class, tasks' code by task and the call that ends it.",
      "enum MeasuredCosts {",
      "  /// The least and the most, without what `Costs.apart` counts.",
      "  static let passages: [String: ClosedRange<Int>] = [",
    ]
    for (kind, range) in passages.sorted(by: { $0.key < $1.key }) {
      lines.append("    \"\(kind)\": \(range.lowerBound)...\(range.upperBound),")
    }
    lines += [
      "  ]", "",
      "  /// The least, the deciles and the most, or one number for all; `*` stands for all tasks.",
      "  static let segments: [String: [Int]] = [",
    ]
    for (name, values) in segments.sorted(by: { $0.key < $1.key }) {
      lines.append("    \"\(name)\": \(Self.deciles(values)),")
    }
    return (lines + ["  ]", "}", ""]).joined(separator: "\n")
  }
}

extension CostTable {
  private static func deciles(_ values: [Int]) -> [Int] {
    let sorted = values.sorted()
    if sorted.first == sorted.last { return [sorted[0]] }
    return (0...10).map { sorted[($0 * (sorted.count - 1) + 5) / 10] }
  }
}

extension Meter {
  /// The lines that make the console do everything but reset the machine.
  public static let consoleLines = [
    "ps", "lend", "read", "crash sensor memory", "log", "crash clock panic", "uptime",
    "crash sensor refused", "crash sensor slice", "crash clock injected", "crash logger usage",
    "crash clock service", "crash uart memory", "flood", "crash shell stack",
  ]
}
