// BootTests/ImageTests.swift: what no image may contain, checked on the very bytes that are loaded.

import BoardSupport
import ELFKit
import Foundation
import ImagePlan
import Testing

@Suite struct ImageTests {
  /// Every image, as pairs of app and board.
  static let all = Images.apps.flatMap { app in Images.boards.map { (app, $0) } }

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

  @Test("A task brings no data of its own: all its RAM is its stack.", arguments: all)
  func tasksHaveNoData(app: String, board: String) async throws {
    let bundle = try await Images.shared.bundle(app, board)
    for task in bundle.plan.tasks where task.elf != "" {
      let file = try ELFFile(path: bundle.task(task.name).path)
      let data = file.sections.filter { $0.isAllocated && $0.isWritable && $0.byteCount > 0 }
      #expect(data == [], "\(task.name)")
      #expect(Int(task.ram.size) == task.stackBytes, "\(task.name)")
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
