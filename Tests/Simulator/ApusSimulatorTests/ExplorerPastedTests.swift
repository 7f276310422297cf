// ApusSimulatorTests/ExplorerPastedTests.swift: a test as the explorer prints it, pasted.
// It is the shortest way to what the kernel 'lost notification' breaks; this kernel keeps it.

import ApusABI
import Testing

@testable import ApusSimulator

@Suite struct PastedTests {
  @Test("notifications are neither lost nor made up: present = (former + posted) - received")
  func explored() {
    var trace = Trace<4>(.quick)
    trace.call("setTimer now", by: 0, Call.setTimer.rawValue, r4: 0xFFFFFFFE, r6: 2)
    trace.fault(by: 0)
    #expect(trace.broken == nil, "\(trace.counterexample.text)")
  }
}
