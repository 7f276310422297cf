// SweepKit/Boundaries.swift: between which two instructions of the kernel an interrupt became pending.
// It reads QEMU's log: our plugin's addresses, and between them QEMU's own trace of the NVIC.

import Foundation
import ImagePlan
import QEMUKit

/// Instructions of the kernel, by address.
struct Boundaries: Sendable, Equatable {
  /// Those executed while an alarm was on its way.
  var executed: Set<UInt32> = []
  /// Those directly behind which the alarm became pending at least once.
  var hit: Set<UInt32> = []
  /// Those directly behind which a tick did.
  var ticked: Set<UInt32> = []

  mutating func formUnion(_ other: Boundaries) {
    executed.formUnion(other.executed)
    hit.formUnion(other.hit)
    ticked.formUnion(other.ticked)
  }
}

/// The log of one run.
struct BoundaryLog: Sendable {
  /// The register of the board's timer that its driver stores to once for each alarm.
  let alarm: UInt32
  private let interrupt: Int
  private let file: URL

  /// `nil` if the image's timer is not one of those known.
  init?(_ bundle: ImageBundle) {
    let board = bundle.plan.board
    guard let timer = board.peripherals.first(where: { $0.name == "timer0" }),
      let line = board.interrupts.first(where: { $0.name == "timer0" })
    else { return nil }
    // VALUE of the CMSDK's, GPTMTAILR of the Stellaris family's: see Apus/Devices/IntervalTimer.swift.
    alarm = timer.window.base + (timer.driver == .stellaris ? 0x28 : 0x04)
    interrupt = 16 + line.number
    file = bundle.directory.appending(path: "boundaries-\(UUID().uuidString).log")
  }

  /// What QEMU must be told.
  var arguments: [String] {
    ["-d", "plugin", "-D", file.path, "-trace", "nvic_set_pending"]
  }

  /// Reads the log, and removes it.
  func read(_ kernel: Range<UInt32>) throws -> Boundaries {
    defer { try? FileManager.default.removeItem(at: file) }
    guard let data = try? Data(contentsOf: file) else {
      throw QEMUError("QEMU left no log at \(file.path)")
    }
    return Self.parse(Array(data), interrupt: interrupt, kernel)
  }

  /// Reads lines: an address, or a sentence of the trace, which begins with `nvic`.
  static func parse(_ text: [UInt8], interrupt: Int, _ kernel: Range<UInt32>) -> Boundaries {
    // The addresses as bytes of a map: a set would be asked ten million times.
    var executed = [Bool](repeating: false, count: kernel.count)
    var result = Boundaries()
    var last: UInt32?
    var isPending = false
    let alarm = Array(" irq \(interrupt) ".utf8)
    let tick = Array(" irq 15 ".utf8)
    text.withUnsafeBufferPointer { text in
      var start = 0
      while start < text.count {
        var end = start
        if text[start] == UInt8(ascii: "n") {
          while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
          let sentence = Array(text[start..<end])
          if let last, sentence.firstRange(of: alarm) != nil, !isPending {
            result.hit.insert(last)
            isPending = true
          } else if let last, sentence.firstRange(of: tick) != nil {
            result.ticked.insert(last)
          }
        } else {
          var value: UInt32 = 0
          while end < text.count, text[end] != UInt8(ascii: "\n") {
            let digit = UInt32(text[end])
            value = value << 4 | (digit < 0x3A ? digit &- 0x30 : digit &- 0x57)
            end += 1
          }
          last = kernel.contains(value) ? value : nil
          if let last {
            executed[Int(last - kernel.lowerBound)] = true
          } else {
            // A task runs: the next alarm may be armed.
            isPending = false
          }
        }
        start = end + 1
      }
    }
    for (offset, isSet) in executed.enumerated() where isSet {
      result.executed.insert(kernel.lowerBound + UInt32(offset))
    }
    return result
  }
}
