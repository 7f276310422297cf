// MutationKit/Watch.swift: ends a run of QEMU that has told what was asked, or hangs.
// A hang is told by the processor's time that QEMU has used, which the machine's load leaves alone.

import Foundation
import Synchronization

/// Ends a job when it has found what it is for, or has been silent for too long.
final class Watch: Sendable {
  private struct State {
    var hasSign = true
    var reason: String?
    var isOver = false
  }
  private let state = Mutex(State())
  private let image: String
  private let patience: Double

  /// Watches the QEMU that runs `image`, which may use `patience` seconds between signs of life.
  init(of image: String, patience: Double) {
    (self.image, self.patience) = (image, patience)
  }

  /// A sign of life.
  func isAlive() { state.withLock { $0.hasSign = true } }

  /// The job has found something; the first time counts.
  func end(_ reason: String) { state.withLock { if $0.reason == nil { $0.reason = reason } } }

  /// Runs `job` and returns what it found, `nil` if it came to its end without.
  func run(_ job: @escaping @Sendable () async throws -> Void) async throws -> String? {
    let task = Task {
      defer { state.withLock { $0.isOver = true } }
      try await job()
    }
    var lastSign = 0.0
    var process: String?
    while true {
      let (reason, isOver, hasSign) = state.withLock { state in
        defer { state.hasSign = false }
        return (state.reason, state.isOver, state.hasSign)
      }
      if isOver || reason != nil { break }
      if process == nil { process = findProcess() }
      let used = process.flatMap(processorSeconds) ?? 0
      if used == 0 { process = nil }
      // Another QEMU begins from nothing.
      if hasSign || used < lastSign { lastSign = used }
      if used - lastSign > patience { end("no answer for \(patience) s") }
      try await Task.sleep(for: .milliseconds(100))
    }
    if state.withLock({ $0.reason }) != nil { task.cancel() }
    let result = await task.result
    if let reason = state.withLock({ $0.reason }) { return reason }
    try result.get()
    return nil
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

  /// The processor's time that a process has used; `nil` if it is gone.
  private func processorSeconds(_ process: String) -> Double? {
    guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
      return nil
    }
    // What follows the name, which is in parentheses: the state, then numbers.
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return nil
    }
    return (user + system) / 100
  }
}
