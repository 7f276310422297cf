// FootprintKit/Stack/StackReport.swift: the worst case of each task, the kernel and each exception.
// Doubts are printed beside the number they concern, and such a number starts with ">=".

import ELFKit
import Foundation
import ImagePlan
import PlainText

/// A stack: who uses it, how much at most, and how much there is.
public struct StackEntry: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable { case task, kernel, exception, entry }

  public var name: String
  public var kind: Kind
  /// The static worst case in bytes, the exception frame on top of it included.
  public var bound: Int
  /// False when something could not be followed: the bound is then a lower limit.
  public var isProven: Bool
  /// What is reserved; nil when unknown.
  public var reserved: Int?
  /// The high-water mark of a boot; nil when none was measured.
  public var measured: Int?
  /// From the root to the deepest function, each with the bytes on the stack.
  public var path: [String]
  public var doubts: [String]

  public init(
    name: String, kind: Kind, bound: Int, isProven: Bool, reserved: Int?, measured: Int?,
    path: [String], doubts: [String]
  ) {
    self.name = name
    self.kind = kind
    self.bound = bound
    self.isProven = isProven
    self.reserved = reserved
    self.measured = measured
    self.path = path
    self.doubts = doubts
  }

  /// Bytes left by the worst case; negative when it does not fit.
  public var margin: Int? { reserved.map { $0 - bound } }
}

/// The worst-case stacks of an image.
public struct StackReport: Sendable, Equatable, Codable {
  public var version = 1
  public var image: String
  public var entries: [StackEntry]

  public init(image: String, entries: [StackEntry]) {
    self.image = image
    self.entries = entries
  }

  /// The bounds by name, for a budget.
  public var boundsByName: [String: Int] {
    Dictionary(entries.map { ($0.name, $0.bound) }) { a, b in max(a, b) }
  }

  /// What the processor pushes when an exception is taken: 8 words, with FPU context 26.
  public static func exceptionFrame(hasFloatingPoint: Bool) -> Int { hasFloatingPoint ? 104 : 32 }

  /// The worst case with an exception on top: the processor aligns the stack to 8 bytes first.
  public static func withException(_ bytes: Int, hasFloatingPoint: Bool) -> Int {
    (bytes + 7) / 8 * 8 + exceptionFrame(hasFloatingPoint: hasFloatingPoint)
  }
}

/// What the user declares about stacks.
public struct StackOptions: Sendable {
  /// Targets of indirect calls by caller, as `CALLER=TARGET`.
  public var edges: [String: [String]]
  /// Further functions to be bounded, by symbol.
  public var roots: [String]
  /// Functions that count for nothing, as patterns: they never run, or overflow on purpose.
  public var exceptions: [String]

  public init(
    edges: [String: [String]] = [:], roots: [String] = [], exceptions: [String] = []
  ) {
    self.edges = edges
    self.roots = roots
    self.exceptions = exceptions
  }

  /// Reads `CALLER=TARGET` arguments.
  public init(
    edgeArguments: [String], roots: [String] = [], exceptions: [String] = []
  ) throws(FootprintError) {
    var edges: [String: [String]] = [:]
    for argument in edgeArguments {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw FootprintError(.unreadable, "cannot read edge '\(argument)'; try: CALLER=TARGET")
      }
      edges[parts[0], default: []].append(parts[1])
    }
    self.init(edges: edges, roots: roots, exceptions: exceptions)
  }
}

extension StackEntry {
  init(
    _ bound: StackBound, kind: Kind, reserved: Int?, exceptionFrame: Bool, hasFloatingPoint: Bool
  ) {
    let bytes =
      exceptionFrame
      ? StackReport.withException(bound.byteCount, hasFloatingPoint: hasFloatingPoint)
      : bound.byteCount
    self.init(
      name: bound.name, kind: kind, bound: bytes, isProven: bound.isProven, reserved: reserved,
      measured: nil, path: bound.path.map { "\($0.name) +\($0.depth)" },
      doubts: bound.doubts.map(\.text))
  }
}

extension StackDoubt {
  /// The doubt in one sentence, with the cure.
  public var text: String {
    switch self {
    case .indirectCall(let name):
      "'\(name)' calls through a pointer; try: --edge '\(name)=TARGET'"
    case .dynamic(let name): "'\(name)' moves the stack by an amount known only at run time"
    case .recursion(let names): "recursion: \((names + names.prefix(1)).joined(separator: " -> "))"
    case .growingLoop(let name): "'\(name)' pushes in a loop"
    case .unreadable(let address): "code at \(hex(address)) could not be followed"
    }
  }
}

extension StackReport {
  /// The stacks of a plain ELF: its entry, each handler of its vector table, and `roots`.
  ///
  /// - Throws: `unreadable` when a root does not exist, or nothing can be bounded.
  public init(_ file: ELFFile, name: String, options: StackOptions) throws(FootprintError) {
    var analysis = StackAnalysis(file, options)
    let hasFloatingPoint = ((try? file.armAttributes()) ?? nil)?.floatingPoint ?? 0 > 0
    var entries: [StackEntry] = []
    for root in options.roots {
      guard let symbol = file.symbol(named: root) else {
        throw FootprintError(.unreadable, "there is no function '\(root)' in this image")
      }
      let bound = analysis.bound(from: symbol.address, name: root)
      entries.append(
        StackEntry(
          bound, kind: .entry, reserved: nil, exceptionFrame: false,
          hasFloatingPoint: hasFloatingPoint))
    }
    let vectors = VectorTable(file)
    if vectors == nil, file.entry > 1 {
      let bound = analysis.bound(from: file.entry & ~1, name: "entry")
      entries.append(
        StackEntry(
          bound, kind: .entry, reserved: nil, exceptionFrame: true,
          hasFloatingPoint: hasFloatingPoint))
    }
    for handler in vectors?.handlers ?? [] {
      let bound = analysis.bound(from: handler.address, name: handler.title)
      // Reset's code can be interrupted by any handler; a handler's own frame counts there.
      entries.append(
        StackEntry(
          bound, kind: handler.isReset ? .entry : .exception, reserved: nil,
          exceptionFrame: handler.isReset, hasFloatingPoint: hasFloatingPoint))
    }
    guard !entries.isEmpty else {
      throw FootprintError(
        .unreadable, "no entry point and no vector table in this image; try: --root FUNCTION")
    }
    self.init(image: name, entries: entries)
  }

  /// The stacks of a bundle: each task's against what the plan reserves, and the kernel's.
  public init(_ bundle: ImageBundle, options: StackOptions) throws(FootprintError) {
    let plan = bundle.plan
    var entries: [StackEntry] = []
    let kernel = try Subject.read(bundle.kernel.path)
    entries.append(Self.kernelEntry(kernel, options: options))
    for task in plan.tasks where !task.elf.isEmpty {
      let file = try Subject.read(bundle.directory.appendingPathComponent(task.elf).path)
      guard file.bytes(at: task.entry & ~1, count: 2) != nil else {
        throw FootprintError(
          .unsound,
          "task '\(task.name)' starts at \(hex(task.entry)) by the plan, but '\(task.elf)' has no code "
            + "there; try: build the bundle again")
      }
      var analysis = StackAnalysis(file, options)
      let bound = analysis.bound(from: task.entry & ~1, name: task.name)
      entries.append(
        StackEntry(
          bound, kind: .task, reserved: task.stackBytes, exceptionFrame: true,
          hasFloatingPoint: plan.board.hasFloatingPoint))
    }
    self.init(image: "\(plan.app)/\(plan.board.name)", entries: entries)
  }

  /// The kernel's one stack: exceptions share a priority there, so the deepest handler counts alone.
  ///
  /// A trap inside the kernel stacks one more frame; it is counted, so that its record can be kept.
  private static func kernelEntry(_ kernel: ELFFile, options: StackOptions) -> StackEntry {
    var analysis = StackAnalysis(kernel, options)
    var worst = StackBound(name: "kernel", byteCount: 0, path: [], doubts: [])
    var doubts: Set<StackDoubt> = []
    for handler in VectorTable(kernel)?.handlers ?? [] {
      var bound = analysis.bound(from: handler.address, name: "kernel")
      doubts.formUnion(bound.doubts)
      bound.path.insert(.init(name: handler.title, depth: 0), at: 0)
      if bound.byteCount >= worst.byteCount { worst = bound }
    }
    worst.doubts = doubts.sorted()
    let reserved = kernel.section(named: ".kernel_stack").map { Int($0.byteCount) }
    return StackEntry(
      worst, kind: .kernel, reserved: reserved, exceptionFrame: true, hasFloatingPoint: false)
  }
}

/// The handlers of a Cortex-M vector table.
struct VectorTable {
  struct Handler {
    var title: String
    var address: UInt32
    var isReset: Bool
  }

  /// Each handler once, named by the first exception that uses it.
  var handlers: [Handler] = []

  /// Nil when the image has no table whose reset vector is its entry point.
  init?(_ file: ELFFile) {
    guard let table = Self.address(in: file) else { return nil }
    var seen: [UInt32: Int] = [:]
    for number in 1..<256 {
      guard let word = file.word(at: table &+ 4 * UInt32(number)) else { break }
      if word == 0 { continue }
      guard word & 1 == 1, file.bytes(at: word & ~1, count: 2) != nil else { break }
      if let index = seen[word] {
        if number < 16 { handlers[index].title += ", " + Self.title(number) }
        continue
      }
      seen[word] = handlers.count
      handlers.append(
        Handler(title: Self.title(number), address: word & ~1, isReset: number == 1))
    }
  }

  private static func address(in file: ELFFile) -> UInt32? {
    let candidates =
      file.sections.filter { $0.name.contains("vector") || $0.name.contains("isr") }.map(\.address)
      + file.segments.filter { $0.isLoad && $0.fileByteCount > 8 }.map(\.address)
    return candidates.first { file.word(at: $0 &+ 4) == file.entry | 1 && file.entry > 1 }
  }

  private static func title(_ number: Int) -> String {
    let names = [
      1: "Reset", 2: "NMI", 3: "HardFault", 4: "MemManage", 5: "BusFault", 6: "UsageFault",
      11: "SVCall", 12: "DebugMonitor", 14: "PendSV", 15: "SysTick",
    ]
    return names[number] ?? (number < 16 ? "exception \(number)" : "interrupt \(number - 16)")
  }
}
