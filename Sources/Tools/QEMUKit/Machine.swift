// QEMUKit/Machine.swift: what QEMU is asked to be, as a value: board, image, pace of time.
// Nothing runs here, and semihosting is never switched on: an image cannot know that it is emulated.

import Foundation

/// One QEMU to be: `arguments` is its whole command line.
public struct Machine: Sendable, Equatable {
  /// QEMU's name of the board, for example `mps2-an385`.
  public var board: String
  /// The ELF that is loaded; every segment with bytes in the file is loaded again at each reset.
  public var image: URL
  /// How virtual time goes on.
  public var pace: Pace
  /// The longest stretch of idle time that is skipped at once, in microseconds.
  ///
  /// No device's timer may come more often, or its interrupts are lost while the guest is idle.
  public var idleMicroseconds = 50
  /// Whether a reset that the guest asks for ends QEMU (with status 0) instead of resetting.
  public var endsAtReset = false
  /// Whether the processor waits for a debugger before its first instruction.
  public var startsStopped = false
  /// A Unix socket for the gdb stub, made by QEMU.
  public var debuggerSocket: URL?
  /// A Unix socket for the QEMU machine protocol, made by QEMU.
  public var monitorSocket: URL?
  /// A Unix socket for QEMU's test protocol, made by QEMU.
  public var busSocket: URL?
  /// More arguments, appended as they are.
  public var extraArguments: [String] = []

  /// A board that runs `image`, deterministic unless `pace` says otherwise.
  public init(board: String, image: URL, pace: Pace = .fast) {
    self.board = board
    self.image = image
    self.pace = pace
  }

  /// The command line without the program's name.
  ///
  /// The guest's first UART is standard input and output; Ctrl-C always reaches QEMU, not the guest.
  public var arguments: [String] {
    var list = ["-M", board, "-display", "none", "-monitor", "none"]
    list += ["-chardev", "stdio,id=uart,signal=on", "-serial", "chardev:uart"]
    list += ["-icount", pace.argument, "-kernel", image.path]
    if !pace.followsRealTime { list += comb }
    if endsAtReset { list.append("-no-reboot") }
    if startsStopped { list.append("-S") }
    if let debuggerSocket {
      list += ["-chardev", "socket,id=gdb,server=on,wait=off,path=\(debuggerSocket.path)"]
      list += ["-gdb", "chardev:gdb"]
    }
    if let monitorSocket {
      list += ["-qmp", "unix:\(monitorSocket.path),server=on,wait=off"]
    }
    if let busSocket {
      list += ["-qtest", "unix:\(busSocket.path),server=on,wait=off", "-qtest-log", "none"]
    }
    return list + extraArguments
  }

  /// The network that a board has anyway, with a buffer that is emptied again and again.
  ///
  /// Where idle time is skipped, QEMU skips to the next time-out of any timer whenever a timer is
  /// wound up while the processor sleeps. A periodic one is wound up before it interrupts: if it is
  /// then the next, a whole period is skipped that the guest never sees, and 50 ticks of 1 ms take
  /// 2,500,000 counts of a timer of 25 MHz. A stop of the debugger's is taken for sleep, too. With
  /// the buffer's timer the next time-out is always near, and no other is ever skipped to early.
  private var comb: [String] {
    [
      "-nic", "user,id=comb,ipv6=off",
      "-object", "filter-buffer,id=teeth,netdev=comb,interval=\(idleMicroseconds)",
    ]
  }
}

/// How virtual time follows the instructions: an instruction takes 2^shift ns.
///
/// QEMU's `shift=auto` is left out, because its results change with the load of the host.
public struct Pace: Sendable, Equatable {
  /// The instruction's length: 0...10.
  public var shift: Int
  /// Whether an idle guest waits for real time to pass, as a person expects, or skips it.
  public var followsRealTime: Bool

  /// Describes a pace.
  public init(shift: Int, followsRealTime: Bool) {
    self.shift = shift
    self.followsRealTime = followsRealTime
  }

  /// One instruction is one nanosecond and idle time is skipped: for counting.
  public static let counting = Pace(shift: 0, followsRealTime: false)
  /// About 25 MHz at one instruction a clock, idle time is skipped: for tests.
  public static let fast = Pace(shift: 5, followsRealTime: false)
  /// About 25 MHz at one instruction a clock, in real time: for people.
  public static let interactive = Pace(shift: 5, followsRealTime: true)

  /// What QEMU's `-icount` wants to hear.
  var argument: String {
    followsRealTime ? "shift=\(shift),sleep=on" : "shift=\(shift),align=off,sleep=off"
  }
}
