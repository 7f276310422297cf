// BenchTests/KernelTimeTests.swift: the planner's bound of a stay in the kernel, on images that are
// counted. A kernel that got longer fails here, and the failure says what was counted.

import BenchKit
import Foundation
import ImagePlan
import Testing

@Suite struct KernelTimeTests {
  /// Sizes that differ in both numbers, and a board with floating point.
  static let images: [(size: WorstPath.Size, board: String)] = [
    (.largest, "mps2-an385"),
    (WorstPath.Size(taskCount: 4, lineCount: 9), "mps2-an385"),
    (WorstPath.Size(taskCount: 8, lineCount: 9), "mps2-an386"),
  ]

  /// The largest image as it was counted, once for all tests.
  static let largest = Task { try await count(.largest, on: "mps2-an385") }

  private static func count(
    _ size: WorstPath.Size, on board: String
  ) async throws -> WorstPath {
    let place = FileManager.default.temporaryDirectory.appending(
      path: "apus-worst-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    return try await WorstPath(root: ManualTests.root, board: board, output: place, size: size)
  }

  @Test("No stay in the kernel is longer than the planner reckons, and none it reckons far longer.")
  func bound() async throws {
    for (size, board) in Self.images {
      let path =
        size == .largest
        ? try await Self.largest.value : try await Self.count(size, on: board)
      let stay = KernelTime.longestStay(
        tasks: size.taskCount, interrupts: size.lineCount, hasFloatingPoint: board != "mps2-an385")
      // A reset runs before there is a tick.
      let rows = path.rows.filter { $0.way != "reset" }
      let longest = try #require(rows.first)
      let counted = rows.prefix(8).map { "\($0.way) \($0.instructions)" }.joined(separator: ", ")
      let what = """
        \(size.taskCount) tasks, \(size.lineCount) interrupts on \(board): \
        \(stay.way) \(stay.instructions) reckoned, counted \(counted)
        """
      #expect(longest.instructions <= stay.instructions, "\(what)")
      #expect(stay.instructions <= longest.instructions * 5 / 4, "\(what)")
    }
  }
}
