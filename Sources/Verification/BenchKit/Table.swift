// BenchKit/Table.swift: the figures and the peers as text for a terminal.
// It only formats: every number comes from `Figures` or `Peer`.

extension Figures {
  /// The figures in one phrase, as the README begins.
  public var summary: String {
    """
    \(kernelFlashBytes) bytes of flash and \(kernelRAMBytes) bytes of RAM with 8 tasks; request and \
    reply take \(roundTripInstructions) instructions
    """
  }

  /// The figures, each with its goal.
  public var table: String {
    var lines = ["Apus on \(board), counted exactly", ""]
    for row in rows {
      let bound =
        row.bound == .max
        ? "" : "  (goal \(row.bound)\(row.value <= row.bound ? ")" : ": missed)")"
      let unit = bound.isEmpty ? row.unit : row.unit.padded(14)
      lines.append("\(row.title.padded(26))\(row.value.right(7)) \(unit)\(bound)")
    }
    return lines.joined(separator: "\n")
  }

  /// Our row among those of other systems: the unprotected first, then by the length of the round trip.
  public var comparison: String {
    var lines = [Self.heading]
    let own = Self.line(
      "Apus", "MPU", kernelFlashBytes, kernelRAMBytes, nil, roundTripInstructions,
      roundTripExceptions,
      resetToFirstTaskInstructions)
    lines += Peer.all.filter { !$0.isProtected }.map(Self.line)
    lines += [own] + Peer.all.filter(\.isProtected).map(Self.line)
    return lines.joined(separator: "\n")
  }

  private static let heading = [
    "system".padded(36), "apart", "flash B", "RAM B", "a task", "round trip", "exceptions", "reset",
  ].joined(separator: "  ")

  private static func line(_ peer: Peer) -> String {
    line(
      peer.name, peer.isProtected ? "MPU" : "no", peer.flashBytes, peer.ramBytes,
      peer.ramBytesPerTask, peer.roundTripInstructions, peer.roundTripExceptions,
      peer.resetInstructions)
  }

  private static func line(
    _ name: String, _ apart: String, _ flash: Int, _ ram: Int?, _ perTask: Int?, _ trip: Int?,
    _ exceptions: Int?, _ reset: Int?
  ) -> String {
    [
      name.padded(36), apart.padded(5), flash.right(7), ram.right(5), perTask.right(6),
      trip.right(10), exceptions.right(10), reset.right(5),
    ].joined(separator: "  ")
  }
}

extension String {
  /// The text with blanks up to `width`.
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

extension Int {
  /// The number at the right end of `width` columns.
  func right(_ width: Int) -> String {
    let text = String(self)
    return String(repeating: " ", count: Swift.max(0, width - text.count)) + text
  }
}

extension Int? {
  /// The number at the right end of `width` columns, a dash for none.
  func right(_ width: Int) -> String {
    self?.right(width) ?? String(repeating: " ", count: width - 1) + "-"
  }
}
