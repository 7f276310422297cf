// BenchClient/Client.swift: exchanges messages in series, checks each, and sleeps between series.
// Calls: server. Called by: none. Notifications: timer.
// A wrong reply traps, so that a broken figure cannot be printed: the rounds stop.

import Apus
import BenchInterface
import CApusMarkers

struct Client: TaskProgram {
  /// Rounds between two sleeps, a power of two: enough to repeat, few enough to let idle run soon.
  static var seriesLength: UInt32 { 64 }

  mutating func run() -> Never {
    var server = Apus.Client(Peer.server)
    var number: UInt32 = 0
    while true {
      exchangeSeries(&server, &number)
      // Idle runs meanwhile, so that the driver's interrupt finds it running.
      Time.sleep(20, with: Notification.timer)
    }
  }

  @inline(__always)
  private func exchangeSeries(_ server: inout Apus.Client, _ number: inout UInt32) {
    repeat {
      apus_marker_round()
      let request = Exchange(number: number, copy: number, first: 0x0102_0304, second: 0xA5A5_5A5A)
      guard let reply = try? server.call(request) else { fatalError("the server is gone") }
      number &+= 1
      // All differences in one word, so that there is one branch for the four.
      let difference =
        (reply.number ^ number) | (reply.copy ^ request.copy)
        | (reply.first ^ request.first) | (reply.second ^ request.second)
      guard difference == 0 else { fatalError("a wrong reply") }
    } while number & (Self.seriesLength - 1) != 0
    apus_marker_rounds_end()
  }
}
