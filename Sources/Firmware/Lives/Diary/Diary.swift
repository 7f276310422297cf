// LivesDiary/Diary.swift: tells which of its lives this is, and ends it by a fault or by a reset.
// Calls: none. Posts to: supervisor. What it keeps: the number of the life, and a pattern made of it.

import Apus

struct Diary: TaskProgram {
  /// The supervisor's notification of that name.
  private static var reset: UInt32 { 1 << 1 }

  mutating func run() -> Never {
    var uart = UART(Peripheral.uart, Image.uartDriver)
    uart.enable()
    let life = lastLife(&uart) &+ 1
    uart.print("life ")
    uart.print(decimal: life)
    uart.endLine()
    let page = Page(life)
    Image.kept.write(page.span.bytes)
    if life >= 6 { while true { Call.receiveNotifications(1) } }
    if life & 1 == 0 {
      Call.post(Self.reset, to: Peer.supervisor)
    }
    fatalError()
  }

  /// The number that the last life kept; 0 if there is none, or none that can be believed.
  private func lastLife(_ uart: inout UART) -> UInt32 {
    var page = Page(0)
    var span = page.mutableSpan
    var bytes = span.mutableBytes
    guard let count = Image.kept.read(into: &bytes) else {
      uart.print("nothing kept\r\n")
      return 0
    }
    let whole = Page(page[0])
    var index = 0
    while index < 5 {
      guard count == 20, page[index] == whole[index] else {
        uart.print("half a page\r\n")
        return 0
      }
      index &+= 1
    }
    return page[0]
  }
}

/// What is kept: a number, and four words that follow from it.
typealias Page = InlineArray<5, UInt32>

extension Page {
  init(_ life: UInt32) {
    self = [life, ~life, life &* 3, life ^ 0x5A5A_5A5A, life &+ 7]
  }
}
