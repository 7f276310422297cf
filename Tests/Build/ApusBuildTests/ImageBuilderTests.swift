// ApusBuildTests/ImageBuilderTests.swift: what a built bundle holds, and how a bad task is refused.
// Each test builds in a folder of its own, from a repository that borrows ours.

import ApusBuild
import Checkout
import ELFKit
import Foundation
import ImagePlan
import Testing

/// A repository in a temporary folder, with one app of two tasks that each test writes.
final class Workbench: Sendable {
  let root: URL
  static let repository = Checkout.root

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "apus-build-\(UUID())")
    let files = FileManager.default
    try files.createDirectory(
      at: root.appending(path: "Sources/Firmware"), withIntermediateDirectories: true)
    for name in ["boards", "linker", "Sources/Kernel", "Sources/Ports", "Sources/Runtime"] {
      try files.createSymbolicLink(
        at: root.appending(path: name), withDestinationURL: Self.repository.appending(path: name))
    }
    try write(
      "app.yaml",
      """
      app: probe
      boards: [mps2-an385, lm3s6965evb, mps2-an386]
      tasks:
        - name: supervisor
          stack: 192
          notifications: [fault, go]
        - name: worker
          stack: 256
          notifications: [rx]
          peripherals: [uart]
          interrupts: { uart-rx: rx }
          notifies: { supervisor: [go] }
      """)
    let supervisor = """
      import Apus
      struct Supervisor: TaskProgram {
        mutating func run() -> Never {
          while true { Call.receiveNotifications(Notification.fault) }
        }
      }
      """
    try write("Supervisor/Supervisor.swift", supervisor)
    try worker("while true { Call.receiveNotifications(Notification.rx) }")
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func write(_ name: String, _ text: String) throws {
    let file = root.appending(path: "Sources/Firmware/Probe/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// Every file of the bundle that a build gives, by name.
  func contents(output: URL? = nil, cache: URL? = nil) async throws -> [String: Data] {
    try contents(of: try await build(output: output, cache: cache).directory)
  }

  func contents(of folder: URL) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return Dictionary(
      uniqueKeysWithValues: try names.map { name in
        (name, try Data(contentsOf: folder.appending(path: name)))
      })
  }

  /// Replaces what is borrowed by a copy, which may be changed.
  func own(_ folder: String) throws {
    let place = root.appending(path: folder)
    try FileManager.default.removeItem(at: place)
    try FileManager.default.copyItem(at: Self.repository.appending(path: folder), to: place)
  }

  /// Adds `text` to the end of a file of its own.
  func append(_ text: String, _ name: String) throws {
    let file = root.appending(path: name)
    try (Data(contentsOf: file) + Data(text.utf8)).write(to: file)
  }

  func worker(_ body: String, beside: String = "") throws {
    try write(
      "Worker/Worker.swift",
      """
      import Apus
      \(beside)
      struct Worker: TaskProgram {
        mutating func run() -> Never {
          \(body)
        }
      }
      """)
  }

  /// With the repository's cache, or with another one: an own one is empty at first.
  func build(
    board: String? = nil, output: URL? = nil,
    cache: URL? = repository.appending(path: "build/cache")
  ) async throws -> ImageBundle {
    try await ImageBuilder(
      root: root, app: "probe", board: board, output: output, cache: cache
    ).build()
  }
}

@Suite(.serialized) struct ImageBuilderTests {
  @Test("A bundle holds ELFs at their planned places and one image of all that flash holds.")
  func bundle() async throws {
    let bench = try Workbench()
    let bundle = try await bench.build()
    let plan = bundle.plan
    #expect(try ImageBundle(reading: bundle.directory).plan == plan)
    #expect(plan.tasks.map(\.name) == ["supervisor", "worker", "idle"])
    let image = try ELFFile(path: bundle.image.path)
    #expect(image.segments.allSatisfy { $0.fileByteCount == Int($0.memoryByteCount) })
    for task in plan.tasks.dropLast() {
      let file = try ELFFile(path: bundle.task(task.name).path)
      #expect(file.entry & ~1 == task.entry)
      let start = try #require(file.symbol(named: "apus_task_start"))
      #expect(start.address == task.entry)
      #expect(
        image.bytes(at: task.flash.base, count: Int(task.flash.size)).map(Array.init)
          == file.bytes(at: task.flash.base, count: Int(task.flash.size)).map(Array.init))
    }
    // The kernel's tables are the plan's words, where its symbols say.
    let kernel = try ELFFile(path: bundle.kernel.path)
    let tasks = try #require(kernel.symbol(named: "apus_tasks")).address
    for (index, word) in plan.taskWords.flatMap({ $0 }).enumerated() {
      #expect(image.word(at: tasks + UInt32(4 * index)) == word)
    }
    #expect(plan.kernel.tables.base >= plan.kernel.flash.base)
    #expect(plan.kernel.tables.end <= plan.kernel.flash.end)
    #expect(
      kernel.symbol(named: "apus_reset_record").map {
        plan.kernel.ram.contains(Window(base: $0.address, size: 16))
      } == true)
  }

  @Test("A task with a global variable is refused, with the variable's name.")
  func globalVariable() async throws {
    let bench = try Workbench()
    try bench.worker(
      "while true { counter &+= 1; Call.receiveNotifications(counter) }",
      beside: "nonisolated(unsafe) var counter: UInt32 = 7")
    let error = await #expect(throws: BuildError.self) { try await bench.build() }
    #expect(
      error?.description == """
        task 'worker' has 4 bytes of .data: 'counter' (4)
          try: a stored property of the task's struct: a task has no global variables, \
        so that a restart forgets everything
        """)
    #expect(error?.exitCode == 1)
  }

  @Test("A task that needs a heap is refused, with what to write instead.")
  func heap() async throws {
    let bench = try Workbench()
    try bench.worker(
      """
      var list = [UInt32]()
      while true {
        list.append(Call.receiveNotifications(Notification.rx))
        if list.count > 5 { list = [] }
      }
      """)
    let error = await #expect(throws: BuildError.self) { try await bench.build() }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("task 'worker' needs "), "\(text)")
    #expect(
      text.hasSuffix(
        "try: no class, Array, String or escaping closure: structs, InlineArray, StaticString"),
      "\(text)")
  }

  @Test("A task that does not compile shows the compiler's words with the user's line.")
  func compileError() async throws {
    let bench = try Workbench()
    try bench.worker("let x: UInt32 = nothing")
    let error = await #expect(throws: BuildError.self) { try await bench.build() }
    #expect(error?.message == "compiling 'ProbeWorker' failed")
    #expect(error?.detail.contains("Worker.swift:5:") == true)
    #expect(error?.detail.contains("cannot find 'nothing' in scope") == true)
    #expect(error?.command.contains("swiftc") == true)
  }

  @Test("Unknown apps and boards are refused with those that exist.")
  func unknown() async throws {
    let bench = try Workbench()
    let app = await #expect(throws: PlanError.self) {
      try await ImageBuilder(root: bench.root, app: "prob").build()
    }
    #expect(
      app?.description == """
        there is no app 'prob': 'Sources/Firmware/Prob/app.yaml' is missing
          try: probe
        """)
    let board = await #expect(throws: PlanError.self) { try await bench.build(board: "mps2") }
    #expect(
      board?.description == """
        there is no board 'mps2': 'boards/mps2/board.yaml' is missing
          try: lm3s6965evb or mps2-an385 or mps2-an386 or mps2-an500
        """)
    let other = await #expect(throws: PlanError.self) { try await bench.build(board: "mps2-an500") }
    #expect(other?.message == "app 'probe' is not made for board 'mps2-an500'")
    #expect(try ImageBuilder.apps(root: bench.root) == ["probe"])
    #expect(
      try ImageBuilder.boards(root: bench.root, app: "probe")
        == ["mps2-an385", "lm3s6965evb", "mps2-an386"])
  }

  @Test("A task without sources is refused with the folder.")
  func noSources() async throws {
    let bench = try Workbench()
    try FileManager.default.removeItem(
      at: bench.root.appending(path: "Sources/Firmware/Probe/Worker/Worker.swift"))
    let error = await #expect(throws: BuildError.self) { try await bench.build() }
    #expect(error?.message == "there is no .swift file in 'Sources/Firmware/Probe/Worker'")
    #expect(error?.exitCode == 2)
  }
}
