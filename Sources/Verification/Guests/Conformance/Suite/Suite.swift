// ConformanceSuite/Suite.swift: the puppet that asks as a client may.
// Calls: supervisor, assist, victim. Called by: hostile. A restart is safe: it keeps nothing.

import Apus
import ConformanceInterface

struct Suite: TaskProgram {
  mutating func run() -> Never { Puppet.run() }
}
