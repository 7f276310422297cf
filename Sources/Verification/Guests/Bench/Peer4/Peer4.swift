// BenchPeer4/Peer4.swift: waits for a message that nobody sends.
// Calls: none. Called by: none. Notifications: none.
// It makes the image as large as the figures say, and lengthens what depends on the count of tasks.

import Apus

struct Peer4: TaskProgram {
  mutating func run() -> Never {
    while true {
      _ = Call.receive(into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }
  }
}
