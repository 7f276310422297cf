// KernelWatchTests/KernelWatchTests.swift: what never comes back is ended, and nothing else is.

import Foundation
import KernelWatch
import Testing

@Suite struct KernelWatchTests {
  /// Uses so much of the processor's time on this thread.
  private static func work(seconds: Double, _ step: () -> Void = {}) {
    let start = clock(CLOCK_THREAD_CPUTIME_ID)
    while clock(CLOCK_THREAD_CPUTIME_ID) - start < seconds { step() }
  }

  private static func clock(_ name: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(name, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  @Test("A loop without an end is ended by its use of the processor, and is told of.")
  func endless() async {
    let result = await #expect(
      processExitsWith: .signal(SIGTRAP), observing: [\.standardErrorContent]
    ) {
      let watch = KernelWatch(seconds: 0.5)
      while true { withExtendedLifetime(watch) {} }
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("a kernel has not come back"), "\(text)")
  }

  @Test("Signs of life, a watch given up, and a thread that only waits are no reason to end.")
  func patience() async {
    await #expect(processExitsWith: .success) {
      do {
        let watch = KernelWatch(seconds: 0.5)
        Self.work(seconds: 1.5) { watch.sign() }
        Self.work(seconds: 0.1)
        sleep(2)
        withExtendedLifetime(watch) {}
      }
      Self.work(seconds: 1.5)
    }
  }
}
