// TraceKit/Subject+Plan.swift: the names of a timeline, from the manifest or from a built image.
// Both give the same names for the same app, so that timelines of both can be compared.

import ImagePlan
import TimelineKit

extension Subject {
  /// The names of `app`; `place` says how it ran.
  public init(_ app: App, place: String) {
    var lines: [Line] = []
    for (index, task) in app.tasks.enumerated() {
      for line in task.interrupts where !lines.contains(where: { $0.number == line.number }) {
        lines.append(Line(line.name, number: UInt32(line.number), owner: index))
      }
    }
    self.init(
      app: app.name, place: "\(app.board.name), \(place)",
      tasks: app.tasks.map { Task($0.name, notifications: $0.notifications) } + [Task("idle")],
      lines: lines.sorted { $0.number < $1.number },
      tickNanoseconds: UInt64(app.tickMicroseconds) * 1_000)
  }

  /// The names in `plan`.
  public init(_ plan: Plan, place: String) {
    self.init(
      app: plan.app, place: "\(plan.board.name), \(place)",
      tasks: plan.tasks.map { Task($0.name, notifications: $0.notifications) },
      lines: plan.interrupts.map { Line($0.name, number: UInt32($0.number), owner: $0.task) },
      tickNanoseconds: UInt64(plan.tickMicroseconds) * 1_000)
  }
}
