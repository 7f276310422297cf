// ConformanceAssist/Assist.swift: the puppet that serves others and owns a device.
// Calls: supervisor. Called by: victim, suite, hostile. A restart is safe: it keeps nothing.

import Apus
import ConformanceInterface

struct Assist: TaskProgram {
  mutating func run() -> Never { Puppet.run() }
}
