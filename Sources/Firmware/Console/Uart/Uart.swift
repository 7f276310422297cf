// ConsoleUart/Uart.swift: the UART for everyone: interrupts in both directions, one text at a time.
// Calls: supervisor (when asked to misbehave). Called by: shell. Notifications: line.
// A restart loses the line typed and the rest of a text; its writer is told.
//
// Input goes line by line: behind a line's end the receiver is off until someone asks for more,
// which the shell does when the line is carried out. So a reset or a crash on request loses nothing
// of what is still to come from a script.

import Apus
import ConsoleInterface

struct Uart: Service {
  typealias Message = ReceivedBytes

  /// Typed and not yet read; when it is full, the next byte stays in the hardware.
  var input = ByteRing<128>()
  /// A line's end was received, and nobody has asked for what follows it.
  var isHeld = false
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
    while !isHeld, !input.isFull, device.hasByte {
      // Off before the byte is taken: as soon as it is, the next one may come in.
      device.setReceiver(isOn: false)
      let byte = device.byte
      input.append(byte)
      isHeld = byte == 0x0D || byte == 0x0A
      if !isHeld { device.setReceiver(isOn: true) }
    }
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
    if reply.count == 0, isHeld {
      isHeld = false
      device.setReceiver(isOn: true)
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
