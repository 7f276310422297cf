// ConsoleShell/Output.swift: text on its way to the uart, lent to it in pieces.
// Nothing is lost but what a dying uart had in its hands.

import Apus
import ConsoleInterface

/// Gathers bytes, and lends them to the uart when it is full or flushed.
struct Output: ByteSink {
  var uart = Client(Peer.uart)
  private var buffer = TextBuffer<64>()

  mutating func write(_ byte: UInt8) {
    if buffer.isFull { flush() }
    buffer.write(byte)
  }

  /// Waits until all that was written is with the hardware.
  @inline(never)
  mutating func flush() {
    if buffer.count == 0 { return }
    var uart = uart
    // Twice, as the uart may have died since: then its new life gets the whole piece.
    var attempts = 2
    while attempts > 0 {
      let sent: Nothing? = buffer.withUnsafeBytes { try? uart.call(WriteText(), lending: $0) }
      attempts = sent == nil ? attempts &- 1 : 0
    }
    self.uart = uart
    buffer.removeAll()
  }
}
