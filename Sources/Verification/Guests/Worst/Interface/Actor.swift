// WorstInterface/Actor.swift: a task without a will: it greets, gets an order, and carries it out.
// It checks nothing, and decides nothing.

import Apus
import CApus
import CApusMisdeeds

/// The first byte of the task's code, and so of its flash.
@_extern(c, "apus_task_start") func taskStart()

/// What all tasks of the image but the supervisor do.
public enum Actor {
  /// Serves the supervisor for as long as this life lasts.
  @inline(__always)
  public static func run() -> Never {
    var room = InlineArray<152, UInt32>(repeating: 0)
    withUnsafeMutableBytes(of: &room) { serve(in: $0) }
    // `serve` does not return; the compiler cannot know it of a closure.
    fatalError()
  }

  private static func serve(in room: UnsafeMutableRawBufferPointer) {
    let base = UInt32(truncatingIfNeeded: UInt(bitPattern: room.baseAddress))
    let code = Site.codeAddress
    lend(0, code &+ 1, 255, Lease.read, in: room)
    lend(1, base &+ Place.data, 255, Lease.read | Lease.write, in: room)
    lend(2, 0, 4, Lease.read, in: room)
    lend(3, 0, 0, Lease.read, in: room)
    room.storeBytes(of: base, toByteOffset: Int(Place.greeting), as: UInt32.self)
    room.storeBytes(of: code, toByteOffset: Int(Place.greeting) + 4, as: UInt32.self)
    while true {
      _ = apus_send_plain(
        UInt(Call.send.rawValue), 0, UInt(base &+ Place.greeting), 8, UInt(base &+ Place.order),
        UInt(Place.byteCount))
      obey(room.loadUnaligned(fromByteOffset: Int(Place.order), as: Order.self))
    }
  }

  private static func lend(
    _ number: Int, _ address: UInt32, _ byteCount: UInt32, _ rights: UInt32,
    in room: UnsafeMutableRawBufferPointer
  ) {
    room.storeBytes(
      of: Lease(address: address, byteCount: byteCount, rights: rights),
      toByteOffset: 12 * number, as: Lease.self)
  }

  @inline(never)
  private static func obey(_ order: Order) {
    switch order.kind {
    case Order.Kind.prepare: Site.prepare(order)
    case Order.Kind.count: Site.countedCall(order)
    case Order.Kind.misdeed: misbehave(order.number)
    default: break
    }
  }

  private static func misbehave(_ number: UInt32) {
    switch number {
    case Misdeed.memory: _ = DeviceRegister(0x2000_0000, 0).value
    case Misdeed.bus: _ = DeviceRegister(0xE000_E000, 0).value
    case Misdeed.text: apus_misdeed_text()
    case Misdeed.illegal: apus_misdeed_illegal()
    case Misdeed.divide: apus_misdeed_divide()
    case Misdeed.state: apus_misdeed_state()
    case Misdeed.breakpoint: apus_misdeed_breakpoint()
    default: apus_misdeed_stack()
    }
  }
}

/// The places from which calls are made: a counter tells them apart by their addresses.
public enum Site {
  /// The address of the task's first instruction.
  @inline(__always)
  public static var codeAddress: UInt32 {
    let start: @convention(c) () -> Void = taskStart
    return UInt32(truncatingIfNeeded: unsafeBitCast(start, to: UInt.self)) & ~1
  }

  /// A call that prepares a situation.
  @inline(never)
  public static func prepare(_ order: Order) { _ = call(order) }

  /// A call that is counted: the counter finds this function by its name.
  @inline(never)
  @discardableResult
  public static func countedCall(_ order: Order) -> UInt32 { call(order) }

  /// The one call that gives the kernel all eight registers; returns r4.
  @inline(__always)
  private static func call(_ order: Order) -> UInt32 {
    let answer = apus_send(
      UInt(order.number), UInt(order.r4), UInt(order.r5), UInt(order.r6), UInt(order.r7),
      UInt(order.r8), UInt(order.r9), UInt(order.r10))
    return UInt32(truncatingIfNeeded: UInt(answer.code))
  }
}
