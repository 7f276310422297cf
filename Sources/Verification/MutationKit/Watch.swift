// MutationKit/Watch.swift: ends a run of QEMU that has told what was asked, or hangs.
// A hang is told by the processor's time that QEMU has used and by how often this process has looked:
// an idle guest uses time while its host is kept from answering, and both are slow on a busy machine.

import Foundation
import Synchronization

/// Ends a job when it has found what it is for, or has been silent for too long.
final class Watch: Sendable {
  private struct State {
    var signs = 0
    var reason: String?
    var isOver = false
  }
  private let state = Mutex(State())
  private let image: String

  /// How many seconds of the processor a guest may be silent, before its first sign and after: a boot
  /// takes a fifth of one, the longest case some.
  private static let seconds = (first: 4.0, later: 8.0)
  /// How many looks, 50 ms apart at least, it may be silent: a host that is kept from answering
  /// looks seldom.
  private static let looks = (first: 60, later: 240)
  /// How many looks in a row it may sleep: while its clock ticks, a guest that waits does not.
  private static let sleeps = 200

  /// Watches the QEMU that runs `image`.
  init(of image: String) { self.image = image }

  /// A sign of life.
  func isAlive() { state.withLock { $0.signs += 1 } }

  /// The job has found something; the first time counts.
  func end(_ reason: String) { state.withLock { if $0.reason == nil { $0.reason = reason } } }

  /// Runs `job` and returns what it found, `nil` if it came to its end without.
  func run(_ job: @escaping @Sendable () async throws -> Void) async throws -> String? {
    let task = Task {
      defer { state.withLock { $0.isOver = true } }
      try await job()
    }
    var (known, usedBefore, looks, sleeps) = (0, 0.0, 0, 0)
    var process: String?
    while true {
      let (reason, isOver, signs) = state.withLock { ($0.reason, $0.isOver, $0.signs) }
      if isOver || reason != nil { break }
      if process == nil { process = findProcess() }
      let used = process.flatMap(processorSeconds) ?? 0
      if used == 0 { process = nil }
      looks += 1
      sleeps = process.map(isAsleep) == true ? sleeps + 1 : 0
      // Another QEMU begins from nothing.
      if signs != known || used < usedBefore || process == nil {
        (known, usedBefore, looks, sleeps) = (signs, used, 0, 0)
      }
      let (seconds, most) =
        signs == 0
        ? (Self.seconds.first, Self.looks.first) : (Self.seconds.later, Self.looks.later)
      if used - usedBefore > seconds, looks > most * Self.load { end("no answer any more") }
      if sleeps > Self.sleeps { end("it sleeps, and no tick wakes it") }
      try await Task.sleep(for: .milliseconds(50))
    }
    if state.withLock({ $0.reason }) != nil { task.cancel() }
    let result = await task.result
    if let reason = state.withLock({ $0.reason }) { return reason }
    try result.get()
    return nil
  }

  /// A machine with many processes for each core is given more looks; 1 to 4.
  private static var load: Int {
    let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
    let load = text.split(separator: " ").first.flatMap { Double($0) } ?? 0
    let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
    return max(1, min(4, Int(load / cores / 4)))
  }

  /// The number of the QEMU that runs the image.
  private func findProcess() -> String? {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.first { process in
      guard process.first?.isNumber == true,
        let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline")
      else { return false }
      return words.firstRange(of: Data(image.utf8)) != nil
        && words.firstRange(of: Data("qemu".utf8)) != nil
    }
  }

  /// What `file` below /proc says of a process or thread behind its name: its state, then numbers.
  private func fields(_ file: String) -> [Substring] {
    let stat = (try? String(contentsOfFile: "/proc/\(file)/stat", encoding: .utf8)) ?? ""
    return stat.split(separator: ")").last?.split(separator: " ") ?? []
  }

  /// Whether none of a process's threads runs, or would if it had a core.
  private func isAsleep(_ process: String) -> Bool {
    let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")
    return threads?.allSatisfy { fields("\(process)/task/\($0)").first != "R" } ?? false
  }

  /// The processor's time that a process has used; `nil` if it is gone.
  private func processorSeconds(_ process: String) -> Double? {
    let fields = fields(process)
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return nil
    }
    return (user + system) / 100
  }
}
