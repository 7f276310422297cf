// RandomServer/Server.swift: the actor that most others can send to.
// A restart is safe: its only promise is to do something.

import Apus
import RandomInterface

struct Server: TaskProgram {
  mutating func run() -> Never {
    var actor = Actor(
      Character(
        calls: bit(Peer.supervisor) | bit(Peer.driver),
        notifies: bit(Peer.driver) | bit(Peer.middle) | bit(Peer.client), care: 1024))
    actor.run()
  }
}
