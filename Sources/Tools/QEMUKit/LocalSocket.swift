// QEMUKit/LocalSocket.swift: a client's end of a Unix socket, with a deadline for every wait.
// It blocks the calling thread: a step of a debugger takes microseconds, and a task switch as many.

import Foundation
import SystemPackage

/// A connection to a socket that QEMU made, for one thread.
public final class LocalSocket {
  private let descriptor: FileDescriptor
  private let name: String
  private var buffer: [UInt8] = []
  private let patience: Duration

  /// Connects as soon as QEMU has made the socket; every later wait lasts `patience` at most, too.
  ///
  /// - Throws: `QEMUError` if it is not there within `patience`, or if the path is longer than the
  ///   107 bytes that a socket's name may have.
  public init(_ url: URL, patience: Duration = .seconds(10)) throws {
    name = url.path
    self.patience = patience
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(name.utf8)
    let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard path.count <= capacity else {
      throw QEMUError("the socket's path has \(path.count) bytes, at most \(capacity) fit: \(name)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let deadline = ContinuousClock.now + patience
    while true {
      let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let status = withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if status == 0 {
        descriptor = FileDescriptor(rawValue: number)
        return
      }
      close(number)
      guard ContinuousClock.now < deadline else {
        throw QEMUError("QEMU made no socket within \(patience): \(name)")
      }
      usleep(5000)
    }
  }

  deinit { try? descriptor.close() }

  /// Sends all bytes.
  ///
  /// - Throws: `Errno` if QEMU has closed the socket.
  public func send(_ bytes: [UInt8]) throws {
    BrokenPipe.isAnError
    try descriptor.writeAll(bytes)
  }

  /// The next byte.
  func receive() throws -> UInt8 {
    if position == buffer.count { (buffer, position) = (try receiveSome(), 0) }
    defer { position += 1 }
    return buffer[position]
  }

  private var position = 0

  /// What is there, waited for if nothing is; never empty.
  ///
  /// - Throws: `QEMUError` if nothing comes, or never will.
  public func receiveSome() throws -> [UInt8] {
    var request = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
    let milliseconds = patience / .milliseconds(1)
    var ready: Int32
    // A signal ends a wait, whatever its handler asks for: the simulator's clock sends some.
    repeat { ready = poll(&request, 1, Int32(milliseconds)) } while ready < 0 && errno == EINTR
    guard ready > 0 else {
      throw QEMUError("QEMU did not answer within \(patience) at \(name)")
    }
    let bytes = try descriptor.readSome(atMost: 16_384)
    if bytes.isEmpty { throw QEMUError("QEMU closed its socket \(name)") }
    return bytes
  }
}
