// BenchKit/Figures.swift: our own numbers: what build/bench.json holds, and what is to be reached.
// Every figure is an integer that two runs must agree on; nothing here depends on the host.

import Foundation

/// The figures of one board, under the names of `build/bench.json`.
public struct Figures: Codable, Equatable, Sendable {
  /// The board on which was counted.
  public var board: String
  /// Vector table, code, constants and initial data of the kernel; the app's tables apart.
  public var kernelFlashBytes: Int
  /// All of the app's tables over its tasks, idle among them, rounded up.
  public var tablesPerTaskBytes: Int
  /// Data, reserved stack and idle's stack with 8 tasks of which one is idle.
  public var kernelRAMBytes: Int
  /// The highest flash address that `hello` uses, padding included, from the start of flash.
  public var helloFlashSpanBytes: Int
  /// 16 bytes there and 16 back through the typed API, the two tasks' instructions included.
  public var roundTripInstructions: Int
  /// Loads and stores among them.
  public var roundTripAccesses: Int
  /// Exceptions taken on a round trip.
  public var roundTripExceptions: Int
  /// From the first instruction at reset to the supervisor's first instruction, 8 tasks.
  public var resetToFirstTaskInstructions: Int
  /// From the handler's first instruction, idle running, to the driver's first after its receive.
  public var interruptToDriverInstructions: Int

  private enum CodingKeys: String, CodingKey {
    case board
    case kernelFlashBytes = "kernel_flash_bytes"
    case tablesPerTaskBytes = "tables_per_task_bytes"
    case kernelRAMBytes = "kernel_ram_bytes"
    case helloFlashSpanBytes = "hello_flash_span_bytes"
    case roundTripInstructions = "round_trip_instructions"
    case roundTripAccesses = "round_trip_accesses"
    case roundTripExceptions = "round_trip_exceptions"
    case resetToFirstTaskInstructions = "reset_to_first_task_instructions"
    case interruptToDriverInstructions = "interrupt_to_driver_instructions"
  }

  /// The figures as JSON with sorted keys and a line end.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// A figure with its name and the bound it is to stay within.
  public struct Row: Sendable {
    /// What is measured.
    public var title: String
    /// The figure.
    public var value: Int
    /// The largest value that is within reach of the aim.
    public var bound: Int
    /// What the figures count.
    public var unit: String
  }

  /// The figures in the order of the table, each with its bound.
  public var rows: [Row] {
    [
      Row(title: "kernel flash", value: kernelFlashBytes, bound: 3456, unit: "B"),
      Row(title: "tables per task, flash", value: tablesPerTaskBytes, bound: 112, unit: "B"),
      Row(title: "kernel RAM, 8 tasks", value: kernelRAMBytes, bound: 900, unit: "B"),
      Row(title: "hello, flash span", value: helloFlashSpanBytes, bound: 4608, unit: "B"),
      Row(title: "round trip", value: roundTripInstructions, bound: 374, unit: "instructions"),
      Row(
        title: "  of them accesses", value: roundTripAccesses, bound: .max, unit: "loads, stores"),
      Row(title: "  exceptions", value: roundTripExceptions, bound: 2, unit: "entries"),
      Row(
        title: "reset to first task", value: resetToFirstTaskInstructions, bound: 800,
        unit: "instructions"),
      Row(
        title: "interrupt to driver", value: interruptToDriverInstructions, bound: 150,
        unit: "instructions"),
    ]
  }
}
