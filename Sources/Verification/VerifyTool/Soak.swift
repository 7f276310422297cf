// VerifyTool/Soak.swift: `apus-verify soak`: attacks for as long as wanted, and a verdict a board.

import ArgumentParser
import CommandSupport
import Foundation
import SoakKit

/// Runs the app `soak` under QEMU.
struct Soak: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Attacks a system for as long as you like, and counts the faults it survives.",
    discussion: """
      A hostile task breaks random rules, tasks die at random instants, and a timer causes an
      interrupt storm. Meanwhile clients send numbered messages and lend memory to a server that
      dies while it serves them. No number may be lost or arrive twice, and the kernel's memory must
      be consistent at the end.

      Examples:
        apus-verify soak --minutes 1
        apus-verify soak --faults 1000000 --board mps2-an385
        apus-verify soak --seed 42 --json soak.json

      Exit status: 0 if every board held, 1 if one did not, 2 if an image or QEMU is unavailable.
      """)

  @Option(help: "How many minutes to attack each board; 1 if no limit is given.")
  var minutes: Double?
  @Option(help: "Stop after this many faults; with --minutes, whichever comes first.")
  var faults: Int?
  @Option(help: "One board; all of them by default.")
  var board: String?
  @Option(help: "The random seed; random and printed if not given.")
  var seed: UInt32?
  @Option(help: "Write the figures to this file as JSON.")
  var json: String?

  func validate() throws {
    if let minutes, minutes <= 0 { throw ValidationError("--minutes must be more than 0") }
    if let faults, faults <= 0 { throw ValidationError("--faults must be more than 0") }
  }

  func run() async throws {
    let seed = seed ?? UInt32.random(in: 1...UInt32.max)
    let minutes = minutes ?? (faults == nil ? 1 : nil)
    let soak = try SoakKit.Soak(
      root: try repositoryRoot(), boards: board.map { [$0] },
      extent: .init(faults: faults, minutes: minutes), seed: seed)
    let limits = [faults.map { "--faults \($0)" }, minutes.map { "--minutes \($0)" }]
    let amount = limits.compactMap { $0 }.joined(separator: " ")
    print("seed \(seed); again: apus-verify soak \(amount) --seed \(seed)")
    let clock = Progress()
    let account = try await soak.run { board, statement in clock.tell(board, statement) }
    if let json { try account.json().write(to: URL(filePath: json), options: .atomic) }
    print(account.table)
    if !account.isGood { throw ExitCode(1) }
  }
}

/// Says how far each board is, at most every two seconds.
private final class Progress: @unchecked Sendable {
  private let lock = NSLock()
  private var last: [String: ContinuousClock.Instant] = [:]

  func tell(_ board: String, _ statement: Statement) {
    lock.withLock {
      let now = ContinuousClock.now
      guard now - (last[board] ?? now - .seconds(9)) > .seconds(2) else { return }
      last[board] = now
      printToStandardError(
        "\(board): \(statement.faults) faults survived, \(statement.messages) messages, "
          + "\(statement.lost) lost, \(statement.duplicated) duplicated")
    }
  }
}
