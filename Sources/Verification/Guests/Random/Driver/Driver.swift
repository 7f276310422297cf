// RandomDriver/Driver.swift: the actor that owns a device.
// A restart is safe: its only promise is to do something.

import Apus
import RandomInterface

struct Driver: TaskProgram {
  mutating func run() -> Never {
    var actor = Actor(
      Character(
        calls: bit(Peer.supervisor),
        notifies: bit(Peer.supervisor) | bit(Peer.server) | bit(Peer.client) | bit(Peer.hostile),
        care: 1024,
        device: IntervalTimer(Peripheral.timer0, Image.timer0Driver),
        interval: Image.clockHertz / 500))
    actor.run()
  }
}
