// FootprintKit/Stack/StackBound.swift: the worst case along the calls, with the path that makes it.
// A ring of calls is told as a doubt; the bound then counts each function of it once.

import ELFKit

/// The worst case of one root: a task, the kernel's reset, or an exception.
public struct StackBound: Sendable, Equatable {
  public struct Step: Sendable, Equatable {
    public var name: String
    /// The bytes on the stack when it calls the next, or its deepest for the last.
    public var depth: Int
  }

  public var name: String
  /// Bytes below the stack pointer at entry, exception frames not counted.
  public var byteCount: Int
  /// From the root to the deepest function.
  public var path: [Step]
  /// Why the bound may be too low; empty when it is a proof.
  public var doubts: [StackDoubt]

  public var isProven: Bool { doubts.isEmpty }
}

extension StackAnalysis {
  private struct Best {
    var byteCount: Int
    /// The call that leads deeper; nil when the function itself is deepest.
    var call: StackNode.Call?
  }

  /// The worst case from `entry`.
  mutating func bound(from entry: UInt32, name title: String) -> StackBound {
    analyze(entry)
    var best: [UInt32: Best] = [:]
    var stack: [UInt32] = []
    var doubts: Set<StackDoubt> = []
    _ = deepest(entry, &best, &stack, &doubts)
    var path: [StackBound.Step] = []
    var current = entry
    while let found = best[current], path.count < Self.maximumNesting {
      let depth = found.call?.depth ?? found.byteCount
      let place = found.call?.site ?? nodes[current]?.deepest ?? 0
      path.append(.init(name: stepTitle(of: current, at: place), depth: depth))
      guard let call = found.call else { break }
      current = call.target
    }
    return StackBound(
      name: title, byteCount: best[entry]?.byteCount ?? 0, path: path, doubts: doubts.sorted())
  }

  /// A function's name, and after tail calls also the one in which it ended.
  private func stepTitle(of entry: UInt32, at place: UInt32) -> String {
    let (first, last) = (name(entry), place == 0 ? "" : name(place))
    return last.isEmpty || last == first ? first : "\(first) => \(last)"
  }

  private func deepest(
    _ entry: UInt32, _ best: inout [UInt32: Best], _ stack: inout [UInt32],
    _ doubts: inout Set<StackDoubt>
  ) -> Int {
    if let known = best[entry] { return known.byteCount }
    if let start = stack.firstIndex(of: entry) {
      doubts.insert(.recursion(stack[start...].map { name($0) }))
      return 0
    }
    guard let node = nodes[entry], stack.count < Self.maximumNesting else {
      doubts.insert(.unreadable(entry))
      return 0
    }
    stack.append(entry)
    doubts.formUnion(node.doubts)
    var result = Best(byteCount: node.depth, call: nil)
    for call in node.calls {
      let total = call.depth + deepest(call.target, &best, &stack, &doubts)
      if total > result.byteCount { result = Best(byteCount: total, call: call) }
    }
    stack.removeLast()
    best[entry] = result
    return result.byteCount
  }
}
