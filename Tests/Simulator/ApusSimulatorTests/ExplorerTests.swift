// ApusSimulatorTests/ExplorerTests.swift: the explorer visits what there is and sees what is wrong.
// Each sabotage changes what one step leaves, as a kernel with that defect would.

import ApusABI
import ApusKernel
import Testing

@testable import ApusSimulator

@Suite struct ExplorerTests {
  /// An unoptimised step costs ten times as much.
  #if DEBUG
    static let bound = 4_000
  #else
    static let bound = 60_000
  #endif

  @Test(
    "Within a bound every step keeps every promise, and the bound is told.",
    arguments: [ExploredSystem.quick, .oneHostile(at: 1), .oneHostile(at: 2), .oneHostile(at: 3)])
  func boundedExploration(_ system: ExploredSystem) {
    let exploration = Explorer(system, stateLimit: Self.bound).explore()
    #expect(exploration.promise == nil, "\(exploration.report)")
    #expect(!exploration.isClosed)
    #expect(exploration.states >= Self.bound)
    #expect(exploration.openStates > 0)
    #expect(exploration.report.contains("OPEN: \(exploration.openStates) states at the bound"))
  }

  @Test("The same exploration twice visits the same states by the same steps.")
  func determinism() {
    let first = Explorer(stateLimit: 500).explore()
    let second = Explorer(stateLimit: 500).explore()
    #expect(first.states == second.states)
    #expect(first.edges == second.edges)
    #expect(first.depth == second.depth)
  }

  @Test("The alphabet has every call, several argument classes each, for every hostile task.")
  func alphabet() {
    for (system, caller) in [0, 1, 2].map({ (ExploredSystem.quick, $0) })
      + [1, 2, 3].map({
        (.oneHostile(at: $0), $0)
      })
    {
      let events = system.alphabet(caller)
      let calls = Set(events.compactMap(\.event.call))
      #expect(calls.count == Int(Call.last.rawValue) + 1)
      #expect(events.count > 100)
      #expect(Set(events.map(\.name)).count == events.count, "two events share a name")
    }
  }

  @Test("The canonical form of a canonical state is that state.")
  func canonicalForm() {
    var world = World<4>.booted
    world.derive()
    for index in 0..<4 {
      #expect(world.canonicalTask(index) == World<4>.booted.kernel.tasks[index])
    }
  }

  @Test(
    "A defect is found by the promise that it breaks, with the way to it.", arguments: Defect.all)
  func sabotage(_ defect: Defect) throws {
    var search = Search<4>(.quick, stateLimit: 60_000, sabotage: defect.change)
    let exploration = search.run()
    let promise = try #require(exploration.promise, "not found: \(defect.name)")
    #expect(defect.promises.contains(promise), "\(defect.name): \(exploration.report)")
    let way = try #require(exploration.counterexample)
    #expect(way.text.contains("broken: \(promise.rawValue)"))
    #expect(way.violation?.promise == promise, "without abstraction: \(way.text)")
    #expect(!exploration.isClosed)
  }
}

/// A way to break the kernel.
struct Defect: Sendable, CustomTestStringConvertible {
  var name: String
  var promises: Set<Promise>
  var change: StepChange<4>
  var testDescription: String { name }

  static let all: [Defect] = scheduling + generations + memory

  private static let scheduling = [
    Defect(name: "wrong priority", promises: [.order]) { _, _, after in
      let last = 31 - after.kernel.runnable.rawValue.trailingZeroBitCount
      after.kernel.current = UInt32(last)
    },
    Defect(name: "lost notification", promises: [.bits]) { _, event, after in
      if event.call == .post { after.kernel.tasks[2].pending = 0 }
    },
    Defect(name: "missing wake-up", promises: [.wakeUp]) { before, event, after in
      guard event.kind == .tick, before.kernel.tasks[1].state == .waiting,
        after.kernel.tasks[1].state == .runnable
      else { return }
      after.kernel.tasks[1] = before.kernel.tasks[1]
      after.kernel.tasks[1].pending = 2
      after.kernel.runnable.remove(1)
      after.kernel.current = UInt32(after.kernel.runnable.first)
    },
    Defect(name: "timer a tick late", promises: [.timer]) { before, event, after in
      guard event.kind == .tick, before.kernel.armed.contains(1) else { return }
      after.kernel.tasks[1] = before.kernel.tasks[1]
      after.kernel.armed.insert(1)
    },
    Defect(name: "interrupt left unmasked", promises: [.interrupt]) { _, event, after in
      if event.kind == .take { after.machine.isEnabled = true }
    },
  ]

  private static let generations = [
    Defect(name: "stale generation accepted", promises: [.dead]) { _, event, after in
      if event.call == .post, event.isStale { after.kernel.tasks[2].registers.r4 = 0 }
    },
    Defect(name: "wrong dead code", promises: [.dead]) { before, event, after in
      guard event.call == .restartTask, before.kernel.tasks[2].state.isSending else { return }
      if after.kernel.tasks[2].state == .runnable { after.kernel.tasks[2].registers.r4 &+= 1 }
    },
    Defect(name: "restart that keeps a bit", promises: [.rebirth]) { before, event, after in
      guard event.call == .restartTask, before.kernel.current == 0 else { return }
      for index in 1...2 where after.kernel.tasks[index].life != before.kernel.tasks[index].life {
        after.kernel.tasks[index].pending = before.kernel.tasks[index].pending
      }
    },
    Defect(name: "restart that forgets a waiting peer", promises: [.state]) {
      before, event, after in
      guard event.call == .restartTask, before.kernel.tasks[2].state.isSending else { return }
      after.kernel.tasks[2] = before.kernel.tasks[2]
    },
    Defect(name: "fault charged to the wrong task", promises: [.blame, .fate]) { _, event, after in
      guard event.kind == .fault, after.kernel.tasks[2].state.isFaulted else { return }
      after.kernel.tasks[1].state = after.kernel.tasks[2].state
      after.kernel.tasks[2].state = .runnable
      after.kernel.runnable = TaskSet(2)
      after.kernel.runnable.insert(World<4>.idle)
      if after.kernel.tasks[0].state == .runnable { after.kernel.runnable.insert(0) }
      after.kernel.current = UInt32(after.kernel.runnable.first)
    },
  ]

  private static let memory = [
    Defect(name: "a byte too many", promises: [.frame]) { _, _, after in
      if after.machine.journeys.count > 0 { after.machine.journeys.list[0].byteCount += 1 }
    },
    Defect(name: "a byte too early", promises: [.frame]) { _, _, after in
      if after.machine.journeys.count > 0 { after.machine.journeys.list[0].destination -= 1 }
    },
    Defect(name: "slice past the end accepted", promises: [.frame, .fate, .still]) {
      before, event, after in
      guard event.fate == .badSlice, after.kernel.tasks[1].state.fault == .badSlice else { return }
      guard before.kernel.current == 1 else { return }
      var shorter = event
      shorter.registers.r6 -= 1
      after = before
      after.step(&shorter)
      after.kernel.tasks[0].registers.r5 = event.registers.r6
      after.machine.journeys.list[0].byteCount = min(event.registers.r6, 4)
    },
    Defect(name: "leaked lease", promises: [.frame, .lease]) { before, event, after in
      guard event.call == .borrowRead else { return }
      let caller = Int(before.kernel.current)
      if after.kernel.tasks[caller].registers.r4 == ResponseCode.defect.rawValue {
        after.kernel.tasks[caller].registers.r4 = 0
      }
    },
    Defect(name: "message that names another sender", promises: [.delivery]) { _, event, after in
      if event.call == .send, after.kernel.tasks[0].state == .runnable {
        after.kernel.tasks[0].registers.r4 ^= 3
      }
    },
  ]
}
