// ApusSimulator/Explorer/Gauge.swift: how fast kernel and explorer are on this host.
// Time is the thread's own on its processor, so that a busy host changes little.

import ApusABI
import ApusKernel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Measures for `apus-verify bench`; they mean something in a release build only.
public enum Gauge {
  /// Steps of a kernel of four tasks in a second; takes less than one.
  ///
  /// A server replies and receives, a client sends eight bytes, and time passes now and then.
  /// - Returns: the best of three runs of `steps` steps.
  public static func kernelStepsPerSecond(steps: Int = 3_000_000) -> Double {
    (0..<3).map { _ in rate(steps) { talk(steps) } }.max() ?? 0
  }

  /// Edges of an exploration of `states` states in a second, all checks included; about a second.
  public static func explorerEdgesPerSecond(states: Int = 60_000) -> Double {
    let start = processorSeconds()
    let exploration = Explorer(stateLimit: states).explore()
    return Double(exploration.edges) / max(processorSeconds() - start, 1e-9)
  }

  private static func rate(_ count: Int, _ body: () -> Void) -> Double {
    let start = processorSeconds()
    body()
    return Double(count) / max(processorSeconds() - start, 1e-9)
  }

  /// Makes at least `steps` steps; each exit of the kernel is looked at, so that none is left out.
  private static func talk(_ steps: Int) {
    var world = World<4>.booted
    world.derive()
    var send = Registers()
    send.r4 = UInt32(World<4>.booted.kernel.tasks[1].id.rawValue) | 5 << 16
    send.r5 = Toy.ram(2)
    send.r6 = 8
    send.r7 = Toy.ram(2) + 0x40
    send.r8 = 8
    send.r11 = Call.send.rawValue
    var serve = Registers()
    serve.r5 = Toy.ram(1)
    serve.r6 = 8
    serve.r7 = Toy.ram(1) + 0x40
    serve.r8 = 16
    serve.r11 = Call.replyAndReceive.rawValue
    var wait = Registers()
    wait.r9 = 1
    wait.r11 = Call.receiveNotifications.rawValue
    var done = 0
    while done < steps {
      let current = Int(truncatingIfNeeded: world.kernel.current)
      switch current {
      case 0: world.kernel.tasks[0].registers = wait
      case 1:
        serve.r4 = world.kernel.tasks[1].registers.r4 & 0xFFFF
        world.kernel.tasks[1].registers = serve
      default: world.kernel.tasks[2].registers = send
      }
      world.machine.journeys.count = 0
      world.kernel.call(&world.machine)
      done += 1
      if done % 100 == 0 {
        world.kernel.tick(&world.machine)
        done += 1
      }
    }
    precondition(!world.kernel.tasks[1].state.isFaulted && !world.kernel.tasks[2].state.isFaulted)
  }

  /// The time that this thread has been on a processor.
  static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
