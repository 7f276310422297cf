// QEMUKit/OnThread.swift: where work that blocks is done, so that everything else goes on.
// The pool has a thread a core: one that waits there keeps conversations and time limits waiting.

import Foundation

/// Runs `work`, which may block as `Debugger` and `Monitor` do, on a thread of its own.
///
/// - Throws: what `work` throws.
public func onThread<Result: Sendable>(
  _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      continuation.resume(with: Swift.Result { try work() })
    }
  }
}
