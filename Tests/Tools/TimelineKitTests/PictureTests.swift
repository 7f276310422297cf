// TimelineKitTests/PictureTests.swift: timelines of real apps, and the picture that is committed.
// The picture is made again and compared byte for byte: what it shows is what the code does.

import ApusABI
import Foundation
import Testing
import TraceKit

@testable import TimelineKit

@Suite struct PictureTests {
  static let picture = "Sources/Tools/TimelineKit/TimelineKit.docc/Resources/crash.svg"
  static let command = """
    apus trace --simulate --input 'crash sensor memory' --around-fault --for 200us \
    --title 'crash sensor memory' --format svg --output \(picture)
    """

  @Test("The picture in the documentation is what its command makes today.")
  func committed() throws {
    let timeline = try Devices.console("crash sensor memory", from: nil, microseconds: 200)
    let fresh = Drawing(timeline, title: "crash sensor memory").svg
    let file = Devices.root.appending(path: Self.picture)
    let committed = try String(contentsOf: file, encoding: .utf8)
    #expect(fresh == committed, "another picture; make it again: \(Self.command)")
  }

  @Test("The story of a crash is told: the message, the fault with its address, the new life.")
  func crash() throws {
    let timeline = try Devices.console("crash sensor memory", from: nil, microseconds: 1_000)
    let words = timeline.story.flatMap(\.incidents).map(timeline.text)
    #expect(words.count == 4)
    #expect(words.first?.hasPrefix("shell sends operation") == true)
    #expect(words[1].hasPrefix("sensor is stopped: memory at 0x"))
    #expect(words[2] == "sensor begins life 1")
    // The others go on: the UART works for the shell after the crash.
    let fault = try #require(timeline.firstFault)
    let later = timeline.lanes[1].intervals.filter { $0.start > fault && $0.activity == .running }
    #expect(!later.isEmpty)
  }

  @Test("The same run makes the same bytes, in every form.")
  func determinism() throws {
    let one = try Devices.console("ps; lend", microseconds: 20_000)
    let two = try Devices.console("ps; lend", microseconds: 20_000)
    #expect(ChromeTrace(one).text == ChromeTrace(two).text)
    #expect(Page(one).html == Page(two).html)
    #expect(EventLog(one).text == EventLog(two).text)
  }

  @Test(
    "A console's trace keeps the format's rules, whole and from any instant on.",
    arguments: [0, 300, 1_234, 5_000] as [UInt64])
  func chrome(from start: UInt64) throws {
    let input = "ps; crash clock panic; lend; crash sensor refused; reset"
    let whole = try Devices.console(input, microseconds: 30_000)
    let part = whole.clipped(to: start * 1_000..<(start + 4_000) * 1_000)
    for timeline in [whole, part] {
      let checker = TraceFormatChecker(ChromeTrace(timeline).text)
      #expect(checker.problems.isEmpty, "\(checker.problems.prefix(5))")
    }
  }

  @Test("In a console's timeline one task runs at a time, and every lane is without a gap.")
  func tiling() throws {
    let timeline = try Devices.console("ps; crash clock panic; reset", microseconds: 20_000)
    var runs: [Interval] = []
    for lane in timeline.lanes {
      #expect(lane.intervals.first?.start == 0 && lane.intervals.last?.end == 20_000_000)
      #expect(zip(lane.intervals, lane.intervals.dropFirst()).allSatisfy { $0.end == $1.start })
      runs += lane.intervals.filter { $0.activity == .running }
    }
    runs.sort { $0.start < $1.start }
    #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.end <= $1.start })
  }

  @Test("A run without a fault is refused where the trace is to be around one.")
  func faultless() {
    let timeline = Stream().timeline
    #expect(throws: TraceError.self) {
      try TraceWindow(from: nil, length: 1_000).cut(timeline)
    }
  }

  @Test("A dialogue's lines are separated by semicolons or line ends.")
  func dialogue() {
    let lines = Dialogue(prompt: nil, text: " ps ;crash sensor memory\n; \n exit").lines
    #expect(lines == ["ps", "crash sensor memory", "exit"])
  }
}
