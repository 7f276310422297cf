// FuzzTargets/Manifest/Fuzz.swift: what libFuzzer calls with each input for the planner.
// A text is planned or refused in words; anything else is a crash.

import ImagePlan

/// A board for the inputs that bring none.
private let plainBoard = """
  name: toy
  cpu: cortex-m3
  clock: 25 MHz
  interruptCount: 32
  mpuRegions: 8
  flash: { base: 0, size: 64 KB }
  ram: { base: 0x2000_0000, size: 32 KB }
  peripherals:
    uart: { base: 0x4000_4000, size: 4 KB, driver: cmsdk }
    timer0: { base: 0x4000_0000, size: 4 KB, driver: cmsdk }
    ether: { base: 0x4002_0000, size: 4 KB, dma: true }
  interrupts:
    uart-rx: 0
    uart-tx: 1
    timer0: 8
  qemu: { machine: toy }
  """

private let plainApp = """
  app: demo
  boards: [toy]
  tasks:
    - name: supervisor
      stack: 256
      notifications: [fault]
  """

/// The input is a manifest; after the first byte 0 a board, and after the second sizes of tasks.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = UnsafeBufferPointer(start: start, count: count)
  let parts = input.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
  let app = parts.isEmpty || parts[0].isEmpty ? plainApp : String(decoding: parts[0], as: UTF8.self)
  let board =
    parts.count < 2 || parts[1].isEmpty ? plainBoard : String(decoding: parts[1], as: UTF8.self)
  let sizes = parts.count < 3 ? [] : Array(parts[2])
  do throws(PlanError) {
    try plan(app, board, sizes)
  } catch {
    guard !error.description.isEmpty, !error.description.contains("PlanError(") else {
      fatalError("an error without words")
    }
  }
  return 0
}

private func plan(_ text: String, _ boardText: String, _ sizes: [UInt8]) throws(PlanError) {
  let manifest = try Manifest(parsing: text, file: "app.yaml")
  let board = try Board(parsing: boardText, file: "board.yaml")
  let app = try App(manifest, on: board)
  func size(_ index: Int) -> UInt32 {
    index < sizes.count ? UInt32(sizes[index]) &* UInt32(sizes[index]) + 2 : 300
  }
  let kernel = KernelLayout(
    flash: Window(base: board.flash.base, size: min(board.flash.size, 3000)),
    ram: Window(base: board.ram.base, size: min(board.ram.size, 800)),
    tables: Window(base: board.flash.base, size: min(board.flash.size, 600)),
    idleCode: board.flash.base & ~31, idleStack: Window(base: board.ram.base & ~127, size: 32))
  let plan = try Plan(
    app, kernel: kernel, tasks: app.tasks.indices.map { TaskLayout(flashBytes: size($0)) })
  guard plan.tasks.count == app.taskCount, !plan.tableSource.isEmpty, !app.emptyTableSource.isEmpty,
    !app.configurationSource.isEmpty
  else { fatalError("a plan without its tables") }
  for index in app.tasks.indices { _ = app.source(ofTask: index) }
  check(plan)
}

/// What every plan promises: no window of one task reaches into another's, or into the kernel's, and
/// every task calls more important ones only.
private func check(_ plan: Plan) {
  let tasks = plan.tasks.dropLast()
  for task in tasks {
    guard !task.paddedFlash.overlaps(plan.kernel.flash), !task.paddedRAM.overlaps(plan.kernel.ram)
    else { fatalError("task '\(task.name)' reaches into the kernel") }
    guard task.calls.allSatisfy({ $0 < task.index }) else {
      fatalError("task '\(task.name)' calls downhill")
    }
    for other in tasks where other.index < task.index {
      guard !task.paddedFlash.overlaps(other.paddedFlash),
        !task.paddedRAM.overlaps(other.paddedRAM)
      else { fatalError("tasks '\(task.name)' and '\(other.name)' overlap") }
    }
  }
}
