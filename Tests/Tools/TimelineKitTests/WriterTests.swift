// TimelineKitTests/WriterTests.swift: what the writers make of a run that is known to the step.
// How a picture looks is a matter for eyes; here is what must stay the same, and what must not be.

import Foundation
import Testing

@testable import TimelineKit

@Suite struct WriterTests {
  @Test("The Gantt is a row a task under a ruler, with a legend and the story.")
  func gantt() {
    let text = Gantt(Stream.story().timeline, width: 60).text
    #expect(
      text == """
        toy on paper, 0.0000 to 0.1100 ms
                   |0.00 ms              |0.05 ms
        supervisor ████▌·····················▌█████████·············
        server     ▒▒▒▒█████····█████····████✗✗✗✗✗↻▒▒▒▌████▌········
        client     ▒▒▒▒▒▒▒▒▌████▌░░░▌████▌░░░░░░░░▒▒▒▒▒▒▒▒▒█████████
        idle       ·················································

        """ + Self.tail)
  }

  private static let tail = """

    ✗ stopped by a fault   ↻ new life   █ runs   ▌ runs for a part   ▒ ready   ░ waits for a peer   · waits for a message
    0.0500 ms  client sends operation 7, 4 B to server
    0.0600 ms  server is stopped: memory at 0x20000008, pc 0x00001234
    0.0700 ms  server begins life 1; client is told that server died and lives as 1

    """

  @Test("A Gantt has colour only if asked for it, and never a line wider than asked for.")
  func width() {
    let timeline = Stream.story().timeline
    #expect(!Gantt(timeline).text.contains("\u{1B}"))
    #expect(Gantt(timeline, isColored: true).text.contains("\u{1B}[31m✗"))
    let rows = Gantt(timeline, width: 72).text.split(separator: "\n").prefix(6)
    #expect(rows.allSatisfy { $0.count <= 72 })
  }

  @Test("The log has one line an incident; messages are arrows between the tasks' columns.")
  func log() {
    let lines = EventLog(Stream.story().timeline).text.split(separator: "\n").map(String.init)
    #expect(lines.count == 1 + Stream.story().timeline.incidents.count)
    #expect(lines[0] == "       ms  sup ser cli idl")
    #expect(
      lines.contains("   0.0300  ·   ◀───s   ·   client sends operation 7, 4 B to server"))
    #expect(lines.contains("   0.0400  ·   r╌╌╌▶   ·   server replies to client, 2 B"))
    #expect(
      lines.contains(
        "   0.0600  ·   ✗   ·   ·   server is stopped: memory at 0x20000008, pc 0x00001234"))
  }

  @Test("The Chrome trace keeps every rule of its format, and has every message as a flow.")
  func chrome() {
    let checker = TraceFormatChecker(ChromeTrace(Stream.story().timeline).text)
    #expect(checker.problems.isEmpty, "\(checker.problems)")
    #expect(checker.counts["s"] == 2)
    #expect(checker.counts["f"] == 2)
    #expect(checker.counts["t"] == 2)
    #expect(checker.counts["b"] == checker.counts["e"])
  }

  @Test(
    "The checker of the format finds what is wrong.",
    arguments: [
      (#""ph":"f""#, #""ph":"t""#, "goes 'stt'"), (#""dur":"#, #""length":"#, "has no length"),
      (#""s":"t","#, "", "has no scope"), (#","bp":"e""#, "", "binds to the next slice"),
      (#""ph":"e""#, #""ph":"b""#, "does not begin"),
      (#""tid":3"#, #""tid":9"#, "touches no slice"),
    ])
  func checker(from: String, to: String, problem: String) {
    var text = ChromeTrace(Stream.story().timeline).text
    if to == #""tid":9"# {
      // The flows alone go to a thread without slices.
      text = text.split(separator: "\n").map { line in
        line.contains(#""cat":"message""#)
          ? line.replacingOccurrences(of: from, with: to) : String(line)
      }.joined(separator: "\n")
    } else {
      text = text.replacingOccurrences(of: from, with: to)
    }
    let problems = TraceFormatChecker(text).problems
    #expect(problems.contains { $0.contains(problem) }, "\(problems.prefix(3))")
  }

  @Test("Slices that overlap without nesting are found.")
  func overlap() {
    func slice(_ start: Int, _ length: Int) -> String {
      "{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":\(start),\"dur\":\(length),\"name\":\"a\"}"
    }
    let text = "{\"traceEvents\":[\(slice(0, 10)),\(slice(5, 10))]}"
    #expect(TraceFormatChecker(text).problems.count == 1)
  }

  @Test("A hostile name is text in every form, never markup, script or a broken document.")
  func hostileName() throws {
    var timeline = Stream.story().timeline
    timeline.lanes[1].name = "</script><img src=x onerror=alert(1)>\"\\"
    let html = Page(timeline, title: "<b>&").html
    #expect(!html.contains("<img") && !html.contains("<b>"))
    #expect(html.components(separatedBy: "</script>").count == 3)
    #expect(TraceFormatChecker(ChromeTrace(timeline).text).problems.isEmpty)
    let svg = Drawing(timeline, title: "<b>&").svg
    #expect(!svg.contains("<img") && !svg.contains("<b>"))
  }

  @Test("Page and picture load nothing, and follow dark and light.")
  func offline() {
    let timeline = Stream.story().timeline
    for text in [Page(timeline).html, Drawing(timeline).svg] {
      for needle in ["https://", "src=", "@import", "url(", "<link", "href"] {
        #expect(!text.contains(needle), "\(needle)")
      }
      #expect(text.contains("prefers-color-scheme:dark"))
    }
  }

  @Test("The page's data is JSON with every lane and message.")
  func data() throws {
    let html = Page(Stream.story().timeline).html
    let start = try #require(html.range(of: "id=\"data\">"))
    let end = try #require(html.range(of: "</script>", range: start.upperBound..<html.endIndex))
    let data = Data(html[start.upperBound..<end.lowerBound].utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect((object["lanes"] as? [Any])?.count == 4)
    #expect((object["messages"] as? [Any])?.count == 2)
    #expect((object["story"] as? [Any])?.count == 3)
  }

  @Test("Markers of a ruler are round, few, and inside the stretch.")
  func ruler() {
    for end: UInt64 in [1, 7, 999, 12_345, 1_000_000, 777_777_777, 10_000_000_000] {
      let ruler = Ruler(0..<end, count: 8)
      #expect((1...9).contains(ruler.times.count), "\(end): \(ruler.times)")
      #expect(ruler.times.allSatisfy { $0 % ruler.step == 0 && $0 <= end })
    }
  }
}
