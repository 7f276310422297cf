// ApusTests/HostCalls.swift: a scripted kernel on the calling thread, which records every call.
// Nothing here schedules: each call is answered by the test's own closure.

import Apus
import CApus

/// Records the calls and the device accesses of a test, and answers them.
final class HostCalls {
  /// The registers of each call as the task had them.
  private(set) var made: [ApusRegisters] = []
  /// Every store to a device register, in order.
  private(set) var stores: [Store] = []
  /// Changes the registers as the kernel would.
  var answer: (inout ApusRegisters) -> Void = { _ in }
  /// What a device register reads as.
  var read: (UInt32) -> UInt32 = { _ in 0 }
  /// What a store to a device register does.
  var write: (UInt32, UInt32) -> Void = { _, _ in }

  struct Store: Equatable {
    var address: UInt32
    var value: UInt32
  }

  /// Runs `body` with this as the kernel of the calling thread.
  @discardableResult
  func run<Result>(_ body: () -> Result) -> Result {
    apus_host_install(
      ApusHost(
        context: Unmanaged.passUnretained(self).toOpaque(),
        call: { context, registers in
          let host = HostCalls.from(context)
          guard let registers else { return }
          host.made.append(registers.pointee)
          host.answer(&registers.pointee)
        },
        load: { context, address in HostCalls.from(context).read(address) },
        store: { context, address, value in
          let host = HostCalls.from(context)
          host.stores.append(Store(address: address, value: value))
          host.write(address, value)
        },
        misdeed: { _, _ in }))
    defer { apus_host_install(ApusHost()) }
    return body()
  }

  /// The words of the only call that was made, r4...r11; empty if there was not exactly one.
  var onlyCall: [UInt] { made.count == 1 ? made[0].words : [] }

  private static func from(_ context: UnsafeMutableRawPointer?) -> HostCalls {
    guard let context else { fatalError("installed without a context") }
    return Unmanaged<HostCalls>.fromOpaque(context).takeUnretainedValue()
  }
}

extension ApusRegisters {
  /// The eight words in the order of their registers.
  var words: [UInt] { [r4, r5, r6, r7, r8, r9, r10, r11] }
}

/// Gathers text, so that a test can compare it.
struct TextSink: ByteSink {
  var bytes: [UInt8] = []

  mutating func write(_ byte: UInt8) { bytes.append(byte) }

  /// What `body` prints.
  static func text(_ body: (inout TextSink) -> Void) -> String {
    var sink = TextSink()
    body(&sink)
    return String(decoding: sink.bytes, as: UTF8.self)
  }
}
