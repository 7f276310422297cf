// Apus/Panic.swift: stops a task with a text that is composed on its stack.
// Nothing here allocates, and nothing returns.

/// Stops the task with `message` and its source location; its supervisor decides what follows.
///
/// The text is "file:line message", cut at 96 bytes. A Swift trap also stops the task, with less
/// code but without a text.
@inline(__always)
public func panic(
  _ message: StaticString, file: StaticString = #fileID, line: UInt32 = #line
) -> Never {
  panic(
    UnsafeRawBufferPointer(start: message.utf8Start, count: message.utf8CodeUnitCount),
    UnsafeRawBufferPointer(start: file.utf8Start, count: file.utf8CodeUnitCount), line)
}

@inline(never)
@usableFromInline
func panic(
  _ message: UnsafeRawBufferPointer, _ file: UnsafeRawBufferPointer, _ line: UInt32
) -> Never {
  var text = TextBuffer<96>()
  text.write(file)
  text.write(0x3A)
  text.print(decimal: line)
  text.write(0x20)
  text.write(message)
  text.withUnsafeBytes { Call.panic($0) }
}
