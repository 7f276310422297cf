// SoakKit/Soak.swift: lets a guest be attacked for as long as wanted, and judges what it counted.
// The guest's word is checked against the kernel's memory at the end; QEMU's status is no verdict.

import ApusBuild
import Foundation
import GuestLink
import ImagePlan
import QEMUKit

/// A soak on one or more boards.
public struct Soak: Sendable {
  /// When it is enough: at whichever comes first.
  public struct Extent: Sendable {
    /// The faults that each board must survive.
    public var faults: Int
    /// The host's time for each board.
    public var minutes: Double

    /// Sets limits; without one, the other counts.
    public init(faults: Int? = nil, minutes: Double? = nil) {
      self.faults = faults ?? Int(UInt32.max)
      self.minutes = minutes ?? .infinity
    }
  }

  /// The repository.
  public var root: URL
  /// Where images go, a folder a board.
  public var output: URL
  public var boards: [String]
  public var extent: Extent
  /// What the guest's dice begin with.
  public var seed: UInt32

  /// Prepares a soak on all boards of the app, or on some.
  public init(
    root: URL, output: URL? = nil, boards: [String]? = nil, extent: Extent, seed: UInt32
  ) throws {
    self.root = root
    self.output = output ?? root.appending(path: "build/soak")
    self.boards = try boards ?? ImageBuilder.boards(root: root, app: "soak")
    self.extent = extent
    self.seed = seed
  }

  /// Soaks two boards at a time; `report` hears of every statement.
  ///
  /// - Throws: `BuildError` or `PlanError` if an image does not build, `QEMUError` without QEMU.
  public func run(
    _ report: @escaping @Sendable (String, Statement) -> Void = { _, _ in }
  ) async throws -> Account {
    try await withThrowingTaskGroup(of: Account.Entry.self) { group in
      var waiting = boards[...]
      var entries: [Account.Entry] = []
      for _ in 0..<2 {
        if let board = waiting.popFirst() { group.addTask { try await run(on: board, report) } }
      }
      while let entry = try await group.next() {
        entries.append(entry)
        if let board = waiting.popFirst() { group.addTask { try await run(on: board, report) } }
      }
      return Account(seed: seed, boards: entries.sorted { $0.board < $1.board })
    }
  }

  private func run(
    on board: String, _ report: @escaping @Sendable (String, Statement) -> Void
  ) async throws -> Account.Entry {
    let bundle = try await ImageBuilder(
      root: root, app: "soak", board: board, output: output.appending(path: board)
    ).build()
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "apus-soak-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let machine = try machine(bundle, folder)
    let notes = Notes()
    let start = ContinuousClock.now
    do {
      try await Session(machine, limit: limit).run { guest in
        try await hold(guest, bundle, folder, notes) { report(board, $0) }
      }
    } catch let error as QEMUError {
      guard error.ending != nil else { throw error }
      // A failure of ours comes with its own words, all else with QEMU's.
      let text = error.description.split(separator: "\n").joined(separator: "; ")
      notes.failure = notes.failure ?? text
    }
    return Account.Entry(
      board: board, failure: notes.failure, last: notes.last, autopsy: notes.autopsy,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// The board with a monitor, and the kernel's stack filled.
  private func machine(_ bundle: ImageBundle, _ folder: URL) throws -> Machine {
    let stack = try Autopsy.stack(bundle)
    let fill = folder.appending(path: "fill.bin")
    try Data(repeating: Autopsy.fill, count: Int(stack.size)).write(to: fill)
    var machine = Machine(board: bundle.plan.board.machine, image: bundle.image)
    machine.monitorSocket = folder.appending(path: "qmp")
    machine.extraArguments = [
      "-device",
      "loader,file=\(fill.path),addr=0x\(String(stack.base, radix: 16)),force-raw=on",
    ]
    return machine
  }

  /// A thousand faults take about a second on an idle machine.
  private var limit: Duration {
    .seconds(240 + min(Double(extent.faults) / 20, extent.minutes * 60))
  }

  /// One guest from its banner to its last line.
  private func hold(
    _ guest: Conversation, _ bundle: ImageBundle, _ folder: URL, _ notes: Notes,
    _ report: (Statement) -> Void
  ) async throws {
    let session = UInt32.random(in: 0x1000_0000...0xFFFF_FFFF)
    var reader = LineReader(session: session, app: "soak")
    var auditor = Auditor()
    var hasBegun = false
    var isToldToEnd = false
    let start = ContinuousClock.now
    let enough = UInt32(clamping: extent.faults)
    do {
      while true {
        let text = try await guest.expect("\r\n").dropLast(1)
        switch try reader.read(text[...]) {
        case .noise: continue
        case .banner(_, let record):
          if hasBegun { throw SoakFailure(description: "the machine was reset: \(record)") }
          hasBegun = true
          try await guest.send(
            [session, seed, enough].map { String($0, radix: 16) }.joined(separator: " "))
        case .line(let line):
          guard let statement = Statement(line.words) else {
            throw SoakFailure(description: "a line of \(line.words.count) words, not 27: \(text)")
          }
          notes.last = statement
          try auditor.take(statement)
          report(statement)
          if line.letter == "e" {
            notes.autopsy = try await examine(bundle, folder, statement)
            return
          }
          if (ContinuousClock.now - start) / .seconds(60) > extent.minutes, !isToldToEnd {
            isToldToEnd = true
            try await guest.sendBytes([0x65])
          }
        }
      }
    } catch let failure as SoakFailure {
      notes.failure = failure.description
      throw failure
    }
  }

  /// Compares the kernel's own memory with what the guest said last.
  private func examine(
    _ bundle: ImageBundle, _ folder: URL, _ last: Statement
  ) async throws -> Autopsy {
    let monitor = try Monitor(folder.appending(path: "qmp"))
    try monitor.stop()
    let autopsy = try Autopsy(monitor, bundle, in: folder)
    let told = Int(last.faults) + Int(last.restarts)
    guard autopsy.endedLives == told else {
      throw SoakFailure(
        description: "the kernel has ended \(autopsy.endedLives) lives, the guest tells of \(told)")
    }
    guard autopsy.stackUsed < autopsy.stackReserved else {
      throw SoakFailure(
        description: "the kernel's stack is full: \(autopsy.stackUsed) of "
          + "\(autopsy.stackReserved) bytes")
    }
    return autopsy
  }
}

/// What one conversation leaves behind, however it ends.
private final class Notes: @unchecked Sendable {
  // Written by the one task that holds the conversation, read when that is over.
  var failure: String?
  var last: Statement?
  var autopsy: Autopsy?
}
