// ImagePlan/AppRules.swift: the rules that a manifest must keep, each with its refusal.
// One function a rule, in the order in which a reader meets the fields; memory is not looked at.

import ApusABI

extension App {
  static func checkHead(of manifest: Manifest, on board: Board) throws(PlanError) {
    guard Identifier.isName(manifest.name.value) else {
      throw PlanError(
        "app: the name '\(manifest.name.value)' cannot be used", at: manifest.name.location,
        try: "lower-case letters, digits and hyphens, a letter first")
    }
    guard manifest.boards.contains(where: { $0.value == board.name }) else {
      throw PlanError(
        "app '\(manifest.name.value)' is not made for board '\(board.name)'",
        at: manifest.boards[0].location,
        try: "\(manifest.boards.map(\.value).joined(separator: " or ")), or add it to 'boards'")
    }
    let tick = manifest.tickMicroseconds
    let clocks = tick.value.multipliedReportingOverflow(by: board.clockHertz)
    let isWhole = !clocks.overflow && clocks.partialValue.isMultiple(of: 1_000_000)
    if isWhole { try checkTick(clocks.partialValue / 1_000_000, of: manifest, on: board) }
    guard isWhole, (1...1 << 24).contains(clocks.partialValue / 1_000_000)
    else {
      let longest = (1 << 24) * 1_000 / (board.clockHertz / 1_000)
      throw PlanError(
        "app: a tick of \(tick.value) us cannot be made on '\(board.name)'", at: tick.location,
        context: ["its timer counts up to 16777216 whole clocks of \(board.clockHertz) Hz"],
        try: "1 ms, or anything up to \(longest) us that is a whole number of clocks")
    }
    let most = Limit.taskCount - 1
    guard manifest.tasks.count <= most else {
      throw PlanError(
        "app: there are \(manifest.tasks.count) tasks, at most \(most) and idle fit",
        at: manifest.tasks[most].name.location, try: "one task for two jobs")
    }
  }

  /// A tick that is no longer than the kernel's longest stay may be lost.
  private static func checkTick(
    _ clocks: Int, of manifest: Manifest, on board: Board
  ) throws(PlanError) {
    let names = manifest.tasks.flatMap { $0.interrupts.map(\.name.value) }
    let lines = Set(board.interrupts.filter { names.contains($0.name) }.map(\.number)).count
    let stay = KernelTime.longestStay(
      tasks: manifest.tasks.count, interrupts: lines, hasFloatingPoint: board.hasFloatingPoint)
    guard clocks <= stay.cycles else { return }
    // The first number of microseconds above it that is a whole number of clocks.
    var least = stay.cycles * 1_000_000 / board.clockHertz + 1
    while !(least * board.clockHertz).isMultiple(of: 1_000_000) { least += 1 }
    throw PlanError(
      "app: a tick of \(manifest.tickMicroseconds.value) us is too short, the least is "
        + "\(least) us on '\(board.name)'",
      at: manifest.tickMicroseconds.location,
      context: [
        "it is \(clocks) clocks of \(board.clockHertz) Hz; the kernel may keep a tick waiting "
          + "for \(stay.cycles)",
        "that is \(stay.way), \(stay.instructions) instructions with \(manifest.tasks.count) "
          + "tasks and \(lines) interrupts",
      ],
      try: "tick: "
        + (least < 1_000 && board.clockHertz.isMultiple(of: 1_000) ? "1 ms" : "\(least) us"))
  }

  static func checkNames(of manifest: Manifest) throws(PlanError) {
    for (index, task) in manifest.tasks.enumerated() {
      guard Identifier.isName(task.name.value) else {
        throw PlanError(
          "the task name '\(task.name.value)' cannot be used", at: task.name.location,
          try: "lower-case letters, digits and hyphens, a letter first")
      }
      guard !reservedNames.contains(task.name.value) else {
        throw PlanError(
          "the task name '\(task.name.value)' is the kernel's own", at: task.name.location,
          try: "another name")
      }
      guard Identifier.isTypeName(task.folder.value) else {
        throw PlanError(
          "task '\(task.name.value)': the folder '\(task.folder.value)' cannot name a struct",
          at: task.folder.location, try: "folder: \(Identifier.upperCamelCase(task.name.value))")
      }
      for other in manifest.tasks[..<index] {
        guard other.name.value != task.name.value else {
          throw PlanError(
            "two tasks are called '\(task.name.value)'", at: task.name.location,
            context: ["the other is at line \(other.name.location.line)"], try: "another name")
        }
        guard other.folder.value.lowercased() != task.folder.value.lowercased() else {
          throw PlanError(
            "tasks '\(other.name.value)' and '\(task.name.value)' share the folder "
              + "'\(task.folder.value)'",
            at: task.folder.location, try: "a folder for each: their modules differ by it")
        }
      }
    }
  }

  static func checkStack(of task: Manifest.Task, on board: Board) throws(PlanError) {
    let least = minimumStackBytes(on: board)
    guard task.stack.value >= least else {
      throw PlanError(
        "task '\(task.name.value)': a stack of \(task.stack.value) bytes is too small, "
          + "\(least) is the least on '\(board.name)'",
        at: task.stack.location,
        context: ["an exception alone stores \(board.hasFloatingPoint ? 104 : 32) bytes there"],
        try: "stack: 512, then what 'footprint stack' says")
    }
    guard task.stack.value <= Int(board.ram.size) else {
      throw PlanError(
        "task '\(task.name.value)': a stack of \(task.stack.value) bytes is larger than the ram of "
          + "'\(board.name)', \(board.ram.size) bytes",
        at: task.stack.location, try: "stack: 512, then what 'footprint stack' says")
    }
    guard task.stack.value.isMultiple(of: 8) else {
      throw PlanError(
        "task '\(task.name.value)': a stack of \(task.stack.value) bytes is no multiple of 8",
        at: task.stack.location, try: "stack: \((task.stack.value + 7) / 8 * 8)")
    }
  }

  static func checkKept(of task: Manifest.Task) throws(PlanError) {
    guard let keeps = task.keeps else { return }
    guard (1...maximumKeptBytes).contains(keeps.value) else {
      throw PlanError(
        "task '\(task.name.value)': it cannot keep \(keeps.value) bytes, "
          + "4 to \(maximumKeptBytes) can be kept",
        at: keeps.location,
        try: keeps.value < 1 ? "no 'keeps' for a task that keeps nothing" : "keeps: 16 B")
    }
    guard keeps.value.isMultiple(of: 4) else {
      throw PlanError(
        "task '\(task.name.value)': \(keeps.value) bytes to keep are no multiple of 4",
        at: keeps.location, context: ["they are read and written a word at a time"],
        try: "keeps: \((keeps.value + 3) / 4 * 4)")
    }
  }

  static func checkNotifications(
    of task: Manifest.Task, isSupervisor: Bool
  ) throws(PlanError) {
    guard task.notifications.count <= 32 else {
      throw PlanError(
        "task '\(task.name.value)': there are \(task.notifications.count) notifications, "
          + "at most 32 fit",
        at: task.notifications[32].location, try: "one bit for two events")
    }
    for (index, name) in task.notifications.enumerated() {
      guard Identifier.isName(name.value) else {
        throw PlanError(
          "task '\(task.name.value)': the notification '\(name.value)' cannot be used",
          at: name.location, try: "lower-case letters, digits and hyphens, a letter first")
      }
      let word = Identifier.lowerCamelCase(name.value)
      if let other = task.notifications[..<index].first(where: {
        Identifier.lowerCamelCase($0.value) == word
      }) {
        throw PlanError(
          "task '\(task.name.value)': '\(other.value)' and '\(name.value)' have one name in Swift, "
            + "'\(word)'",
          at: name.location, try: "names that differ by more than a hyphen")
      }
    }
    guard !isSupervisor || task.notifications.first?.value == "fault" else {
      throw PlanError(
        "task '\(task.name.value)': the supervisor's first notification must be 'fault'",
        at: task.notifications.first?.location ?? task.name.location,
        context: ["the first task is the supervisor; the kernel posts its bit 0 at each fault"],
        try:
          "notifications: [\((["fault"] + task.notifications.map(\.value).filter { $0 != "fault" }).joined(separator: ", "))]"
      )
    }
  }

  static func peripherals(
    of task: Manifest.Task, on board: Board
  ) throws(PlanError) -> [Board.Peripheral] {
    var found: [Board.Peripheral] = []
    for name in task.peripherals {
      guard let device = board.peripherals.first(where: { $0.name == name.value }) else {
        throw PlanError(
          "task '\(task.name.value)': board '\(board.name)' has no peripheral '\(name.value)'",
          at: name.location,
          try: Spelling.advice(for: name.value, in: board.peripherals.map(\.name)))
      }
      guard !device.movesMemory || task.dma.contains(where: { $0.value == name.value }) else {
        throw PlanError(
          "task '\(task.name.value)': peripheral '\(name.value)' moves memory by itself, past the MPU",
          at: name.location, context: ["its owner can read and write every task and the kernel"],
          try: "dma: [\(name.value)] in this task, if it is trusted with all memory")
      }
      found.append(device)
    }
    for name in task.dma {
      guard found.contains(where: { $0.name == name.value && $0.movesMemory }) else {
        throw PlanError(
          "task '\(task.name.value)': 'dma' names '\(name.value)', no such device of this task "
            + "moves memory",
          at: name.location, try: "only peripherals of this task that board.yaml marks with dma")
      }
    }
    // Each device takes a region; code and stack need one each at least.
    guard found.count + 2 <= board.regionCount else {
      throw PlanError(
        "task '\(task.name.value)': \(found.count) peripherals, code and stack need "
          + "\(found.count + 2) MPU regions, '\(board.name)' has \(board.regionCount)",
        at: task.peripherals[0].location, try: "a second task for some of the peripherals")
    }
    return found
  }

  static func interrupts(
    of task: Manifest.Task, on board: Board
  ) throws(PlanError) -> [Interrupt] {
    var found: [Interrupt] = []
    for entry in task.interrupts {
      guard let line = board.interrupts.first(where: { $0.name == entry.name.value }) else {
        throw PlanError(
          "task '\(task.name.value)': board '\(board.name)' has no interrupt '\(entry.name.value)'",
          at: entry.name.location,
          try: Spelling.advice(for: entry.name.value, in: board.interrupts.map(\.name)))
      }
      let names = task.notifications.map(\.value)
      guard let bit = names.firstIndex(of: entry.notification.value) else {
        throw PlanError(
          "task '\(task.name.value)': interrupt '\(entry.name.value)' posts "
            + "'\(entry.notification.value)', which is no notification of this task",
          at: entry.notification.location,
          try: Spelling.advice(for: entry.notification.value, in: names))
      }
      found.append(Interrupt(name: line.name, number: line.number, bit: bit))
    }
    return found
  }

  static func peers(
    _ list: [Located<String>], of task: Manifest.Task, index: Int, names: [String], uphill: Bool
  ) throws(PlanError) -> [Int] {
    let what = uphill ? "calls" : "notifies"
    var found: [Int] = []
    for peer in list {
      guard let target = names.firstIndex(of: peer.value) else {
        throw PlanError(
          "task '\(task.name.value)' \(what) '\(peer.value)', which is no task",
          at: peer.location,
          try: Spelling.advice(for: peer.value, in: names.filter { $0 != task.name.value }))
      }
      guard target != index else {
        throw PlanError(
          "task '\(task.name.value)' \(what) itself", at: peer.location,
          try: uphill ? "a function call" : "a variable")
      }
      guard !uphill || target < index else {
        throw PlanError(
          "task '\(task.name.value)' (priority \(index)) calls '\(peer.value)' "
            + "(priority \(target)), which is less important",
          at: peer.location,
          context: ["a task waits only for more important ones: no ring, no deadlock"],
          try: "'notifies', and let '\(peer.value)' call; or list '\(peer.value)' above "
            + "'\(task.name.value)'")
      }
      found.append(target)
    }
    return found.sorted()
  }

  /// What `task` may post to `target`, as a mask: nothing that an interrupt or the kernel posts.
  static func postedBits(
    _ posting: Manifest.Posting, of task: Manifest.Task, to target: Task, isSupervisor: Bool
  ) throws(PlanError) -> UInt32 {
    let which = "task '\(task.name.value)' notifies '\(target.name)'"
    let free = target.notifications.indices.filter { bit in
      !(isSupervisor && bit == 0) && !target.interrupts.contains { $0.bit == bit }
    }.map { target.notifications[$0] }
    guard !posting.notifications.isEmpty else {
      throw PlanError(
        "\(which) of nothing", at: posting.peer.location,
        try: "\(target.name): [\(free.last ?? "a notification of its own")]")
    }
    var bits: UInt32 = 0
    for name in posting.notifications {
      guard let bit = target.notifications.firstIndex(of: name.value) else {
        throw PlanError(
          "\(which) of '\(name.value)', which is no notification of '\(target.name)'",
          at: name.location, try: Spelling.advice(for: name.value, in: free))
      }
      let source: String? =
        isSupervisor && bit == 0
        ? "the kernel alone"
        : target.interrupts.first { $0.bit == bit }.map { "interrupt '\($0.name)'" }
      if let source {
        throw PlanError(
          "\(which) of '\(name.value)', which \(source) posts", at: name.location,
          context: ["what a task may post, it can forge"],
          try: "another notification of '\(target.name)' for this")
      }
      bits |= 1 << UInt32(bit)
    }
    return bits
  }

  static func checkOwners(_ manifest: Manifest, on board: Board) throws(PlanError) {
    var devices: [String: Located<String>] = [:]
    var lines: [Int: (task: Located<String>, entry: Manifest.Interrupt)] = [:]
    for task in manifest.tasks {
      for name in task.peripherals {
        if let owner = devices[name.value] {
          throw PlanError(
            "peripheral '\(name.value)' has two owners, '\(owner.value)' and '\(task.name.value)'",
            at: name.location, context: ["the other is at line \(owner.location.line)"],
            try: "one of them, and messages from the other")
        }
        devices[name.value] = Located(task.name.value, at: name.location)
      }
      for entry in task.interrupts {
        guard let line = board.interrupts.first(where: { $0.name == entry.name.value }) else {
          continue
        }
        if let other = lines[line.number] {
          try checkShared(line.number, other, (task.name, entry))
        }
        lines[line.number] = (task.name, entry)
      }
    }
  }

  /// Two names of one line may stand together only where they mean the same.
  private static func checkShared(
    _ number: Int, _ first: (task: Located<String>, entry: Manifest.Interrupt),
    _ second: (task: Located<String>, entry: Manifest.Interrupt)
  ) throws(PlanError) {
    let names =
      first.entry.name.value == second.entry.name.value
      ? "interrupt '\(first.entry.name.value)'"
      : "interrupt \(number), '\(first.entry.name.value)' and '\(second.entry.name.value)',"
    guard first.task.value == second.task.value else {
      throw PlanError(
        "\(names) has two owners, '\(first.task.value)' and '\(second.task.value)'",
        at: second.entry.name.location,
        context: ["the other is at line \(first.entry.name.location.line)"],
        try: "one of them, and 'notifies' to the other")
    }
    guard first.entry.notification.value == second.entry.notification.value else {
      throw PlanError(
        "task '\(second.task.value)': \(names) posts two notifications, "
          + "'\(first.entry.notification.value)' and '\(second.entry.notification.value)'",
        at: second.entry.name.location,
        context: ["one line of the board can post one bit"],
        try: "\(second.entry.name.value): \(first.entry.notification.value)")
    }
  }

  private static let reservedNames = ["idle", "kernel"]
}
