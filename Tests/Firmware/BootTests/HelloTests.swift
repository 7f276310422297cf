// BootTests/HelloTests.swift: the smallest app greets on every board.

import BoardSupport
import Testing

@Suite struct HelloTests {
  @Test("The greeter greets, and then tells each second.", arguments: Images.boards)
  func greets(board: String) async throws {
    let session = try await Images.shared.session("hello", board)
    try await session.run { guest in
      let words = try await guest.expect("3 s\r\n")
      #expect(words == "Hello from Apus\r\n1 s\r\n2 s\r\n3 s\r\n")
    }
  }
}
