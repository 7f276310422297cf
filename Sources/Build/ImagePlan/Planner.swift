// ImagePlan/Planner.swift: app + measured sizes -> plan: who lies where, and the MPU's words for it.
// Pure: the same app and sizes give the same plan. Order is never changed to save a few bytes, so
// that an address map reads like the manifest.

/// What a link of the kernel showed.
public struct KernelLayout: Equatable, Sendable {
  /// Vectors, code, constants and tables.
  public var flash: Window
  /// Stack, state, idle's stack and the reset record.
  public var ram: Window
  /// The tables inside `flash`.
  public var tables: Window
  /// The first byte of idle's code: 32 bytes at a multiple of 32.
  public var idleCode: UInt32
  /// Idle's stack.
  public var idleStack: Window

  /// Describes a linked kernel.
  public init(
    flash: Window, ram: Window, tables: Window, idleCode: UInt32, idleStack: Window
  ) {
    self.flash = flash
    self.ram = ram
    self.tables = tables
    self.idleCode = idleCode
    self.idleStack = idleStack
  }
}

/// What a link of a task showed.
public struct TaskLayout: Equatable, Sendable {
  /// Bytes of code and constants; the first is that of the first instruction.
  public var flashBytes: UInt32

  /// Describes a linked task.
  public init(flashBytes: UInt32) {
    self.flashBytes = flashBytes
  }
}

extension Plan {
  /// Plans `app`, whose kernel and tasks have these sizes; `tasks` in the manifest's order.
  ///
  /// - Throws: `PlanError` when a memory is too small, with how much each part takes.
  public init(
    _ app: App, kernel: KernelLayout, tasks layouts: [TaskLayout]
  ) throws(PlanError) {
    version = Self.currentVersion
    self.app = app.name
    board = app.board
    tickMicroseconds = app.tickMicroseconds
    self.kernel = KernelPart(flash: kernel.flash, ram: kernel.ram, tables: kernel.tables)
    tasks = []
    var flashPosition = kernel.flash.end
    var ramPosition = kernel.ram.end
    for (index, task) in app.tasks.enumerated() {
      let part = try Self.place(
        task, index: index, layout: layouts[index], on: app.board, flash: flashPosition,
        ram: ramPosition)
      flashPosition = part.paddedFlash.end
      ramPosition = part.paddedRAM.end
      tasks.append(part)
    }
    tasks.append(try Self.idle(kernel, index: app.tasks.count, board: app.board))
    interrupts = Self.interrupts(of: app)
    try checkFit(app)
  }

  /// Finds room for one task behind what is taken, as if the memories had no end.
  private static func place(
    _ task: App.Task, index: Int, layout: TaskLayout, on board: Board, flash: UInt64, ram: UInt64
  ) throws(PlanError) -> TaskPart {
    let available = board.regionCount - task.peripherals.count
    let anywhere = UInt64(1) << 32
    // Every way to share the free slots between code and stack, and the one that wastes least.
    typealias Place = (window: Window, regions: [Region])
    var best: (code: Place, stack: Place)?
    for limit in 1..<available {
      guard
        let code = Cover.place(
          size: layout.flashBytes, from: flash, to: anywhere, limit: limit),
        let stack = Cover.place(
          size: UInt32(truncatingIfNeeded: task.ramBytes), from: ram, to: anywhere,
          limit: available - limit)
      else { continue }
      let end = code.window.end + stack.window.end
      if best.map({ end < $0.code.window.end + $0.stack.window.end }) ?? true {
        best = (code, stack)
      }
    }
    guard let (code, stack) = best else {
      throw PlanError(
        "task '\(task.name)' fits nowhere below 4 GB: \(layout.flashBytes) bytes of code, "
          + "\(task.ramBytes) of stack and kept memory",
        at: task.stackLocation, try: "a smaller stack")
    }
    var slots = code.regions.map { ($0, RegionWords.Access.execute) }
    slots += stack.regions.map { ($0, .readWrite) }
    for device in task.peripherals {
      slots += (Cover.regions(for: device.window, limit: 1) ?? []).map { ($0, .device) }
    }
    let stackTop = stack.window.base + UInt32(truncatingIfNeeded: task.stackBytes)
    let keptBytes = UInt32(truncatingIfNeeded: task.keptWindowBytes)
    return TaskPart(
      name: task.name, index: index, folder: task.folder, elf: "\(task.name).elf",
      flash: Window(base: code.window.base, size: layout.flashBytes),
      ram: Window(base: stack.window.base, size: UInt32(truncatingIfNeeded: task.ramBytes)),
      paddedFlash: code.window, paddedRAM: stack.window,
      entry: code.window.base, stackTop: stackTop,
      stackBytes: task.stackBytes,
      kept: keptBytes == 0 ? nil : Window(base: stackTop, size: keptBytes), calls: task.calls,
      notifies: task.notifies, postable: task.postable, notifications: task.notifications,
      peripherals: task.peripherals,
      regions: words(slots, count: board.regionCount))
  }

  private static func words(
    _ slots: [(Region, RegionWords.Access)], count: Int
  ) -> [RegionWords] {
    (0..<count).map { slot in
      slot < slots.count
        ? RegionWords(slots[slot].0, access: slots[slot].1, slot: slot) : .unused(slot: slot)
    }
  }

  private static func idle(
    _ kernel: KernelLayout, index: Int, board: Board
  ) throws(PlanError) -> TaskPart {
    let code = Window(base: kernel.idleCode, size: 32)
    guard let codeRegions = Cover.regions(for: code, limit: 1),
      let stackRegions = Cover.regions(for: kernel.idleStack, limit: 2)
    else {
      throw PlanError(
        "the kernel's idle task cannot be enclosed: code \(code), stack \(kernel.idleStack)",
        try: "alignment to 32 bytes in the kernel's linker script")
    }
    let slots =
      codeRegions.map { ($0, RegionWords.Access.execute) }
      + stackRegions.map { ($0, RegionWords.Access.readWrite) }
    return TaskPart(
      name: "idle", index: index, folder: "", elf: "", flash: code, ram: kernel.idleStack,
      paddedFlash: code, paddedRAM: kernel.idleStack, entry: kernel.idleCode,
      stackTop: UInt32(truncatingIfNeeded: kernel.idleStack.end),
      stackBytes: Int(kernel.idleStack.size), calls: [], notifies: [], postable: 0,
      notifications: [], peripherals: [], regions: words(slots, count: board.regionCount))
  }

  /// The owned lines, ascending; two names of one line have been found to agree.
  private static func interrupts(of app: App) -> [InterruptPart] {
    var found: [InterruptPart] = []
    for (index, task) in app.tasks.enumerated() {
      for line in task.interrupts where !found.contains(where: { $0.number == line.number }) {
        found.append(
          InterruptPart(
            name: line.name, number: line.number, task: index, notification: line.bit))
      }
    }
    return found.sorted { $0.number < $1.number }
  }

  /// Refuses a plan that leaves a memory, and says who takes how much of it.
  private func checkFit(_ app: App) throws(PlanError) {
    try checkFit(
      app, "flash", in: board.flash, kernel: kernel.flash, of: \.paddedFlash,
      cure: "fewer or smaller tasks: 'footprint report' names the largest symbols")
    try checkFit(
      app, "ram", in: board.ram, kernel: kernel.ram, of: \.paddedRAM,
      cure: "smaller stacks: 'footprint stack' says how deep each task gets")
  }

  private func checkFit(
    _ app: App, _ name: String, in memory: Window, kernel: Window,
    of part: KeyPath<TaskPart, Window>, cure: String
  ) throws(PlanError) {
    let own = tasks.dropLast()
    let end = max(kernel.end, own.map { $0[keyPath: part].end }.max() ?? 0)
    guard end > memory.end else { return }
    let first = own.first { $0[keyPath: part].end > memory.end }
    let sizes = own.sorted { $0[keyPath: part].size > $1[keyPath: part].size }
      .map { "\($0.name) \($0[keyPath: part].size)" }
    throw PlanError(
      "\(name) of '\(board.name)' overflows by \(end - memory.end) bytes: "
        + "\(end - UInt64(memory.base)) are needed, \(memory.size) exist",
      at: first.map { app.tasks[$0.index].location }
        ?? SourceLocation(file: app.file, line: 1),
      context: ["kernel \(kernel.size), \(sizes.joined(separator: ", "))"], try: cure)
  }
}
