// TimelineKitTests/BuilderTests.swift: what a timeline says of a run that is known to the step.

import ApusABI
import Testing

@testable import TimelineKit

@Suite struct BuilderTests {
  @Test("The intervals of every lane follow each other without a gap, over the whole stretch.")
  func tiling() {
    let timeline = Stream.story().timeline
    for lane in timeline.lanes {
      #expect(lane.intervals.first?.start == timeline.span.lowerBound, "\(lane.name)")
      #expect(lane.intervals.last?.end == timeline.span.upperBound, "\(lane.name)")
      for (one, next) in zip(lane.intervals, lane.intervals.dropFirst()) {
        #expect(one.end == next.start && one.start < one.end)
      }
    }
  }

  @Test("Never do two tasks run at once, and some task always does.")
  func oneRuns() {
    let timeline = Stream.story().timeline
    for time in stride(from: timeline.span.lowerBound, to: timeline.span.upperBound, by: 5_000) {
      let running = timeline.lanes.filter { $0.interval(at: time)?.activity == .running }
      #expect(running.count == 1, "\(running.map(\.name)) at \(time)")
    }
  }

  @Test("A message is sent, delivered and answered at its times, with code and size.")
  func exchange() {
    var stream = Stream()
    stream.settle()
    stream.ask()
    stream.answer()
    let messages = stream.timeline.messages
    #expect(
      messages == [
        Message(
          id: 0, sender: 2, receiver: 1, operation: 7, byteCount: 4, leaseCount: 0, sent: 30_000,
          delivered: 30_000, ended: 40_000, outcome: .replied(code: 0, byteCount: 2), parent: nil)
      ])
  }

  @Test("A message to a busy task is delivered when it receives, not when it is sent.")
  func late() {
    var stream = Stream()
    stream.call(.receive, by: 0) { $0.tasks[0].state = .receiving }
    stream.ask(isTaken: false)
    stream.call(.receive, by: 1) { $0.tasks[2].state = .awaitingReply(from: TaskID(index: 1)) }
    let message = stream.timeline.messages[0]
    #expect(message.sent == 20_000)
    #expect(message.delivered == 30_000)
    #expect(message.outcome == .open)
    #expect(stream.timeline.lanes[2].intervals.map(\.activity).contains(.sending))
  }

  @Test("Who waits for a task that dies is told with its next life, and the story tells it.")
  func death() {
    let timeline = Stream.story().timeline
    #expect(timeline.messages[1].outcome == .peerDied(generation: 1))
    let story = timeline.story.flatMap(\.incidents).map(timeline.text)
    #expect(
      story == [
        "client sends operation 7, 4 B to server",
        "server is stopped: memory at 0x20000008, pc 0x00001234",
        "server begins life 1", "client is told that server died and lives as 1",
      ])
  }

  @Test("A refused client is stopped, and its message says why.")
  func refusal() {
    var stream = Stream()
    stream.settle()
    stream.ask()
    stream.call(.replyFault, by: 1, [1 << 16 | 2]) {
      $0.tasks[2].state = $0.tasks[2].state.faulted(.refused)
      $0.tasks[2].bits = 1 << 16 | 1
      $0.tasks[0].state = .runnable
    }
    #expect(stream.timeline.messages[0].outcome == .refused(reason: 1))
    #expect(stream.timeline.lanes[2].intervals.last?.activity == .faulted)
  }

  @Test("A reset of the machine withdraws every message, and its next life begins new.")
  func reset() {
    var stream = Stream()
    stream.settle()
    stream.ask()
    stream.add(.boot, by: 0) { $0.tasks = (0..<4).map { .init(life: UInt32($0)) } }
    #expect(stream.timeline.messages[0].outcome == .withdrawn)
    #expect(stream.timeline.incidents.last?.kind == .boot)
  }

  @Test("A timer is set, then due; one that dies with its task is never due.")
  func timers() {
    var stream = Stream()
    stream.settle()
    stream.call(.setTimer, by: 2, [9, 0, 1]) {
      $0.tasks[2].isArmed = true; $0.tasks[2].bits = 1
    }
    stream.add(.tick, by: 2) { $0.tasks[2].isArmed = false }
    stream.call(.setTimer, by: 2, [9, 0, 1]) { $0.tasks[2].isArmed = true }
    stream.add(.fault(.bus, address: 0), by: 2) {
      $0.tasks[2].isArmed = false
      $0.tasks[2].state = $0.tasks[2].state.faulted(.bus)
    }
    let kinds = stream.timeline.incidents.filter { $0.task == 2 }.map(\.kind)
    #expect(kinds.filter { $0 == .armed(deadline: 9, bits: 1) }.count == 2)
    #expect(kinds.filter { $0 == .expired(1) }.count == 1)
  }

  @Test("An interrupt is its owner's, with the board's name; a post names the target's bit.")
  func names() {
    var stream = Stream()
    stream.settle()
    stream.add(.interrupt(5), by: 2) { _ in }
    stream.call(.post, by: 2, [1, 2]) { $0.tasks[1].pending = 2 }
    stream.call(.post, by: 2, [1 + 32, 2]) { $0.tasks[2].results = [0xFFFF_F800, 0] }
    let timeline = stream.timeline
    #expect(
      timeline.incidents.suffix(3).map(timeline.text) == [
        "interrupt uart-rx for server", "client posts timer to server", "client calls post",
      ])
  }

  @Test("A message sent for another knows it, and the chain of waiting tasks shows both.")
  func chain() {
    var stream = Stream()
    stream.call(.receive, by: 0) { $0.tasks[0].state = .receiving }
    stream.call(.receive, by: 1) { $0.tasks[1].state = .receiving }
    stream.ask()
    stream.call(.send, by: 1, [3 << 16]) {
      $0.tasks[1].state = .awaitingReply(from: TaskID(index: 0))
      $0.tasks[0].state = .runnable
    }
    stream.time += 10_000
    let timeline = stream.timeline
    #expect(timeline.messages[1].parent == 0)
    #expect(timeline.waitChain(of: 2, at: 45_000) == [1, 0])
    #expect(timeline.longestWaitChain?.tasks == [2, 1, 0])
  }

  @Test("A shorter stretch keeps the numbers of its messages, and who waits through all of it.")
  func clipping() {
    let timeline = Stream.story().timeline.clipped(to: 55_000..<65_000)
    #expect(timeline.messages.map(\.id) == [1])
    #expect(timeline.lanes.allSatisfy { $0.intervals.first?.start == 55_000 })
    #expect(timeline.lanes[2].intervals.map(\.activity) == [.awaitingReply])
    #expect(timeline.incidents.map(\.time).allSatisfy { (55_000...65_000).contains($0) })
  }
}
