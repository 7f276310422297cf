// BootTests/ImageTests.swift: what no image may contain, checked on the very bytes that are loaded.

import BoardSupport
import ELFKit
import Foundation
import ImagePlan
import Testing

@Suite struct ImageTests {
  /// Every image, as pairs of app and board.
  static let all = (Images.apps + ["lives"]).flatMap { app in Images.boards.map { (app, $0) } }

  @Test(
    "No undefined symbol, no heap, no lazy initialiser and no GOT is in any ELF.", arguments: all)
  func clean(app: String, board: String) async throws {
    let bundle = try await Images.shared.bundle(app, board)
    let elves =
      [bundle.kernel] + bundle.plan.tasks.filter { $0.elf != "" }.map { bundle.task($0.name) }
    for path in elves.map(\.path) {
      let file = try ELFFile(path: path)
      let missing = file.symbols.filter { $0.home == .undefined && !$0.name.isEmpty }.map(\.name)
      #expect(missing == [], "\(path)")
      let heap = ["malloc", "calloc", "realloc", "free", "posix_memalign", "swift_allocObject"]
      let names = Set(file.symbols.map(\.name))
      #expect(names.intersection(heap).isEmpty, "\(path)")
      // `WZ` and `Wz` end the names of a global's one-time initialiser and of its token.
      let lazy = names.filter {
        $0.hasPrefix("swift_once") || $0.hasSuffix("WZ") || $0.hasSuffix("Wz")
      }
      #expect(lazy == [], "\(path)")
      #expect(
        file.sections.filter { $0.name.hasPrefix(".got") && $0.byteCount > 0 } == [], "\(path)")
    }
  }

  @Test(
    "A task brings no data of its own: all its RAM is its stack and what it keeps.", arguments: all)
  func tasksHaveNoData(app: String, board: String) async throws {
    let bundle = try await Images.shared.bundle(app, board)
    for task in bundle.plan.tasks where task.elf != "" {
      let file = try ELFFile(path: bundle.task(task.name).path)
      let data = file.sections.filter { $0.isAllocated && $0.isWritable && $0.byteCount > 0 }
      #expect(data == [], "\(task.name)")
      #expect(task.stackBytes + Int(task.kept?.size ?? 0) == Int(task.ram.size), "\(task.name)")
    }
  }

  @Test(
    "The tables in flash are those of the manifest and of the linked tasks, word for word.",
    arguments: all)
  func tables(app: String, board: String) async throws {
    let bundle = try await Images.shared.bundle(app, board)
    let shelf = app == "bench" ? "Verification/Guests" : "Firmware"
    let folder = app.prefix(1).uppercased() + app.dropFirst()
    let manifest = try Manifest(
      parsing: Self.text("Sources/\(shelf)/\(folder)/app.yaml"), file: "app.yaml")
    let facts = try Board(parsing: Self.text("boards/\(board)/board.yaml"), file: "board.yaml")
    let kernel = try ELFFile(path: bundle.kernel.path)
    let names = manifest.tasks.map(\.name.value)
    func set(_ peers: [Located<String>]) -> UInt32 {
      names.indices.reduce(0) { set, index in
        peers.contains { $0.value == names[index] } ? set | 0x8000_0000 >> UInt32(index) : set
      }
    }
    func postable(_ task: Manifest.Task) -> UInt32 {
      let posted = manifest.tasks.flatMap(\.notifies).filter { $0.peer.value == task.name.value }
        .flatMap(\.notifications).map(\.value)
      return task.notifications.enumerated().reduce(0) {
        posted.contains($1.element.value) ? $0 | 1 << UInt32($1.offset) : $0
      }
    }
    var expected: [UInt32] = []
    for task in manifest.tasks {
      // Where a task lies and how long it is, only its own ELF says.
      let file = try ELFFile(path: bundle.task(task.name.value).path)
      let stack = try file.address(of: "__stack_base")
      let sections = file.sections.filter { $0.isAllocated && $0.byteCount > 0 }
      let start = try #require(sections.map(\.address).min())
      let end = try #require(sections.map(\.addressRange.upperBound).max())
      // The kept bytes have a header of two words.
      let ram = task.stack.value + (task.keeps.map { $0.value + 8 } ?? 0)
      expected += [
        postable(task), stack + UInt32(task.stack.value), stack, UInt32(ram), file.entry & ~1,
        UInt32(end - UInt64(start)), set(task.calls), set(task.notifies.map(\.peer)),
      ]
    }
    let tasks = try Self.words(kernel, from: "apus_tasks", count: expected.count)
    #expect(tasks == expected)
    let lines = Dictionary(uniqueKeysWithValues: facts.interrupts.map { ($0.name, $0.number) })
    var owners: [UInt32: UInt32] = [:]
    for (index, task) in manifest.tasks.enumerated() {
      for line in task.interrupts {
        let number = UInt32(try #require(lines[line.name.value]))
        let bit = task.notifications.firstIndex { $0.value == line.notification.value }
        owners[number] = number | UInt32(index) << 8 | UInt32(try #require(bit)) << 16
      }
    }
    let start = try kernel.address(of: "apus_interrupts")
    let count = Int(try kernel.address(of: "apus_interrupts_end") - start) / 4
    let rows = try Self.words(kernel, from: "apus_interrupts", count: count)
    #expect(rows == owners.keys.sorted().map { owners[$0] })
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Images.root.appending(path: path), encoding: .utf8)
  }

  private static func words(
    _ file: ELFFile, from name: String, count: Int
  ) throws -> [UInt32] {
    let address = try file.address(of: name)
    let bytes = try #require(file.bytes(at: address, count: count * 4).map(Array.init))
    return stride(from: 0, to: bytes.count, by: 4).map { place in
      bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  @Test(
    "No two windows of an image overlap, and no MPU region reaches another's bytes.", arguments: all
  )
  func windowsAreApart(app: String, board: String) async throws {
    let plan = try await Images.shared.bundle(app, board).plan
    // Idle's code and stack are the kernel's own, opened to idle alone.
    let tasks = plan.tasks.dropLast()
    let flash = [plan.kernel.flash] + tasks.map(\.paddedFlash)
    let ram = [plan.kernel.ram] + tasks.map(\.paddedRAM)
    for windows in [flash, ram] {
      let sorted = windows.sorted { $0.base < $1.base }
      for (one, next) in zip(sorted, sorted.dropFirst()) {
        #expect(one.end <= next.base)
      }
    }
  }
}
