// ConformanceHostile/Hostile.swift: the puppet that breaks every rule there is.
// Calls: supervisor, assist, suite. Called by: nobody. A restart is safe: it keeps nothing.

import Apus
import ConformanceInterface

struct Hostile: TaskProgram {
  mutating func run() -> Never { Puppet.run() }
}
