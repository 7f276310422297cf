// BenchKit/Peers.swift: what other kernels take for the same work, measured once by us.
// Data only: QEMU 7.2.22, arm-none-eabi-gcc 12.2.1 -Os, no assertions, mps2-an385, November 2026.

/// Another system's row in the table.
public struct Peer: Sendable {
  /// The system and the way it was used.
  public var name: String
  /// Whether its tasks are kept apart by the MPU.
  public var isProtected: Bool
  /// The kernel's flash in bytes.
  public var flashBytes: Int
  /// The kernel's RAM without stacks in bytes, where that could be told.
  public var ramBytes: Int?
  /// RAM for each task without its stack in bytes, where that could be told.
  public var ramBytesPerTask: Int?
  /// Instructions of a message there and back; `nil` if it was not run.
  public var roundTripInstructions: Int?
  /// Exceptions taken on the way.
  public var roundTripExceptions: Int?
  /// Instructions from reset to the first task; `nil` if it was not counted.
  public var resetInstructions: Int?

  /// Every peer that was measured, the unprotected first, then by the length of the round trip.
  ///
  /// A round trip is 16 bytes there and 16 back, where the name does not say less.
  public static let all: [Peer] = [
    Peer("RIOT 2026.10, msg_send_receive, 8 B", false, 1575, 214, 36, 375, 2, 1040),
    Peer("ThreadX 6.4.2, queue", false, 3216, 352, 176, 404, 2, 2739),
    Peer("FreeRTOS 11.1, notify, 4 B", false, 2474, 284, 64, 534, 2, 2526),
    Peer("Zephyr 3.1, msgq, kernel threads", false, 6236, 293, 112, 709, 2, 3695),
    Peer("FreeRTOS 11.1, queue", false, 3324, 284, 64, 864, 2, 2872),
    Peer("ThreadX Modules 6.4.2, queue", true, 40045, 1844, 1000, 1162, 10, nil),
    Peer("FreeRTOS-MPU 11.1, notify, 4 B", true, 11014, 600, 500, 1766, 10, 6384),
    Peer("FreeRTOS-MPU 11.1, queue", true, 8614, 600, 500, 2054, 10, 7001),
    Peer("Zephyr 3.1, msgq, user mode", true, 18552, 1007, 664, 2473, 6, 12306),
    Peer("F9, L4 call and reply", true, 16152, 20374, 400, 3839, 8, nil),
    Peer("Tock 2026-08, IPC, cooperative", true, 20780, 572, 1100, 7156, nil, nil),
  ]

  private init(
    _ name: String, _ isProtected: Bool, _ flashBytes: Int, _ ramBytes: Int?,
    _ ramBytesPerTask: Int?, _ roundTripInstructions: Int?, _ roundTripExceptions: Int?,
    _ resetInstructions: Int?
  ) {
    self.name = name
    self.isProtected = isProtected
    self.flashBytes = flashBytes
    self.ramBytes = ramBytes
    self.ramBytesPerTask = ramBytesPerTask
    self.roundTripInstructions = roundTripInstructions
    self.roundTripExceptions = roundTripExceptions
    self.resetInstructions = resetInstructions
  }
}
