// ConsoleUart/Uart.swift: the UART for everyone: interrupts in both directions, one text at a time.
// Calls: supervisor (when asked to misbehave). Called by: shell. Notifications: line.
// A restart loses what was typed and not yet read, and the rest of a text; its writer is told.

import Apus
import ConsoleInterface

struct Uart: Service {
  typealias Message = ReceivedBytes

  /// Typed and not yet read; when it is full, the next byte stays in the hardware.
  var input = ByteRing<256>()
  /// Who waits until its text is out, and how far that is.
  var writer = TaskID.kernel
  var borrowed = 0
  /// Borrowed and not yet with the hardware.
  var chunk: InlineArray<32, UInt8> = InlineArray(repeating: 0)
  var chunkStart = 0
  var chunkEnd = 0

  var notifications: UInt32 { Notification.line }
  private var device: UART { UART(Peripheral.uart, Image.uartDriver) }

  mutating func run() -> Never {
    device.enable(interrupts: true)
    // What came before this life leaves no interrupt behind.
    attendLine()
    serve()
  }

  mutating func notified(_ bits: UInt32) {
    attendLine()
  }

  mutating func handle(_ message: Incoming) -> Outcome {
    switch message.operation {
    case WriteText.operation: return write(for: message)
    case ReadBytes.operation: return message.answer(ReadBytes.self) { _ in read() }
    case Crash.operation:
      return message.answer(Crash.self) {
        $0.commit()
        return Nothing()
      }
    default: return .refuse(.undefinedOperation)
    }
  }

  /// Moves bytes in both directions, and lets the next interrupt through.
  private mutating func attendLine() {
    // First the request, then its cause: what comes in between asks again.
    device.clearInterrupts()
    receive()
    continueWriting()
    Call.irqControl(Notification.line, InterruptControl.enable)
  }

  private mutating func receive() {
    let wasEmpty = input.isEmpty
    while device.hasByte, !input.isFull { input.append(device.byte) }
    if wasEmpty, !input.isEmpty {
      Call.post(ShellNotification.input, to: Call.refreshTaskID(Peer.shell))
    }
  }

  private mutating func read() -> ReceivedBytes {
    var reply = ReceivedBytes()
    while reply.count < 16, let byte = input.removeFirst() {
      reply.bytes[Int(truncatingIfNeeded: reply.count)] = byte
      reply.count &+= 1
    }
    // There is room again for what the hardware held back.
    receive()
    return reply
  }

  private mutating func write(for message: Incoming) -> Outcome {
    guard message.envelope.leaseCount == 1 else { return .refuse(.badLeases) }
    guard writer == .kernel else { return .code(WriteText.busy) }
    writer = message.sender
    borrowed = 0
    continueWriting()
    return .later
  }

  /// Hands the hardware what it takes, and borrows more; answers the writer at the end.
  private mutating func continueWriting() {
    while writer != .kernel {
      while chunkStart < chunkEnd {
        guard device.hasRoom else { return }
        device.byte = chunk[chunkStart]
        chunkStart &+= 1
      }
      let writer = writer
      let offset = borrowed
      let answer = withUnsafeMutableBytes(of: &chunk) {
        Call.borrowRead(from: writer, offset: offset, into: $0)
      }
      if answer.code == .success, answer.byteCount > 0 {
        chunkStart = 0
        chunkEnd = answer.byteCount
        borrowed &+= answer.byteCount
      } else {
        // The end of the text, or of its writer: a reply to the dead reaches nobody.
        self.writer = .kernel
        Call.reply(to: writer)
      }
    }
  }
}
