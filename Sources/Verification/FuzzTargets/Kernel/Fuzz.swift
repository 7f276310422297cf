// FuzzTargets/Kernel/Fuzz.swift: what libFuzzer calls with each input for the kernel.
// A disagreement is printed and traps, which the fuzzer keeps as a crash.

/// The input as a source of bytes.
struct InputBytes: ByteSource {
  let bytes: UnsafeBufferPointer<UInt8>
  var place = 0

  mutating func byte() -> UInt8? {
    guard place < bytes.count else { return nil }
    defer { place += 1 }
    return bytes[place]
  }
}

private let booted = Walk(seed: 0)

@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  var stepper = Stepper(InputBytes(bytes: bytes), booted: booted)
  if let wrong = stepper.run(limit: .max) { fatalError(wrong) }
  return 0
}
