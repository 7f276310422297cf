// ImagePlan/Plan.swift: the planned image as data: what plan.json holds and all later tools read.
// Version 1. A field may be added; a change of meaning needs a new version.

import Foundation

/// Where everything of an image lies, and who may touch what.
public struct Plan: Codable, Equatable, Sendable {
  /// The version that this code writes and reads.
  public static let currentVersion = 1

  /// The version of this value.
  public var version: Int
  /// The app's name.
  public var app: String
  /// The board, whole, so that no other file is needed.
  public var board: Board
  /// The period of the kernel's clock in microseconds.
  public var tickMicroseconds: Int
  /// The kernel's share of the memories.
  public var kernel: KernelPart
  /// The tasks by index, most important first; the last is the kernel's idle.
  public var tasks: [TaskPart]
  /// The interrupts that have an owner, ascending by number.
  public var interrupts: [InterruptPart]

  /// The kernel's share of the memories.
  public struct KernelPart: Codable, Equatable, Sendable {
    /// Vectors, code, constants and tables.
    public var flash: Window
    /// Stack, state, idle's stack and the reset record.
    public var ram: Window
    /// The planner's tables, inside `flash`.
    public var tables: Window
  }

  /// One task.
  public struct TaskPart: Codable, Equatable, Sendable {
    /// The name in messages.
    public var name: String
    /// The position, which is the priority: 0 is the most important.
    public var index: Int
    /// The folder with its sources, "" for idle.
    public var folder: String
    /// The file name of its ELF in the bundle, "" for idle.
    public var elf: String
    /// Code and constants, to the byte.
    public var flash: Window
    /// The stack and what is kept above it, to the byte.
    public var ram: Window
    /// What the MPU opens for code and constants: `flash` and the padding around it.
    public var paddedFlash: Window
    /// What the MPU opens for both: `ram` and the padding around it.
    public var paddedRAM: Window
    /// The first instruction, bit 0 clear.
    public var entry: UInt32
    /// The stack pointer at the first instruction.
    public var stackTop: UInt32
    /// The stack's size in bytes.
    public var stackBytes: Int
    /// What neither a restart nor a reset touches, with its header; `nil` for none.
    public var kept: Window?
    /// The indices of those it may send to, ascending.
    public var calls: [Int]
    /// The indices of those it may post to, ascending.
    public var notifies: [Int]
    /// Those of its notifications that tasks may post to it, as a mask.
    public var postable: UInt32
    /// Its notifications; the position is the bit.
    public var notifications: [String]
    /// The devices it owns.
    public var peripherals: [Board.Peripheral]
    /// The words of all slots of the MPU while the task runs.
    public var regions: [RegionWords]

    /// The part of `ram` that is stack.
    public var stack: Window { Window(base: ram.base, end: UInt64(stackTop)) }
  }

  /// An interrupt that has an owner.
  public struct InterruptPart: Codable, Equatable, Sendable {
    /// The board's name; of two names for one line, the first in the manifest.
    public var name: String
    /// The line as the NVIC counts, from 0.
    public var number: Int
    /// The owner's index.
    public var task: Int
    /// The owner's notification, as its bit (0...31).
    public var notification: Int
  }

  /// The first byte of flash after all that the image uses, padding included.
  public var flashEnd: UInt32 {
    let ends = [kernel.flash.end] + tasks.map(\.paddedFlash.end)
    return UInt32(truncatingIfNeeded: ends.max() ?? 0)
  }

  /// The first byte of RAM after all that the image uses, padding included.
  public var ramEnd: UInt32 {
    let ends = [kernel.ram.end] + tasks.map(\.paddedRAM.end)
    return UInt32(truncatingIfNeeded: ends.max() ?? 0)
  }

  /// The plan as JSON, the same bytes for the same plan.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
