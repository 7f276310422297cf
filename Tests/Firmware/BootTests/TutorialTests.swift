// BootTests/TutorialTests.swift: what the README tells a newcomer to write builds and runs.

import BoardSupport
import Foundation
import QEMUKit
import Testing

@Suite struct TutorialTests {
  @Test("The task of the README, copied from there, counts.")
  func ownTask() async throws {
    let readme = try String(
      contentsOf: Images.root.appending(path: "README.md"), encoding: .utf8)
    let manifest = try #require(readme.firstMatch(of: /```yaml\n([^`]*)```/)).output.1
    let source = try #require(readme.firstMatch(of: /```swift\n([^`]*)```/)).output.1
    let repository = try BorrowedRepository()
    defer { repository.remove() }
    try repository.write(manifest, to: "Blink/app.yaml")
    try repository.write(source, to: "Blink/Counter/Counter.swift")
    try repository.add("Blink/Supervisor", from: "Sources/Firmware/Hello/Supervisor")
    let bundle = try await repository.build("blink", "mps2-an385")
    let machine = Machine(board: bundle.plan.board.machine, image: bundle.image)
    try await Session(machine).run { guest in
      let words = try await guest.expect("3\r\n")
      #expect(words == "1\r\n2\r\n3\r\n")
    }
  }
}
