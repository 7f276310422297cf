// RandomInterface/Trial.swift: one instruction sequence with every register as wanted, and what came.
// It checks nothing, on purpose: whatever the registers say, the kernel must stand it.

import Apus
import CApus
import CApusTrials

/// The instruction sequences, by their numbers in CApusTrials.h.
public enum Gadget {
  public static var call: UInt32 { 0 }
  /// r0 is loaded from r1: word, halfword, byte; three more store it.
  public static var load: UInt32 { 1 }
  public static var store: UInt32 { 4 }
  /// Branches to r1.
  public static var branch: UInt32 { 8 }
  public static var undefined: UInt32 { 11 }
  public static var waitForInterrupt: UInt32 { 20 }
  public static var breakpoint: UInt32 { 22 }
  public static var coprocessor: UInt32 { 24 }
  public static var divide: UInt32 { 27 }
  public static var loadTwo: UInt32 { 28 }
  /// Counts r0 down to 0.
  public static var count: UInt32 { 31 }
  public static var loop: UInt32 { 32 }
  /// Loads all floating-point registers from r0, calls, and stores them to r2.
  public static var floatingPointCall: UInt32 { 36 }
  public static var pushes: UInt32 { 39 }
  /// The same call r0 times, each with what the last one left in the registers.
  public static var calls: UInt32 { 40 }
  /// r1 calls with registers from r0 alone, masks in r2 for r11 and r3 for r4.
  public static var wildCalls: UInt32 { 46 }
}

/// The memory through which a task tells its next sequence; see CApusTrials.h.
///
/// It is the lowest part of the task's stack, which nothing else uses.
public struct Trial {
  /// The lowest byte of the task's RAM.
  public let memory: UInt32

  /// Finds the calling task's memory.
  @inline(__always)
  public init() { memory = apus_trial_memory() }

  /// Where the task's three leases stand.
  public var leases: UInt32 { memory &+ 192 }
  /// 256 bytes that the task sends.
  public var outgoing: UInt32 { memory &+ 256 }
  /// 256 bytes that the task receives into.
  public var incoming: UInt32 { memory &+ 512 }

  /// Begins an order: no register is set but the stack pointer, which stays as it is.
  @inline(__always)
  public func begin(_ gadget: UInt32) {
    apus_store(memory &+ 16, gadget)
    apus_store(memory &+ 20, 1)
    apus_store(memory &+ 24, 0)
  }

  /// Orders that register `number`, 0...12, shall be `value`.
  @inline(__always)
  public func set(_ number: UInt32, _ value: UInt32) {
    apus_store(memory &+ 28 &+ number &* 4, value)
  }

  /// Orders another stack pointer for the time of the sequence.
  @inline(__always)
  public func setStackPointer(_ value: UInt32) { apus_store(memory &+ 20, value) }

  /// Carries the order out; whether it returns is the kernel's affair.
  @inline(__always)
  public func run() { apus_trial() }

  /// Register `number`, 0...12, as the sequence left it.
  @inline(__always)
  public func result(_ number: UInt32) -> UInt32 { apus_load(memory &+ 96 &+ number &* 4) }
}
