// RandomClient/Client.swift: the actor that is mostly a client.
// A restart is safe: its only promise is to do something.

import Apus
import RandomInterface

struct Client: TaskProgram {
  mutating func run() -> Never {
    var actor = Actor(
      Character(
        calls: bit(Peer.supervisor) | bit(Peer.server) | bit(Peer.middle),
        notifies: bit(Peer.server) | bit(Peer.middle) | bit(Peer.hostile), care: 256))
    actor.run()
  }
}
