// ConformanceVictim/Victim.swift: the puppet that others try to harm.
// Calls: supervisor, assist. Called by: suite. A restart is safe: it keeps nothing.

import Apus
import ConformanceInterface

struct Victim: TaskProgram {
  mutating func run() -> Never { Puppet.run() }
}
