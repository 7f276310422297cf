// KernelWatch/KernelWatch.swift: ends a process whose kernel does not come back, whatever it loops over.
// The processor's time is the measure: the wall's clock tells of a busy machine as well.

import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A watch over the thread that made it, for as long as it is kept.
///
/// A kernel on the host may loop without asking its machine for anything, so that no count of
/// requests would end it, and nothing can stop a thread of Swift from outside. So when the thread
/// has used so much of the processor's time without a sign of life, it is sent SIGTRAP: under
/// `swift test` the backtrace names the test, and the line of the kernel.
///
/// Keep one for a stretch of work that stays on its thread: while a suspended task holds one, the
/// thread's other work would count.
public final class KernelWatch: Sendable, Equatable {
  /// Signs of life since the beginning.
  private let signs = Atomic<Int>(0)

  /// Begins to watch this thread; `seconds` of the processor are what no honest kernel needs.
  public init(seconds: Double = 30) {
    #if canImport(Glibc)
      let name = ObjectIdentifier(self)
      let watched = Watched(watch: Unmanaged.passUnretained(self), seconds: seconds)
      Watched.all.withLock { $0[name] = watched }
      _ = Watched.watcher
    #endif
  }

  deinit {
    #if canImport(Glibc)
      let name = ObjectIdentifier(self)
      Watched.all.withLock { $0[name] = nil }
    #endif
  }

  /// The work goes on: a step of it is done.
  public func sign() { signs.add(1, ordering: .relaxed) }

  fileprivate var signCount: Int { signs.load(ordering: .relaxed) }

  /// A watch is no part of what holds it.
  public static func == (left: KernelWatch, right: KernelWatch) -> Bool { true }
}

#if canImport(Glibc)
  /// A thread under watch.
  private struct Watched: @unchecked Sendable {
    /// Every watch that is kept; one that is given up takes itself out before its memory is freed,
    /// so that the reference is good while the lock is held.
    static let all = Mutex<[ObjectIdentifier: Watched]>([:])

    let watch: Unmanaged<KernelWatch>
    let seconds: Double
    let thread = pthread_self()
    let clock: clockid_t
    /// The signs, and the time that the thread had used, when last something had changed.
    var signs = 0
    var start: Double

    init(watch: Unmanaged<KernelWatch>, seconds: Double) {
      (self.watch, self.seconds) = (watch, seconds)
      var clock = CLOCK_THREAD_CPUTIME_ID
      pthread_getcpuclockid(thread, &clock)
      (self.clock, start) = (clock, 0)
      start = now ?? 0
    }

    /// The processor's time that the thread has used, in seconds; `nil` if it has ended.
    var now: Double? {
      var time = timespec()
      guard clock_gettime(clock, &time) == 0 else { return nil }
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The thread that looks at all others; there is one from the first watch on.
    static let watcher: Void = {
      var thread = pthread_t()
      pthread_create(&thread, nil, { _ in Watched.look() }, nil)
    }()

    private static func look() -> Never {
      while true {
        usleep(100_000)
        all.withLock { all in
          for name in all.keys { all[name]?.judge() }
        }
      }
    }

    private mutating func judge() {
      let signs = watch.takeUnretainedValue().signCount
      guard let now else { return }
      if signs != self.signs { (self.signs, start) = (signs, now) }
      guard now - start > seconds else { return }
      let text = """

        a kernel has not come back for \(Int(seconds)) seconds of the processor's time;
        the backtrace of the thread that follows (or of SWIFT_BACKTRACE=enable=yes) says which

        """
      _ = text.withCString { write(2, $0, strlen($0)) }
      pthread_kill(thread, SIGTRAP)
      // Whoever ignores the signal is ended all the same.
      sleep(60)
      abort()
    }
  }
#endif
