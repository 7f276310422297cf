// MirrorKit/Distortion.swift: a lie told to the host's kernel, to see that the mirror finds it out.
// For tests of the test: without one the mirror never changes an event or a state.

/// What the host's kernel is deceived about.
public enum Distortion: Sendable {
  /// From event `from` on, the first event that `change` returns `true` for, changed by it.
  case event(from: Int, change: @Sendable (inout Event) -> Bool)
  /// Event `number` is kept from the host's kernel.
  case forgotten(number: Int)
  /// After event `number`, one bit of the host's state is another.
  case flipped(number: Int, bit: Int)

  /// Changes the event if it is the one, and says whether it did.
  func change(_ event: inout Event) -> Bool {
    guard case .event(let from, let change) = self, event.number >= from else { return false }
    return change(&event)
  }

  func forgets(_ event: Event) -> Bool {
    if case .forgotten(let number) = self { return number == event.number }
    return false
  }

  func flippedBit(_ event: Event) -> Int? {
    if case .flipped(let number, let bit) = self, number == event.number { return bit }
    return nil
  }
}
