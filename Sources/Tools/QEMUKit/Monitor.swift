// QEMUKit/Monitor.swift: a client of the QEMU machine protocol: QEMU's own view of the machine.
// Commands are named as QEMU names them; nothing is wrapped that nobody here uses.

import Foundation

/// A monitor's connection, for one thread; every call blocks until QEMU has answered.
public final class Monitor {
  private let socket: LocalSocket

  /// Connects to the socket that `Machine.monitorSocket` named, and leaves the negotiation.
  public init(_ url: URL) throws {
    socket = try LocalSocket(url)
    _ = try line()
    try execute("qmp_capabilities")
  }

  /// Executes `command` and returns what QEMU calls `return`.
  ///
  /// - Throws: `QEMUError` with QEMU's own words if it refuses.
  @discardableResult
  public func execute(_ command: String, _ arguments: [String: Any] = [:]) throws -> Any {
    var request: [String: Any] = ["execute": command]
    if !arguments.isEmpty { request["arguments"] = arguments }
    try socket.send(Array(try JSONSerialization.data(withJSONObject: request)))
    while true {
      let answer = try line()
      if let result = answer["return"] { return result }
      if let error = answer["error"] as? [String: Any] {
        throw QEMUError("QEMU refuses '\(command)': \(error["desc"] ?? "no reason given")")
      }
      // Anything else is an event, which comes whenever it likes.
    }
  }

  /// Stops the processor.
  public func stop() throws { try execute("stop") }

  /// Lets the processor go on.
  public func resume() throws { try execute("cont") }

  /// The instructions executed since power-on, under any `Pace` of ours.
  public func instructionCount() throws -> Int {
    let answer = try execute("query-replay") as? [String: Any]
    guard let count = answer?["icount"] as? Int else {
      throw QEMUError("QEMU counts no instructions: \(answer ?? [:])")
    }
    return count
  }

  /// The registers of the floating-point unit, s0...s31 and FPSCR; none if the core has no unit.
  public func floatingPointRegisters() throws -> [UInt32] {
    let answer = try execute("human-monitor-command", ["command-line": "info registers"])
    // Lines such as `s00=00000000 s01=00000000 d00=...`, and `FPSCR: 00000000` last.
    return (answer as? String ?? "").matches(of: /(?:\bs\d\d=|FPSCR: )([0-9a-f]{8})/)
      .compactMap { UInt32($0.1, radix: 16) }
  }

  private func line() throws -> [String: Any] {
    var bytes: [UInt8] = []
    while bytes.last != UInt8(ascii: "\n") { bytes.append(try socket.receive()) }
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw QEMUError("QEMU's monitor said: \(String(decoding: bytes, as: UTF8.self))")
    }
    return object
  }
}
