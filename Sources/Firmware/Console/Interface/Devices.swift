// ConsoleInterface/Devices.swift: what the console's tasks ask of uart, clock, sensor and logger.
// Data alone: both sides compile it, so a request means the same to both.

import Apus

/// Operation numbers; one space for the whole app, so that a stray request is never understood.
enum Operation {
  static var crash: UInt16 { 1 }
  static var write: UInt16 { 2 }
  static var read: UInt16 { 3 }
  static var readUptime: UInt16 { 4 }
  static var readSample: UInt16 { 5 }
  static var fillSamples: UInt16 { 6 }
  static var append: UInt16 { 7 }
  static var readRecord: UInt16 { 8 }
  static var inspectTask: UInt16 { 9 }
  static var takeFault: UInt16 { 10 }
  static var readPanic: UInt16 { 11 }
  static var readReset: UInt16 { 12 }
  static var inject: UInt16 { 13 }
  static var reset: UInt16 { 14 }
}

/// The bits that others post to the shell; `app.yaml` lists them in this order.
public enum ShellNotification {
  /// The uart has bytes to read.
  public static var input: UInt32 { 1 << 0 }
  /// The supervisor has a fault to tell of.
  public static var fault: UInt32 { 1 << 1 }
}

/// Asks the uart to send the bytes lent; answered when the last one is with the hardware.
public struct WriteText: Request {
  public static var operation: UInt16 { Operation.write }
  public init() {}

  /// The code for a second writer while the first one's text is under way.
  public static var busy: UInt16 { 16 }
}

/// Asks the uart for bytes that have come; there may be none.
public struct ReadBytes: Request {
  public static var operation: UInt16 { Operation.read }
  public typealias Reply = ReceivedBytes
  public init() {}
}

/// Up to 16 bytes.
public struct ReceivedBytes: BitwiseCopyable, Sendable {
  public var count: UInt32 = 0
  public var bytes: InlineArray<16, UInt8> = InlineArray(repeating: 0)
  public init() {}
}

/// Asks the clock how long the machine runs, in milliseconds (wraps after 49 days).
public struct ReadUptime: Request {
  public static var operation: UInt16 { Operation.readUptime }
  public typealias Reply = UInt32
  public init() {}
}

/// Asks the sensor for its latest sample.
public struct ReadSample: Request {
  public static var operation: UInt16 { Operation.readSample }
  public typealias Reply = Sample
  public init() {}
}

/// A temperature in thousandths of a degree Celsius.
public struct Sample: BitwiseCopyable, Sendable {
  /// Counts the samples of the sensor's present life.
  public var number: UInt32
  public var millidegrees: UInt32

  public init(number: UInt32, millidegrees: UInt32) {
    self.number = number
    self.millidegrees = millidegrees
  }
}

/// Asks the sensor to fill the memory lent with bytes 1, 2, 3...; answers how many it wrote.
public struct FillSamples: Request {
  public static var operation: UInt16 { Operation.fillSamples }
  public typealias Reply = UInt32
  public init() {}
}

/// Asks the logger to keep a record.
public struct AppendRecord: Request {
  public static var operation: UInt16 { Operation.append }
  public var event: Event
  public var value: UInt32

  public init(_ event: Event, _ value: UInt32) {
    self.event = event
    self.value = value
  }
}

/// Asks the logger for its record `index`, counted from the oldest; code 2 if there is none.
public struct ReadRecord: Request {
  public static var operation: UInt16 { Operation.readRecord }
  public typealias Reply = LogRecord
  public var index: UInt32
  public init(_ index: UInt32) { self.index = index }
}

/// What happened, as a number with names for those known.
public struct Event: BitwiseCopyable, Equatable, Sendable {
  public var rawValue: UInt32
  init(_ rawValue: UInt32) { self.rawValue = rawValue }

  public static var start: Event { Event(1) }
  public static var sample: Event { Event(2) }
  public static var fault: Event { Event(3) }
}

/// One line of the log: 16 bytes.
public struct LogRecord: BitwiseCopyable, Sendable {
  /// The tick, modulo 2^32.
  public var tick: UInt32
  /// The index of the task that wrote it.
  public var task: UInt32
  public var event: Event
  public var value: UInt32

  public init(tick: UInt32, task: UInt32, event: Event, value: UInt32) {
    self.tick = tick
    self.task = task
    self.event = event
    self.value = value
  }

  /// An unused entry.
  public static var none: LogRecord { LogRecord(tick: 0, task: 0, event: Event(0), value: 0) }
}
