// FootprintKit/Boot/Boot.swift: boots a bundle under QEMU and measures it from outside.
// RAM is filled with a pattern before the image is loaded; what still holds it was never touched.

import ELFKit
import Foundation
import ImagePlan
import PlainText
import QEMUKit

/// A measurement of one bundle.
public struct Boot: Sendable {
  /// What `Start.S` paints a task's stack with.
  static let paint: UInt8 = 0xe7
  /// Two patterns: a byte that happens to be written with one of them differs from the other.
  private static let patterns: [UInt8] = [0xa5, 0x3c]

  public var bundle: ImageBundle
  /// Where the compiled plugin and short-lived files go.
  public var toolDirectory: URL
  public var limit: Duration
  /// What is declared about stacks, for the bounds beside the measurements.
  public var options: StackOptions

  /// Prepares a measurement; nothing is started yet.
  public init(
    _ bundle: ImageBundle, toolDirectory: URL, options: StackOptions = StackOptions(),
    limit: Duration = .seconds(30)
  ) {
    self.bundle = bundle
    self.toolDirectory = toolDirectory
    self.options = options
    self.limit = limit
  }

  /// Boots the image: twice for its memory, once for each kind of event.
  ///
  /// - Throws: `FootprintError`, or QEMUKit's error if the image does not get to its idle task.
  public func measure() async throws -> BootReport {
    let plan = bundle.plan
    let kernel = try Subject.read(bundle.kernel.path)
    guard let idle = plan.tasks.last?.entry, let first = plan.tasks.first?.entry else {
      throw FootprintError(.unreadable, "the plan has no tasks")
    }
    let image = try Subject.read(bundle.image.path)
    let dumps = try await memoryWhenIdle(idle & ~1)
    let worst = try StackReport(bundle, options: options)
    let stacks = worst.entries.map { entry in
      var entry = entry
      entry.measured = highWater(of: entry, kernel: kernel, dumps)
      return entry
    }
    return BootReport(
      image: "\(plan.app)/\(plan.board.name)", board: plan.board.name,
      flashLoaded: image.segments.filter(\.isLoad).reduce(0) { $0 + $1.fileByteCount },
      flashSpan: Int(plan.flashEnd - plan.board.flash.base),
      ramReserved: Int(plan.ramEnd - plan.board.ram.base),
      ramTouched: touched(dumps),
      milestones: try await milestones(kernel, first: first, idle: idle),
      stacks: stacks)
  }

  // MARK: Memory

  /// All reserved RAM when the system first idles, once for each pattern.
  private func memoryWhenIdle(_ idle: UInt32) async throws -> [[UInt8]] {
    var result: [[UInt8]] = []
    for pattern in Self.patterns { result.append(try await memoryWhenIdle(idle, filled: pattern)) }
    return result
  }

  private func memoryWhenIdle(_ idle: UInt32, filled pattern: UInt8) async throws -> [UInt8] {
    let plan = bundle.plan
    let files = FileManager.default
    let folder = files.temporaryDirectory.appending(
      path: "apus-boot-\(UUID().uuidString.prefix(8))")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: folder) }
    let fill = folder.appending(path: "fill.bin")
    let count = Int(plan.ramEnd - plan.board.ram.base)
    try Data(repeating: pattern, count: count).write(to: fill)
    var machine = Machine(board: plan.board.machine, image: bundle.image, pace: .counting)
    machine.startsStopped = true
    let socket = folder.appending(path: "gdb")
    machine.debuggerSocket = socket
    let monitorSocket = folder.appending(path: "qmp")
    machine.monitorSocket = monitorSocket
    let dump = folder.appending(path: "ram.bin")
    machine.extraArguments = [
      "-device", "loader,file=\(fill.path),addr=\(hex(plan.board.ram.base)),force-raw=on",
    ]
    let base = plan.board.ram.base
    let box = Box()
    try await Session(machine, limit: limit).run { _ in
      box.bytes = try await onThread {
        let debugger = try Debugger(socket)
        try debugger.setBreakpoint(at: idle)
        try debugger.resume()
        // The debugger sees memory through the MPU, under which idle may read nothing of this.
        try Monitor(monitorSocket).execute(
          "pmemsave", ["val": Int(base), "size": count, "filename": dump.path])
        return [UInt8](try Data(contentsOf: dump))
      }
    }
    guard box.bytes.count == count else {
      throw FootprintError(
        .unsound, "QEMU saved \(box.bytes.count) bytes of RAM, \(count) were asked for")
    }
    return box.bytes
  }

  /// Where one closure leaves what another takes, one after the other.
  private final class Box: @unchecked Sendable { var bytes: [UInt8] = [] }

  /// Offsets of a window in a dump.
  private func range(_ window: Window) -> Range<Int> {
    let base = UInt64(bundle.plan.board.ram.base)
    return Int(UInt64(window.base) - base)..<Int(window.end - base)
  }

  /// True for a byte that holds the pattern in every dump.
  private func isUntouched(_ index: Int, _ dumps: [[UInt8]]) -> Bool {
    zip(dumps, Self.patterns).allSatisfy { $0[index] == $1 }
  }

  /// Bytes from the deepest that was written to the end of the stack.
  private func highWater(_ range: Range<Int>, painted: Bool, _ dumps: [[UInt8]]) -> Int {
    let deepest = range.first { index in
      if painted { return dumps[0][index] != Self.paint || dumps[1][index] != Self.paint }
      return !isUntouched(index, dumps)
    }
    return deepest.map { range.upperBound - $0 } ?? 0
  }

  private func highWater(of entry: StackEntry, kernel: ELFFile, _ dumps: [[UInt8]]) -> Int? {
    if entry.kind == .kernel {
      guard let section = kernel.section(named: ".kernel_stack") else { return nil }
      let window = Window(base: section.address, size: section.byteCount)
      return highWater(range(window), painted: false, dumps)
    }
    guard let task = bundle.plan.tasks.first(where: { $0.name == entry.name }) else { return nil }
    let window = range(task.stack)
    // A task that has not run yet has only its first frame, and no paint.
    let isPainted = dumps[0][window.lowerBound] == Self.paint
    return highWater(window, painted: isPainted, dumps)
  }

  private func touched(_ dumps: [[UInt8]]) -> Int {
    var result = 0
    var stacks: [Range<Int>] = []
    for task in bundle.plan.tasks where !task.elf.isEmpty {
      let window = range(task.stack)
      stacks.append(window)
      let isPainted = dumps[0][window.lowerBound] == Self.paint
      result += highWater(window, painted: isPainted, dumps)
    }
    for index in dumps[0].indices where !stacks.contains(where: { $0.contains(index) }) {
      if !isUntouched(index, dumps) { result += 1 }
    }
    return result
  }

  // MARK: Instructions

  private func milestones(
    _ kernel: ELFFile, first: UInt32, idle: UInt32
  ) async throws -> [BootReport.Milestone] {
    let start = kernel.entry & ~1
    var places: [(name: String, key: String, address: UInt32)] = []
    if let boot = kernel.symbol(named: "apus_boot") {
      places.append(("the kernel", "kernel", boot.address))
    }
    places.append(("the first task", "task", first & ~1))
    places.append(("idle", "idle", idle & ~1))
    let intervals = places.map { Counter.Interval($0.key, from: start, to: $0.address) }
    let events = ["apus_call_entry", "apus_fault_entry", "apus_load_map"].map { name in
      kernel.symbol(named: name)?.address ?? kernel.symbols.first { $0.name == name }?.address
    }
    var runs: [[String: [Counter.Sample]]] = []
    for event in events {
      runs.append(
        try await Counter(intervals, watching: event.map { [$0] } ?? []).run(
          bundle.image, board: bundle.plan.board.machine, toolDirectory: toolDirectory,
          limit: limit))
    }
    return try places.map { place in
      let samples = runs.compactMap { $0[place.key]?.first }
      guard samples.count == 3, Set(samples.map(\.instructions)).count == 1 else {
        throw FootprintError(
          .unsound, "two boots of the same image differ on the way to \(place.name)")
      }
      return BootReport.Milestone(
        name: place.name, instructions: samples[0].instructions, calls: samples[0].watched,
        faults: samples[1].watched, switches: samples[2].watched, accesses: samples[0].accesses)
    }
  }
}
