// ConformanceKit/Case.swift: a case: a name, what it needs of a board, and what has to happen.
// A case says nothing about how it is run; the standard post-condition belongs to every one.

import ImagePlan

/// The group that a case belongs to: Hubris's suite, what that leaves out, and the catalogue's letters.
public enum Family: String, Sendable, CaseIterable, Codable {
  case hubris, beyond, memory, instructions, systemSpace, exceptions, returns, floatingPoint
  case registers, slices, messages, leases, notifications, timers, supervision
  /// No case's: what the oracle says of all of them.
  case oracle
}

/// What a case needs of its board.
public enum Need: Sendable {
  case floatingPoint, busFaults, bitBand, eeprom

  /// Why `board` cannot show the case; `nil` if it can.
  func reason(_ board: Board) -> String? {
    switch self {
    case .floatingPoint: board.hasFloatingPoint ? nil : "\(board.processor.rawValue) has no FPU"
    case .busFaults:
      board.machine == "lm3s6965evb" ? "QEMU's lm3s6965evb swallows bus faults and reads 0" : nil
    case .bitBand: board.machine == "lm3s6965evb" ? "QEMU's lm3s6965evb has no bit-band" : nil
    case .eeprom: "no board here has an AT24CSW080"
    }
  }
}

/// One case.
public struct Case: Sendable {
  /// Hubris's name, or the catalogue's number and a word.
  public var name: String
  public var family: Family
  /// The rule that is tested, as one line.
  public var rule: String
  public var needs: [Need]
  /// Carries the case out; throws a `CaseFailure` if the rule does not hold.
  let body: @Sendable (Trial) async throws -> Void

  init(
    _ name: String, _ family: Family, _ rule: String, needs: [Need] = [],
    _ body: @escaping @Sendable (Trial) async throws -> Void
  ) {
    self.name = name
    self.family = family
    self.rule = rule
    self.needs = needs
    self.body = body
  }

  /// All cases, in the order in which they run.
  public static let all: [Case] =
    hubrisMessages + hubrisFaults + hubrisRest + beyond + memory + instructions + systemSpace
    + exceptions + returns + floatingPoint + registers + slices + messages + leases + notifications
    + timers + supervision + memoryNeighbours + exceptionNeighbours + floatingPointNeighbours
    + leaseNeighbours + interruptNeighbours + timerNeighbours + supervisionNeighbours
}

/// What did not happen as the rule says.
public struct CaseFailure: Error, CustomStringConvertible {
  public var description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Why the board or QEMU cannot show a case, found out only while it ran.
struct CaseLimit: Error, CustomStringConvertible {
  var description: String
}
