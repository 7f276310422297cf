// QEMUKit/Debugger.swift: a client of QEMU's gdb stub: look at the guest while it stands still.
// It reads and writes what the guest has; of M-profile's special registers QEMU 7.2 shows xPSR alone.

import Foundation

/// A debugger's connection, for one thread; every call blocks until QEMU has answered.
public final class Debugger {
  /// The registers that the stub shows.
  public struct Registers: Equatable, Sendable {
    /// r0...r15: 13 is the stack pointer in use, 14 the link register, 15 the program counter.
    public var general: [UInt32]
    /// The combined program status; its low 9 bits name the running exception, 0 for a task.
    public var status: UInt32
    /// The program counter.
    public var programCounter: UInt32 { general[15] }
  }

  private let socket: LocalSocket

  /// Connects to the socket that `Machine.debuggerSocket` named; the guest stops at once.
  ///
  /// No answer takes longer than `patience` of host time, or its command throws.
  public init(_ url: URL, patience: Duration = .seconds(10)) throws {
    socket = try LocalSocket(url, patience: patience)
    _ = try ask("?")
  }

  /// Reads all registers.
  public func registers() throws -> Registers {
    let words = try Self.words(try ask("g"))
    guard words.count >= 17 else {
      throw QEMUError("the gdb stub gave \(words.count) words of registers instead of 17")
    }
    // A core without a floating-point unit comes in the old layout, with room for eight registers
    // of the FPA before the status; with one, the status follows at once. It is last in both.
    return Registers(general: Array(words[..<16]), status: words[words.count - 1])
  }

  /// Reads `count` bytes at `address`.
  public func memory(at address: UInt32, count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      // The stub's packets hold 4,096 characters, two for each byte.
      let piece = min(1024, count - bytes.count)
      let start = address &+ UInt32(bytes.count)
      let answer = try Self.bytes(try ask("m\(Self.hex(start)),\(Self.hex(UInt32(piece)))"))
      guard answer.count == piece else {
        throw QEMUError("the guest has no memory at 0x\(Self.hex(start)), \(piece) bytes")
      }
      bytes += answer
    }
    return bytes
  }

  /// Writes `bytes` to `address`.
  public func setMemory(at address: UInt32, to bytes: [UInt8]) throws {
    // As many as the stub's packets hold.
    for start in stride(from: 0, to: bytes.count, by: 1024) {
      let piece = bytes[start..<min(start + 1024, bytes.count)]
      let place = Self.hex(address &+ UInt32(start))
      try demand("M\(place),\(Self.hex(UInt32(piece.count))):\(Self.digits(piece))")
    }
  }

  /// Writes one of r0...r15, and leaves the others as they are.
  public func setRegister(_ number: Int, to value: UInt32) throws {
    // Of single registers the stub wants to know only from those who ask it for its layout.
    var all = Array(try ask("g"))
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    all.replaceSubrange(number * 8..<number * 8 + 8, with: Self.digits(bytes))
    try demand("G" + String(all))
  }

  /// Stops the guest before the instruction at `address`, from now on.
  public func setBreakpoint(at address: UInt32) throws {
    try demand("Z0,\(Self.hex(address)),2")
  }

  /// Lets the guest pass `address` again.
  public func removeBreakpoint(at address: UInt32) throws {
    try demand("z0,\(Self.hex(address)),2")
  }

  /// Runs until the next breakpoint.
  ///
  /// - Throws: `QEMUError` if none is reached in time.
  public func resume() throws { _ = try ask("c") }

  /// Executes one instruction; over a `wfi` it does not return before the next interrupt.
  public func step() throws { _ = try ask("s") }

  /// Lets the guest go on without a debugger.
  public func detach() throws { try demand("D") }

  private func demand(_ command: String) throws {
    let answer = try ask(command)
    guard answer == "OK" else {
      throw QEMUError("the gdb stub answers '\(answer)' to '\(command)'")
    }
  }

  /// Sends a packet and returns the answer's contents.
  private func ask(_ command: String) throws -> String {
    let sum = command.utf8.reduce(UInt8(0), &+)
    let digits = Self.hex(UInt32(sum))
    try socket.send(Array("$\(command)#\(digits.count < 2 ? "0" : "")\(digits)".utf8))
    while try socket.receive() != UInt8(ascii: "$") {}
    var answer: [UInt8] = []
    while true {
      let byte = try socket.receive()
      if byte == UInt8(ascii: "#") { break }
      answer.append(byte)
    }
    // The checksum: a Unix socket loses nothing.
    _ = try (socket.receive(), socket.receive())
    try socket.send([UInt8(ascii: "+")])
    return String(decoding: answer, as: UTF8.self)
  }

  private static func hex(_ value: UInt32) -> String { String(value, radix: 16) }

  private static func digits(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + hex(UInt32($0)) }.joined()
  }

  /// Decodes pairs of hexadecimal digits; an error answer such as `E14` has none.
  static func bytes(_ text: String) throws -> [UInt8] {
    let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return [] }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// Decodes little-endian words.
  static func words(_ text: String) throws -> [UInt32] { words(try bytes(text)) }

  /// The little-endian words that `bytes` are.
  public static func words(_ bytes: [UInt8]) -> [UInt32] {
    stride(from: 0, to: bytes.count & ~3, by: 4).map { index in
      (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * UInt32($1)) }
    }
  }
}
