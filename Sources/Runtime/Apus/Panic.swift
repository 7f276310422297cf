// Apus/Panic.swift: a task's last words, composed on its stack.
// Nothing here allocates, and nothing returns.

/// Stops the task for good, with `message` and the place that says it; its supervisor decides on.
///
/// The text reads "file:line message", cut at 96 bytes. A Swift trap stops the task as well, for
/// less code but without a text.
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
