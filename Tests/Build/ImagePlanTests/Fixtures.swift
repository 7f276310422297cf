// ImagePlanTests/Fixtures.swift: a small board and a small app, to be changed line by line.

import ImagePlan

enum Fixture {
  /// A board with 8 KB of flash and 4 KB of RAM; line 11 is `interrupts:`.
  static let board = """
    name: toy
    cpu: cortex-m3
    clock: 25 MHz
    interruptCount: 32
    mpuRegions: 8
    flash: { base: 0, size: 8 KB }
    ram: { base: 0x2000_0000, size: 4 KB }
    peripherals:
      uart: { base: 0x4000_4000, size: 4 KB, driver: cmsdk }
      ether: { base: 0x4002_0000, size: 4 KB, dma: true }
    interrupts:
      uart-rx: 0
      uart-tx: 1
      both-rx: 5
      both-tx: 5
    qemu: { machine: toy }
    """

  /// Three tasks; line 5 is the supervisor's entry, 8 the driver's, 13 the shell's.
  static let app = """
    app: demo
    boards: [toy]
    tick: 1 ms
    tasks:
      - name: supervisor
        stack: 256
        notifications: [fault, timer]
      - name: driver
        stack: 256
        notifications: [rx, tx, go]
        peripherals: [uart]
        interrupts: { uart-rx: rx, uart-tx: tx }
      - name: shell
        stack: 512
        calls: [driver, supervisor]
        notifies: { driver: [go] }
    """

  static func parsedBoard(_ text: String = board) throws(PlanError) -> Board {
    try Board(parsing: text, file: "board.yaml")
  }

  static func parsedApp(
    _ text: String = app, board: String = Fixture.board
  ) throws(PlanError) -> App {
    try App(Manifest(parsing: text, file: "app.yaml"), on: parsedBoard(board))
  }

  /// A linked kernel of 3,000 bytes of flash and 800 of RAM.
  static let kernel = KernelLayout(
    flash: Window(base: 0, size: 3000), ram: Window(base: 0x2000_0000, size: 800),
    tables: Window(base: 2400, size: 600), idleCode: 0x100,
    idleStack: Window(base: 0x2000_0100, size: 32))
}

extension String {
  /// The text with one part changed; the part must be there.
  func changing(_ part: String, to other: String) -> String {
    precondition(contains(part), "'\(part)' is not in the fixture")
    return replacingOccurrences(part, other)
  }

  private func replacingOccurrences(_ part: String, _ other: String) -> String {
    split(separator: part, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: other)
  }
}
