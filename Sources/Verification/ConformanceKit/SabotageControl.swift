// ConformanceKit/SabotageControl.swift: builds the broken images, and sees each case fail on its own.
// A case that fails before it has begun, or only by silence, has shown nothing of its rule.

import ApusBuild
import Foundation
import ImagePlan
import KernelSabotage

/// Shows that every case can fail.
public struct SabotageControl: Sendable {
  /// Cases, repository and output; its boards are not used.
  public var suite: Suite
  /// The one board to run on; each claim's own if `nil`.
  public var board: String?
  /// What must fail where.
  public var claims = Claim.all
  /// How long a case may keep silent on a broken image.
  public var silence = Duration.seconds(60)

  /// Prepares the control of `suite`'s cases.
  public init(_ suite: Suite, board: String? = nil) {
    (self.suite, self.board) = (suite, board)
  }

  /// Runs every claim; `report` is told of each finding as it is made.
  ///
  /// - Throws: `BuildError` or `SabotageError` if an image does not build, `QEMUError` without QEMU.
  public func run(
    progress: @escaping @Sendable (String) -> Void = { _ in },
    _ report: @escaping @Sendable (Finding) -> Void = { _ in }
  ) async throws -> Findings {
    let jobs = jobs
    var findings = unclaimed
    findings.forEach(report)
    for board in Set(jobs.map(\.board)).sorted() {
      let own = jobs.filter { $0.board == board }
      progress("\(board): \(own.count) broken images, after the honest one")
      let honest = try await judge(own.flatMap(\.cases), on: board, root: suite.root, "honest")
      findings += try await judge(own, honest, report)
    }
    return Findings(cases: findings.sorted { $0.order < $1.order })
  }

  /// What the table says of a case without a claim: its reason, or that there is none.
  private var unclaimed: [Finding] {
    let claimed = Set(claims.flatMap(\.cases))
    return suite.cases.filter { !claimed.contains($0.name) }.map { item in
      let reason = Claim.reasons[item.name]
      return Finding(
        item.name, reason == nil ? .missed : .excused, order: order(item.name),
        reason: reason ?? "no sabotage and no reason stands in the table")
    }
  }

  // MARK: - Jobs

  /// One image to build, and the cases that must fail on it.
  private struct Job: Sendable {
    var sabotage: Sabotage
    var board: String
    var isSilence: Bool
    var cases: [Case]
  }

  private var jobs: [Job] {
    claims.compactMap { claim in
      guard let sabotage = Sabotage.all.first(where: { $0.name == claim.sabotage }) else {
        return nil
      }
      let own = suite.cases.filter { claim.cases.contains($0.name) }
      return own.isEmpty
        ? nil
        : Job(
          sabotage: sabotage, board: board ?? claim.board, isSilence: claim.isSilence, cases: own)
    }
  }

  private func order(_ name: String) -> Int {
    Case.all.firstIndex { $0.name == name } ?? Case.all.count
  }

  /// Two images at a time: a build and a QEMU keep a core each.
  private func judge(
    _ jobs: [Job], _ honest: [String: Verdict], _ report: @escaping @Sendable (Finding) -> Void
  ) async throws -> [Finding] {
    try await withThrowingTaskGroup(of: [Finding].self) { group in
      var waiting = jobs[...]
      var all: [Finding] = []
      func next() {
        guard let job = waiting.popFirst() else { return }
        group.addTask { try await judge(job, honest, report) }
      }
      for _ in 0..<2 { next() }
      while let findings = try await group.next() {
        all += findings
        next()
      }
      return all
    }
  }

  private func judge(
    _ job: Job, _ honest: [String: Verdict], _ report: @Sendable (Finding) -> Void
  ) async throws -> [Finding] {
    let able = job.cases.filter { honest[$0.name]?.status == .passed }
    var broken: [String: Verdict] = [:]
    if !able.isEmpty {
      // A case has one claim: with its name, no two jobs share a folder.
      let name = "\(job.sabotage.slug)-\(job.cases[0].name)"
      let folder = suite.output.appending(path: "sabotage/\(job.board)/\(name)")
      let tree = folder.appending(path: "tree")
      try? FileManager.default.removeItem(at: folder)
      try job.sabotage.copyTree(from: suite.root, to: tree)
      defer { try? FileManager.default.removeItem(at: folder) }
      broken = try await judge(able, on: job.board, root: tree, name)
    }
    return job.cases.map { item in
      let finding = finding(item.name, job, honest[item.name], broken[item.name])
      report(finding)
      return finding
    }
  }

  private func finding(
    _ name: String, _ job: Job, _ honest: Verdict?, _ broken: Verdict?
  ) -> Finding {
    var finding = Finding(
      name, .missed, order: order(name), sabotage: job.sabotage.name, board: job.board)
    guard honest?.status == .passed else {
      finding.status = honest?.status == .notApplicable ? .notApplicable : .missed
      finding.reason = "on the honest image: \(honest?.reason ?? "no verdict")"
      return finding
    }
    finding.reason = broken?.reason ?? "no verdict"
    switch (broken?.status, broken?.ending) {
    case (.failed, .premature): finding.reason = "before the case began: \(finding.reason)"
    case (.failed, .silent) where !job.isSilence: break
    case (.failed, _): finding.status = .caught
    case (.passed, _): finding.reason = "it passes on the broken image"
    case (.notApplicable, _), (nil, _): break
    }
    return finding
  }

  /// The verdicts of `cases` on the image of `root`, by name.
  private func judge(
    _ cases: [Case], on board: String, root: URL, _ name: String
  ) async throws -> [String: Verdict] {
    let output = suite.output.appending(path: "sabotage/\(board)/\(name)/image")
    let bundle = try await ImageBuilder(
      root: root, app: "conformance", board: board, output: output,
      cache: suite.root.appending(path: "build/cache")
    ).build()
    var own = suite
    own.cases = cases
    if name != "honest" { own.limit = silence }
    let verdicts = try await own.run(bundle) { _ in }
    return Dictionary(verdicts.map { ($0.name, $0) }) { first, _ in first }
  }
}

extension SabotageControl {
  /// What became of a case's claim.
  public struct Finding: Codable, Sendable {
    public enum Status: String, Codable, Sendable {
      /// It failed on its broken image, as it must.
      case caught
      /// It did not, or not for a reason of its own.
      case missed
      /// The table says why no edit can fail it.
      case excused
      /// The board cannot run it.
      case notApplicable
    }
    public var name: String
    public var status: Status
    /// The edit and the board; empty without a claim.
    public var sabotage: String
    public var board: String
    /// How it failed, why it did not, or why it cannot.
    public var reason: String
    var order: Int

    init(
      _ name: String, _ status: Status, order: Int, sabotage: String = "", board: String = "",
      reason: String = ""
    ) {
      (self.name, self.status, self.order) = (name, status, order)
      (self.sabotage, self.board, self.reason) = (sabotage, board, reason)
    }

    /// One line: the status, the case, its sabotage, and the reason of whatever is not caught.
    public var line: String {
      switch status {
      case .caught: "caught  \(name)  by \(sabotage)"
      case .missed where sabotage.isEmpty: "MISSED  \(name): \(reason)"
      case .missed: "MISSED  \(name)  by \(sabotage): \(reason)"
      case .excused: "excused  \(name): \(reason)"
      case .notApplicable: "not applicable  \(name)  by \(sabotage): \(reason)"
      }
    }
  }

  /// All findings of a run.
  public struct Findings: Codable, Sendable {
    public var cases: [Finding]

    /// The names with `status`, each once.
    public func names(_ status: Finding.Status) -> Set<String> {
      Set(cases.filter { $0.status == status }.map(\.name))
    }

    /// Whether no claim was missed.
    public var isGood: Bool { !cases.isEmpty && names(.missed).isEmpty }

    /// The totals in one line.
    public var total: String {
      let all = Set(cases.map(\.name)).count
      let counts: [(Finding.Status, String)] = [
        (.missed, "missed"), (.excused, "excused"), (.notApplicable, "not applicable"),
      ]
      let rest = counts.filter { !names($0.0).isEmpty }.map { "\(names($0.0).count) \($0.1)" }
      return (["\(names(.caught).count) of \(all) cases seen failing"] + rest)
        .joined(separator: ", ")
    }

    /// An object with an array `cases`.
    public func json() throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self) + Data("\n".utf8)
    }
  }
}
