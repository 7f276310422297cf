// ImagePlan/App.swift: a manifest on a board, every name resolved and every rule checked.
// Whoever holds an `App` holds one that only memory can still refuse.

/// An app made for one board.
public struct App: Sendable {
  /// The app's name.
  public var name: String
  /// The manifest's file, as errors should show it.
  public var file: String
  /// The board.
  public var board: Board
  /// The period of the kernel's clock in microseconds.
  public var tickMicroseconds: Int
  /// The tasks, most important first, without idle.
  public var tasks: [Task]

  /// A task with its names resolved.
  public struct Task: Sendable {
    /// The name in messages.
    public var name: String
    /// Where the manifest names it.
    public var location: SourceLocation
    /// The folder with its sources, which is also the name of its struct.
    public var folder: String
    /// Its module: app and folder.
    public var module: String
    /// The stack's size in bytes, a multiple of 8.
    public var stackBytes: Int
    /// Where the manifest states the stack's size.
    public var stackLocation: SourceLocation
    /// How many bytes it keeps from one life to the next, a multiple of 4; 0 for none.
    public var keptBytes: Int
    /// Its notifications; the position is the bit.
    public var notifications: [String]
    /// The devices it owns.
    public var peripherals: [Board.Peripheral]
    /// The interrupts it owns.
    public var interrupts: [Interrupt]
    /// The indices of those it may send to, ascending; all below its own.
    public var calls: [Int]
    /// The indices of those it may post to, ascending.
    public var notifies: [Int]
    /// Those of its notifications that some task may post to it, as a mask.
    public var postable: UInt32 = 0

    /// The bytes above the stack: those that it keeps, and the header that says whether they hold.
    public var keptWindowBytes: Int { keptBytes == 0 ? 0 : App.keptHeaderBytes + keptBytes }
    /// All that it has of RAM.
    public var ramBytes: Int { stackBytes + keptWindowBytes }
  }

  /// An interrupt that posts a notification.
  public struct Interrupt: Equatable, Sendable {
    /// The board's name of the interrupt.
    public var name: String
    /// The line as the NVIC counts, from 0.
    public var number: Int
    /// The owner's notification, as its bit (0...31).
    public var bit: Int
  }

  /// The number of tasks with idle, as the kernel counts.
  public var taskCount: Int { tasks.count + 1 }

  /// The smallest stack: one exception frame, one saved frame of the start code, and a little.
  public static func minimumStackBytes(on board: Board) -> Int {
    board.hasFloatingPoint ? 192 : 96
  }

  /// The words before the bytes that a task keeps, as `Apus.Kept` lays them out.
  static let keptHeaderBytes = 8
  /// The most that a task may keep: each look at it takes time for each byte, and the simulator's
  /// tasks have 32 KB in all.
  static let maximumKeptBytes = 16 * 1024

  /// Resolves `manifest` on `board`.
  ///
  /// - Throws: `PlanError` for the first rule that the manifest breaks, in the order of the file.
  public init(_ manifest: Manifest, on board: Board) throws(PlanError) {
    name = manifest.name.value
    file = manifest.file
    self.board = board
    tickMicroseconds = manifest.tickMicroseconds.value
    tasks = []
    try Self.checkHead(of: manifest, on: board)
    try Self.checkNames(of: manifest)
    let names = manifest.tasks.map(\.name.value)
    for (index, entry) in manifest.tasks.enumerated() {
      try Self.checkStack(of: entry, on: board)
      try Self.checkKept(of: entry)
      try Self.checkNotifications(of: entry, isSupervisor: index == 0)
      tasks.append(
        Task(
          name: entry.name.value, location: entry.name.location, folder: entry.folder.value,
          module: Identifier.upperCamelCase(manifest.name.value) + entry.folder.value,
          stackBytes: entry.stack.value, stackLocation: entry.stack.location,
          keptBytes: entry.keeps?.value ?? 0,
          notifications: entry.notifications.map(\.value),
          peripherals: try Self.peripherals(of: entry, on: board),
          interrupts: try Self.interrupts(of: entry, on: board),
          calls: try Self.peers(entry.calls, of: entry, index: index, names: names, uphill: true),
          notifies: try Self.peers(
            entry.notifies.map(\.peer), of: entry, index: index, names: names, uphill: false)))
    }
    for entry in manifest.tasks {
      for posting in entry.notifies {
        guard let target = names.firstIndex(of: posting.peer.value) else { continue }
        tasks[target].postable |= try Self.postedBits(
          posting, of: entry, to: tasks[target], isSupervisor: target == 0)
      }
    }
    try Self.checkOwners(manifest, on: board)
  }
}
