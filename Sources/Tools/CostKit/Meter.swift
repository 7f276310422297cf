// CostKit/Meter.swift: runs a release image under QEMU and sees every passage through its kernel.
// A plugin counts and the gdb stub looks on; the image is neither changed nor written to.

import ApusABI
import ELFKit
import Foundation
import ImagePlan
import QEMUKit
import Synchronization

/// A run of an image whose passages are counted.
public struct Meter: Sendable {
  /// What runs.
  public var bundle: ImageBundle
  /// What the guest prints when it is ready for a line; nil for one that is not to be talked to.
  public var prompt: String?
  /// What is typed, a line at each prompt, again and again.
  public var lines: [String]
  /// Where the plugin's binary and its output go.
  public var toolDirectory: URL

  /// Prepares a run.
  public init(
    _ bundle: ImageBundle, toolDirectory: URL, prompt: String? = nil, lines: [String] = []
  ) {
    self.bundle = bundle
    self.toolDirectory = toolDirectory
    self.prompt = prompt
    self.lines = lines
  }

  /// Boots the image and follows `count` passages, some hundreds a second.
  ///
  /// - Throws: `QEMUError` if QEMU ends before, or shows something else than passages.
  public func run(passages count: Int) async throws -> [Observed] {
    let places = try Places(bundle)
    let plugin = try await Plugin("passages", source: PackageResources.passages_c)
      .library(in: toolDirectory)
    let name = UUID().uuidString
    let counts = toolDirectory.appending(path: "passages-\(name).txt")
    let socket = FileManager.default.temporaryDirectory.appending(path: "cost-\(name.prefix(8))")
    defer {
      try? FileManager.default.removeItem(at: counts)
      try? FileManager.default.removeItem(at: socket)
    }
    // Where idle time is skipped, QEMU takes every stop for idle time.
    var machine = Machine(
      board: bundle.plan.board.machine, image: bundle.image, pace: .interactive)
    machine.startsStopped = true
    machine.debuggerSocket = socket
    machine.extraArguments = [
      "-plugin",
      ([Plugin.argument(plugin), "out=\(Plugin.argument(counts))", "exit=\(places.leave)"]
        + places.handlers.map { "entry=\($0)" }).joined(separator: ","),
    ]
    let found = Mutex<Result<[Observed], any Error>?>(nil)
    let (prompt, lines) = (prompt, lines)
    _ = try await Session(machine, limit: .seconds(60 + count / 50)).run { guest in
      async let outcome = onThread { try Self.look(places, socket, count) }
      let speaker = Task {
        guard let prompt, !lines.isEmpty else { return }
        try await guest.expect(prompt)
        while true {
          for line in lines {
            try await guest.send(line)
            try await guest.expect(prompt)
          }
        }
      }
      let result: Result<[Observed], any Error>
      do { result = .success(try await outcome) } catch { result = .failure(error) }
      found.withLock { $0 = result }
      speaker.cancel()
    }
    guard let result = found.withLock({ $0 }) else { throw QEMUError("the run did not begin") }
    return try Self.join(result.get(), String(contentsOf: counts, encoding: .utf8))
  }

  /// Follows the passages, a stop of QEMU at either end of each.
  private static func look(_ places: Places, _ socket: URL, _ count: Int) throws -> [Observed] {
    let debugger = try Debugger(socket)
    var seen: [Observed] = []
    try debugger.setBreakpoint(at: places.enter)
    while seen.count < count {
      try debugger.resume()
      let entry = try debugger.registers()
      guard entry.programCounter == places.enter, let door = places.doors[entry.general[3] & ~1]
      else {
        throw QEMUError("stopped at 0x\(String(entry.programCounter, radix: 16)), not at the entry")
      }
      let before = try debugger.memory(at: places.kernel, count: places.stateBytes)
      try debugger.removeBreakpoint(at: places.enter)
      try debugger.setBreakpoint(at: places.enter + 2)
      try debugger.resume()
      let after = try debugger.memory(at: places.kernel, count: places.stateBytes)
      try debugger.removeBreakpoint(at: places.enter + 2)
      try debugger.setBreakpoint(at: places.enter)
      seen.append(
        Observed(
          door: door, exception: entry.status & 0x1FF, before: before, after: after,
          instructions: 0, instructionsBefore: 0))
    }
    return seen
  }

  /// Gives each passage its counts: the plugin saw the same ones in the same order.
  private static func join(_ seen: [Observed], _ text: String) throws -> [Observed] {
    let rows = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { Int($0) } }
    var joined: [Observed] = []
    var end: Int?
    for (var passage, row) in zip(seen, rows) {
      guard row.count == 3, row[0] == passage.door.rawValue else {
        throw QEMUError("the counts and the passages differ at passage \(joined.count)")
      }
      passage.instructions = row[2] - row[1]
      passage.instructionsBefore = row[1] - (end ?? row[1])
      end = row[2]
      joined.append(passage)
    }
    return joined
  }
}

/// The addresses of an image at which a passage is seen.
struct Places: Sendable {
  /// The first instructions of the handlers, in the order of `Observed.Door`.
  let handlers: [UInt32]
  /// The kernel's doors by their address, which the entry code has in r3.
  let doors: [UInt32: Observed.Door]
  /// `blx r3`: the running task's registers are saved, the kernel has not begun.
  let enter: UInt32
  /// The exception return.
  let leave: UInt32
  /// The kernel's state.
  let kernel: UInt32
  let stateBytes: Int

  init(_ bundle: ImageBundle) throws {
    let file = try ELFFile(path: bundle.kernel.path)
    handlers = try [
      file.address(of: "apus_call_entry"), file.address(of: "apus_tick_entry"),
      file.address(of: "apus_interrupt_entry"), file.address(of: "apus_fault_entry"),
    ]
    doors = try [
      file.address(of: "apus_call"): .call, file.address(of: "apus_tick"): .tick,
      file.address(of: "apus_interrupt"): .interrupt, file.address(of: "apus_fault"): .fault,
    ]
    enter = try file.address(  // blx r3
      ofInstruction: 0x4798, from: handlers[0], within: 160)
    leave = try file.address(ofInstruction: 0x4770, from: enter, within: 160)  // bx lr
    kernel = try file.address(of: "apus_kernel")
    stateBytes = bundle.plan.tasks.count * 64 + 20
  }
}
