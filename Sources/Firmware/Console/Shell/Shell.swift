// ConsoleShell/Shell.swift: the prompt: it edits a line, and has it carried out.
// Calls: all others. Called by: none. Notifications: input, from uart; fault, from supervisor; timer.
// The least important task: whatever else fails, it asks again. A restart loses the line typed.

import Apus
import ConsoleInterface

struct Shell: TaskProgram {
  var supervisor = Client(Peer.supervisor)
  var clock = Client(Peer.clock)
  var sensor = Client(Peer.sensor)
  var logger = Client(Peer.logger)
  var output = Output()
  var line = TextBuffer<72>()
  /// The last byte was a carriage return, so a line feed after it ends no second line.
  var skipsLineFeed = false
  /// After `exit` there is no prompt; the next byte begins a new session.
  var sessionIsOver = false

  mutating func run() -> Never {
    greet()
    prompt()
    // An earlier life may have been told of bytes that it did not read.
    readInput()
    while true {
      let bits = Call.receiveNotifications(ShellNotification.input | ShellNotification.fault)
      if bits & ShellNotification.fault != 0 { interruptWithFaults() }
      if bits & ShellNotification.input != 0 { readInput() }
    }
  }

  private mutating func greet() {
    let report = try? supervisor.call(InspectTask(UInt32(truncatingIfNeeded: Peer.shellIndex)))
    if let report, report.restarts > 0 {
      output.print("\r\nshell: a new life\r\n")
      showFaults()
      return
    }
    output.print("\r\nApus console on ")
    output.print(Image.board)
    output.print(", 'help' lists the commands\r\n")
    if let record = try? supervisor.call(ReadReset()) { output.print(reset: record) }
    _ = try? logger.call(AppendRecord(.start, 0))
  }

  private mutating func prompt() {
    if sessionIsOver { return }
    output.print("apus> ")
    output.flush()
  }

  /// Tells of faults that nobody at the prompt has caused, and gives the line back.
  private mutating func interruptWithFaults() {
    guard let report = nextFault() else { return }
    output.endLine()
    show(report)
    showFaults()
    prompt()
    line.withUnsafeBytes { output.write($0) }
    output.flush()
  }

  /// Reads until the uart has no more, since it posts only for the first byte.
  private mutating func readInput() {
    var uart = output.uart
    while let input = try? uart.call(ReadBytes(), attempts: 2), input.count > 0 {
      var index = 0
      while index < Int(truncatingIfNeeded: min(input.count, 16)) {
        edit(input.bytes[index])
        index &+= 1
      }
    }
    output.flush()
  }

  private mutating func edit(_ byte: UInt8) {
    if sessionIsOver {
      sessionIsOver = false
      greet()
      prompt()
    }
    let isSecondEnd = byte == 0x0A && skipsLineFeed
    skipsLineFeed = byte == 0x0D
    switch byte {
    case 0x0A where isSecondEnd: break
    case 0x0A, 0x0D:
      output.endLine()
      carryOut()
      line.removeAll()
      prompt()
    case 0x08, 0x7F:
      if line.count > 0 { eraseLast() }
    case 0x15:  // Ctrl-U
      while line.count > 0 { eraseLast() }
    case 0x03:  // Ctrl-C
      line.removeAll()
      output.print("^C\r\n")
      prompt()
    case 0x20...0x7E where !line.isFull:
      line.write(byte)
      output.write(byte)
    default:
      output.write(0x07)
    }
  }

  private mutating func eraseLast() {
    line.removeLast()
    output.print("\u{8} \u{8}")
  }
}
