// ApusBuild/Workshop.swift: as many tools at once as the machine has cores, and a sign of life.
// A failing job does not stop the others: the caller's task group does.

import Foundation

/// Limits how many tools run at once, and says every two seconds which do.
actor Workshop {
  private let progress: @Sendable (String) -> Void
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var running: [String] = []

  /// How long the build may be silent.
  private static let patience = Duration.seconds(2)

  init(progress: @escaping @Sendable (String) -> Void) {
    self.progress = progress
    free = max(1, ProcessInfo.processInfo.activeProcessorCount)
  }

  /// Runs `job` when a core is free; `what` says what it does, "compiling task 'shell'".
  func run<Result: Sendable>(
    _ what: String, _ job: @Sendable () async throws -> Result
  ) async throws -> Result {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
    defer { finish(what) }
    try Task.checkCancellation()
    running.append(what)
    return try await job()
  }

  private func finish(_ what: String) {
    if let index = running.firstIndex(of: what) { running.remove(at: index) }
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }

  /// Reports what runs whenever nothing was reported for a while; ends when cancelled.
  func reportUntilCancelled() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: Self.patience)
      if !Task.isCancelled, let first = running.first { progress(first) }
    }
  }
}
