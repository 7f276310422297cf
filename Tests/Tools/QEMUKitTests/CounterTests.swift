// QEMUKitTests/CounterTests.swift: the plugin counts what one can count by hand.

import Testing

@testable import QEMUKit

@Suite struct CounterTests {
  /// A round of 13 instructions with one device access and one exception.
  private static let loop = """
    .thumb_func
    .globl reset
    reset:
      movs r0, #0
      ldr r2, =0x40004004
    .globl loop
    loop:
      adds r0, #1
      movs r1, #3
    inner:
      subs r1, #1
      bne inner
      ldr r3, [r2, #-4]
    .globl call
    call:
      svc #0
    .globl after
    after:
      b loop
    .thumb_func
    .globl handler
    handler:
      nop
      bx lr
    """

  @Test("Instructions, accesses and handler entries of a known loop are exact, in every sample.")
  func knownLoop() async throws {
    let image = try await TinyImage(Self.loop)
    defer { image.remove() }
    let loop = try image.address("loop")
    let handler = try image.address("handler")
    let counter = Counter(
      [
        .init("loop", from: loop, to: loop, sampleCount: 1000),
        .init("handler", from: handler, to: try image.address("after"), sampleCount: 3),
        .init("boot", from: try image.address("reset"), to: loop),
      ], watching: [handler])
    let samples = try await counter.run(
      image.url, board: "mps2-an385", toolDirectory: TinyImage.toolDirectory)
    #expect(samples["loop"]?.count == 1000)
    #expect(Set(samples["loop"] ?? []) == [.init(instructions: 13, accesses: 1, watched: 1)])
    #expect(
      samples["handler"]
        == .init(repeating: .init(instructions: 2, accesses: 0, watched: 1), count: 3))
    #expect(samples["boot"] == [.init(instructions: 2, accesses: 1, watched: 0)])
  }

  @Test("A gate admits a start only directly after an instruction within it.")
  func gate() async throws {
    let image = try await TinyImage(Self.loop)
    defer { image.remove() }
    let handler = try image.address("handler")
    let call = try image.address("call")
    let after = try image.address("after")
    let open = Counter([.init("x", from: handler, to: after, sampleCount: 2, after: call..<after)])
    let samples = try await open.run(
      image.url, board: "mps2-an385", toolDirectory: TinyImage.toolDirectory)
    #expect(samples["x"]?.map(\.instructions) == [2, 2])
    let shut = Counter([.init("x", from: handler, to: after, after: after..<after + 2)])
    let error = await #expect(throws: QEMUError.self) {
      try await shut.run(
        image.url, board: "mps2-an385", toolDirectory: TinyImage.toolDirectory,
        limit: .milliseconds(700))
    }
    #expect(error?.description.contains("not every interval was counted") == true)
  }

  @Test("A line of the plugin that is no sample is refused, not skipped.")
  func badLine() {
    #expect(throws: QEMUError.self) { try Counter.parse("x 1 2\ncomplete\n") }
  }
}
