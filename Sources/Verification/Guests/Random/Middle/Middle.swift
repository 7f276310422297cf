// RandomMiddle/Middle.swift: the actor that is as often a server as a client.
// A restart is safe: its only promise is to do something.

import Apus
import RandomInterface

struct Middle: TaskProgram {
  mutating func run() -> Never {
    var actor = Actor(
      Character(
        calls: bit(Peer.supervisor) | bit(Peer.driver) | bit(Peer.server),
        notifies: bit(Peer.driver) | bit(Peer.server) | bit(Peer.hostile), care: 512))
    actor.run()
  }
}
