// FuzzTargets/Random/main.swift: calls with random registers, many of them: `random COUNT SEED`.
// The same seed goes the same way on every host. It ends with a count of what came out.

import ApusABI
import ApusKernel

/// Bytes without an end.
struct RandomBytes: ByteSource {
  var dice: Dice
  private var word: UInt64 = 0
  private var left = 0

  init(seed: UInt64) { dice = Dice(state: seed) }

  mutating func byte() -> UInt8? {
    if left == 0 { (word, left) = (dice.next(), 8) }
    defer { (word, left) = (word >> 8, left - 1) }
    return UInt8(truncatingIfNeeded: word)
  }
}

let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
guard arguments.count == 2 else { fatalError("usage: random COUNT SEED") }
var stepper = Stepper(RandomBytes(seed: arguments[1]), booted: Walk(seed: arguments[1]))
if let wrong = stepper.run(limit: Int(arguments[0])) {
  print("seed \(arguments[1]), \(wrong)")
  fatalError("the kernel and the model differ")
}
let tally = stepper.tally
print(
  """
  \(stepper.stepCount) steps of seed \(arguments[1]), kernel and model alike after each
  \(tally.calls) calls: \(tally.faults) stopped the caller, \(tally.blocked) made it wait, \
  \(tally.calls - tally.faults - tally.blocked) came back
  \(stepper.walk.machine.frames.reduce(0, +)) lives of tasks, \(tally.resets) resets of the machine
  """)
