// ConformanceKit/Watched.swift: what the oracle saw while the cases of a board ran, as one verdict.
// It knows nothing of cases: a broken wall is one whether or not somebody meant to break it.

import AccessMonitor
import QEMUKit

/// The sightings of all QEMUs of one board.
struct Watched: Sendable {
  private var sightings = Oracle.Sightings()
  private var findings: [String] = []

  /// Adds what `watch` saw while the cases named `cases` ran.
  mutating func take(_ watch: Oracle.Watch, _ walls: Walls, _ cases: String) {
    do {
      let part = try watch.look()
      sightings += part
      findings += part.findings.prefix(8).map { "\(walls.describe($0)), in \(cases)" }
    } catch {
      findings.append("\(error), in \(cases)")
    }
  }

  /// The verdict `oracle`: failed with the first broken walls, or passed with what was judged.
  func verdict(on board: String) -> Verdict {
    let totals =
      "\(sightings.kernelStores) stores of the kernel, \(sightings.taskStores) stores and "
      + "\(sightings.taskLoads) loads of tasks, \(sightings.count(.fault)) faults, "
      + "\(sightings.exits) returns from exceptions"
    let swallowed =
      sightings.swallowed == 0 ? "" : ", \(sightings.swallowed) accesses that QEMU swallowed"
    let count = max(sightings.findingCount, findings.count)
    return Verdict(
      name: "oracle", family: .oracle, board: board, status: findings.isEmpty ? .passed : .failed,
      reason: findings.isEmpty
        ? totals + swallowed
        : "\(count) broken walls: " + findings.prefix(8).joined(separator: "; "),
      order: Case.all.count)
  }
}
