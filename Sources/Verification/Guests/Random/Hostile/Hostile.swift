// RandomHostile/Hostile.swift: the actor that takes no care at all.
// A restart is safe: its only promise is to do something.

import Apus
import RandomInterface

struct Hostile: TaskProgram {
  mutating func run() -> Never {
    var actor = Actor(
      Character(
        calls: bit(Peer.supervisor) | bit(Peer.driver) | bit(Peer.middle) | bit(Peer.client),
        notifies: bit(Peer.supervisor) | bit(Peer.driver) | bit(Peer.client), care: 24))
    actor.run()
  }
}
