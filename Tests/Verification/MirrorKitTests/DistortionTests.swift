// MirrorKitTests/DistortionTests.swift: a lie to the host's kernel does not pass: the test of the test.

import ApusABI
import BoardSupport
import Testing

@testable import MirrorKit

@Suite(.serialized) struct DistortionTests {
  /// The verdict on the console when the host's kernel is deceived.
  ///
  /// Nobody is at its keyboard: who is at one lives in the host's time, and what an event's number
  /// stands for would differ from run to run.
  private func deceive(_ distortion: Distortion) async throws -> Disagreement? {
    var mirror = Mirror(try await Images.shared.bundle("console"))
    (mirror.script, mirror.pace) = (.silence, .fast)
    mirror.distortion = distortion
    return await #expect(throws: Disagreement.self) { try await mirror.run(events: 2_000) }
  }

  @Test("A message one byte longer than the one sent is found out at once.")
  func longerMessage() async throws {
    let disagreement = try await deceive(
      .event(from: 1) { event in
        guard event.door == .call, event.registers.r11 == Call.send.rawValue else { return false }
        event.registers.r6 += 1
        return true
      })
    let text = try #require(disagreement).description
    #expect(text.contains("after the event: console on mps2-an385"), "\(text)")
    #expect(text.contains("call send, task"), "\(text)")
    #expect(text.contains("' r6 "), "\(text)")
    #expect(text.contains("the events before it:"), "\(text)")
  }

  @Test("A tick that the host's kernel does not get shows in its time.")
  func forgottenTick() async throws {
    // Whatever event it is, what the host lacks is seen at its end, or at the next if it was a no.
    let disagreement = try #require(
      try await deceive(
        .event(from: 20) { event in
          guard event.door == .tick else { return false }
          event.door = .interrupt(31)
          return true
        }))
    #expect(disagreement.rows.contains { $0.field == "kernel now, low" }, "\(disagreement)")
  }

  @Test("An event that is kept from the host's kernel is found out.")
  func forgottenEvent() async throws {
    let disagreement = try #require(try await deceive(.forgotten(number: 30)))
    #expect(disagreement.event.number == 30, "\(disagreement)")
  }

  @Test(
    "One wrong bit is found after its event, by its field's name.",
    arguments: [
      (0 * 64 + 44, "task 0 'supervisor' deadline high or fault pc"),
      (5 * 64 + 56, "task 5 'shell' life"), (7 * 64 + 12, "kernel armed"),
    ])
  func wrongBit(byte: Int, field: String) async throws {
    let disagreement = try #require(try await deceive(.flipped(number: 40, bit: byte * 8 + 3)))
    #expect(disagreement.event.number == 40, "\(disagreement)")
    #expect(disagreement.moment == "after the event", "\(disagreement)")
    #expect(disagreement.rows.map(\.field) == [field], "\(disagreement)")
  }
}
