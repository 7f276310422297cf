// ImagePlan/Manifest.swift: an app as its author wrote it: names with their lines, not yet resolved.
// What a name means is decided by `App`, which knows the board.

/// The contents of an app.yaml.
public struct Manifest: Sendable {
  /// The file, as errors should show it.
  public var file: String
  /// The app's name, which is its folder's in lower case.
  public var name: Located<String>
  /// The boards it is made for; the first is the default.
  public var boards: [Located<String>]
  /// The period of the kernel's clock in microseconds.
  public var tickMicroseconds: Located<Int>
  /// The tasks, most important first; the first is the supervisor.
  public var tasks: [Task]

  /// A task's entry.
  public struct Task: Sendable {
    /// The name in messages and in other entries.
    public var name: Located<String>
    /// The folder with its sources, which is also the name of its struct.
    public var folder: Located<String>
    /// The stack's size in bytes.
    public var stack: Located<Int>
    /// How many bytes it keeps from one life to the next; `nil` for none.
    public var keeps: Located<Int>?
    /// Its notifications; the position is the bit.
    public var notifications: [Located<String>]
    /// The devices it owns.
    public var peripherals: [Located<String>]
    /// The interrupts it owns, and which of its notifications each posts.
    public var interrupts: [Interrupt]
    /// Whom it may send to.
    public var calls: [Located<String>]
    /// Whom it may post to, and what.
    public var notifies: [Posting]
    /// Those of its devices that it may have although they move memory past the MPU.
    public var dma: [Located<String>]
  }

  /// A task that may be posted to, and which of its notifications.
  public struct Posting: Sendable {
    /// The name of the task.
    public var peer: Located<String>
    /// Its names of the notifications.
    public var notifications: [Located<String>]
  }

  /// An interrupt and the notification that it posts.
  public struct Interrupt: Sendable {
    /// The board's name of the interrupt.
    public var name: Located<String>
    /// The owner's name of the notification.
    public var notification: Located<String>
  }

  /// Reads `text`, the contents of `file`.
  ///
  /// - Throws: `PlanError` for what is no manifest: unknown or missing keys, values of the wrong kind.
  public init(parsing text: String, file: String) throws(PlanError) {
    let fields = try Fields(
      Document(parsing: text, file: file, subject: "app"),
      known: ["app", "boards", "tick", "tasks"])
    self.file = file
    name = try fields.required("app", example: "hello").text("app")
    boards = try Self.names(fields.required("boards", example: "[mps2-an385]"), "boards")
    let tick = try fields["tick"]?.quantity("tick", example: "1 ms", Quantity.microseconds)
    tickMicroseconds = tick ?? Located(1_000, at: name.location)
    let list = try fields.required("tasks", example: "a list of tasks, the supervisor first")
    tasks = []
    for item in try list.items("tasks") { tasks.append(try Self.task(item)) }
    guard !boards.isEmpty else {
      throw PlanError("app: no board is listed", at: name.location, try: "boards: [mps2-an385]")
    }
    guard !tasks.isEmpty else {
      throw PlanError(
        "app: there is no supervisor, the list of tasks is empty", at: list.location,
        try: "a first task that restarts the others")
    }
  }

  private static func task(_ document: Document) throws(PlanError) -> Task {
    let unnamed = document.named("task")
    var subject = "task"
    for (key, value) in try unnamed.entries("task") where key.value == "name" {
      subject = "task '\(try value.text("name").value)'"
    }
    let fields = try Fields(
      document.named(subject),
      known: [
        "name", "folder", "stack", "keeps", "notifications", "peripherals", "interrupts", "calls",
        "notifies", "dma",
      ])
    let name = try fields.required("name", example: "sensor").text("name")
    var interrupts: [Interrupt] = []
    for (key, value) in try fields["interrupts"]?.entries("interrupts") ?? [] {
      interrupts.append(Interrupt(name: key, notification: try value.text("notification")))
    }
    var notifies: [Posting] = []
    for (key, value) in try fields["notifies"]?
      .entries("notifies", example: "{ shell: [input] }") ?? []
    {
      let bits = try names(value, "notifies", example: "{ \(key.value): [input] }")
      notifies.append(Posting(peer: key, notifications: bits))
    }
    return Task(
      name: name,
      folder: try fields["folder"]?.text("folder")
        ?? Located(Identifier.upperCamelCase(name.value), at: name.location),
      stack: try fields.required("stack", example: "512")
        .quantity("stack", example: "512", Quantity.bytes),
      keeps: try fields["keeps"]?.quantity("keeps", example: "16 B", Quantity.bytes),
      notifications: try names(fields["notifications"], "notifications"),
      peripherals: try names(fields["peripherals"], "peripherals"),
      interrupts: interrupts,
      calls: try names(fields["calls"], "calls"),
      notifies: notifies,
      dma: try names(fields["dma"], "dma"))
  }

  private static func names(
    _ document: Document?, _ what: String, example: String = "[first, second]"
  ) throws(PlanError) -> [Located<String>] {
    var found: [Located<String>] = []
    for item in try document?.items(what, example: example) ?? [] {
      let name = try item.text("an entry of \(what)")
      if found.contains(where: { $0.value == name.value }) {
        throw PlanError(
          "\(item.subject): '\(name.value)' stands twice in \(what)", at: name.location,
          try: "'\(name.value)' once")
      }
      found.append(name)
    }
    return found
  }
}
