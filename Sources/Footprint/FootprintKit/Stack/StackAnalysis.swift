// FootprintKit/Stack/StackAnalysis.swift: follows the code of a function along every path.
// A jump out of the function (a tail call) is followed like any other: it costs what its target
// costs at the depth of the jump. Nothing is guessed silently: what cannot be followed is a doubt.

import ELFKit
import PlainText

/// Why a bound may be too low.
public enum StackDoubt: Sendable, Hashable, Comparable {
  /// A call through a pointer, in this function, whose targets nobody declared.
  case indirectCall(String)
  /// The stack moves by an amount that is known only at run time, in this function.
  case dynamic(String)
  /// Functions that call one another in a ring.
  case recursion([String])
  /// The stack grows in a loop, in this function.
  case growingLoop(String)
  /// Code that could not be read, at this address.
  case unreadable(UInt32)

  private var order: (Int, String) {
    switch self {
    case .recursion(let names): (0, names.joined())
    case .dynamic(let name): (1, name)
    case .growingLoop(let name): (2, name)
    case .indirectCall(let name): (3, name)
    case .unreadable(let address): (4, hex(address))
    }
  }

  public static func < (a: Self, b: Self) -> Bool { a.order < b.order }
}

/// What one function does to the stack, without its callees.
struct StackNode {
  struct Call {
    var site: UInt32
    var target: UInt32
    /// The bytes on the stack when the call is made.
    var depth: Int
  }

  var entry: UInt32
  var depth = 0
  /// Where the stack is deepest: after a tail call, in another function.
  var deepest: UInt32 = 0
  var calls: [Call] = []
  var doubts: Set<StackDoubt> = []
  var returns = false
  /// Registers that instructions of it or of its callees write.
  var writes: UInt16 = 0
  /// Registers that it pushes first.
  var saves: UInt16 = 0

  /// Registers that a caller finds changed.
  ///
  /// Code that the linker has outlined from its callers keeps to no convention: hence what is
  /// written and not saved, besides what any callee may change.
  var changes: UInt16 { (writes & ~saves) | Self.scratch }

  /// r0 to r3, r12 and lr (AAPCS, 6.1.1).
  static let scratch: UInt16 = 0x500f
}

/// Analyses functions on demand and remembers them.
struct StackAnalysis {
  /// What bounds the work on one function, hostile code included.
  static let maximumSteps = 50_000
  static let maximumNesting = 512

  let file: ELFFile
  /// Declared targets of indirect calls, by the caller's name.
  let edges: [String: [String]]
  /// Functions that the user declares never to run, as patterns.
  let exceptions: [String]
  private let frames: [UInt32: CallFrame]
  private let isData: DataMap
  private(set) var nodes: [UInt32: StackNode] = [:]
  private var active: Set<UInt32> = []
  let names: [String: ReadableName]

  init(_ file: ELFFile, _ options: StackOptions = StackOptions()) {
    self.file = file
    edges = options.edges
    exceptions = options.exceptions
    let found = (try? file.callFrames()) ?? []
    frames = Dictionary(found.map { ($0.address, $0) }) { a, _ in a }
    isData = DataMap(file)
    names = SwiftNames.readable(file.symbols.lazy.filter { $0.kind == .function }.map(\.name))
  }

  /// The readable name of the function at an address.
  func name(_ address: UInt32) -> String {
    guard let symbol = file.symbol(containing: address) ?? label(at: address) else {
      return hex(address)
    }
    return names[symbol.name]?.display ?? symbol.name
  }

  private func isException(_ entry: UInt32) -> Bool {
    guard !exceptions.isEmpty else { return false }
    let title = name(entry)
    return exceptions.contains { Glob.matches(title, $0) }
  }

  private func label(at address: UInt32) -> ELFSymbol? {
    file.symbols.first {
      $0.address == address && $0.mapping == nil && $0.isDefined && !$0.name.isEmpty
    }
  }

  /// A place on the way through a function.
  private struct State {
    var address: UInt32
    var depth: Int
    /// Code pointers that registers hold; 0 is unknown.
    var known: [UInt32]
    var conditional: Int
    var frameRegisters: UInt16

    /// The state after an instruction that did not happen.
    func skipping(_ instruction: ThumbInstruction) -> State {
      var result = self
      result.address = address &+ instruction.byteCount
      result.conditional = max(0, conditional - 1)
      return result
    }
  }

  private struct Visit: Hashable {
    var address: UInt32
    var known: [UInt32]
  }

  /// Analyses the function that starts at `entry`, and all it calls.
  @discardableResult
  mutating func analyze(_ entry: UInt32) -> StackNode {
    if let node = nodes[entry] { return node }
    var node = StackNode(entry: entry)
    // A ring: assume that it returns. The bound finds the ring again and tells of it.
    guard !active.contains(entry), active.count < Self.maximumNesting else {
      node.returns = true
      node.writes = .max
      return node
    }
    if isException(entry) {
      node.returns = true
      nodes[entry] = node
      return node
    }
    active.insert(entry)
    var work = [
      State(
        address: entry, depth: 0, known: [UInt32](repeating: 0, count: 16), conditional: 0,
        frameRegisters: 0)
    ]
    var visited: [Visit: Int] = [:]
    var growth: [UInt32: Int] = [:]
    var steps = 0
    while let state = work.popLast() {
      steps += 1
      guard steps < Self.maximumSteps else {
        node.doubts.insert(.unreadable(state.address))
        break
      }
      let visit = Visit(address: state.address, known: state.known)
      if let old = visited[visit] {
        guard state.depth > old else { continue }
        growth[state.address, default: 0] += 1
        if growth[state.address, default: 0] > 32 {
          node.doubts.insert(.growingLoop(name(entry)))
          continue
        }
      }
      visited[visit] = state.depth
      step(state, &node, &work)
    }
    active.remove(entry)
    trustCallFrames(&node)
    nodes[entry] = node
    return node
  }

  /// The compiler's own statement wins where it is larger than what we followed.
  private func trustCallFrames(_ node: inout StackNode) {
    guard let frame = frames[node.entry], frame.maximumOffset > node.depth else { return }
    let missing = frame.maximumOffset - node.depth
    node.depth += missing
    for index in node.calls.indices { node.calls[index].depth += missing }
  }

  private mutating func step(_ state: State, _ node: inout StackNode, _ work: inout [State]) {
    guard !isData.contains(state.address), let first = half(state.address),
      let instruction = decode(state.address, first)
    else {
      node.doubts.insert(.unreadable(state.address))
      return
    }
    var next = state
    next.address = state.address &+ instruction.byteCount
    next.conditional = max(instruction.conditionalCount, state.conditional - 1, 0)
    let isConditional = state.conditional > 0
    move(&next, instruction, isConditional, &node)
    if next.depth > node.depth {
      node.depth = next.depth
      node.deepest = state.address
    }
    node.saves |= instruction.saves
    if instruction.flow != .returns { node.writes |= instruction.clobbers }
    switch instruction.flow {
    case .next:
      // A supervisor call that never returns is followed by literals, or is its function's last.
      if first >> 8 == 0xdf, isData.contains(next.address) || isEnd(next.address, of: state.address)
      {
        return
      }
      work.append(next)
    case .branch(let target, let conditional):
      work.append(jump(next, to: target))
      if conditional || isConditional { work.append(next) }
    case .call(let target): call([target | 1], at: state.address, next, &node, &work)
    case .callRegister(let register):
      callThrough(register, state, next, &node, &work)
    case .jumpRegister(let register):
      jumpThrough(register, state, next, isConditional, &node, &work)
    case .jumpLiteral(let address):
      let target = file.word(at: address) ?? 0
      if target & 1 == 1 {
        work.append(jump(next, to: target & ~1))
      } else {
        node.doubts.insert(.indirectCall(name(state.address)))
      }
    case .tableBranch(let size):
      for target in tableTargets(after: next.address, entryByteCount: size) {
        work.append(jump(next, to: target))
      }
    case .jumpUnknown: node.doubts.insert(.indirectCall(name(state.address)))
    case .returns:
      node.returns = true
      if isConditional { work.append(state.skipping(instruction)) }
    case .traps:
      if isConditional { work.append(next) }
    }
  }

  /// True where the symbol that holds `place`, by its size, ends.
  private func isEnd(_ address: UInt32, of place: UInt32) -> Bool {
    guard let symbol = file.symbol(containing: place), symbol.byteCount > 0 else { return false }
    return UInt64(symbol.address) + UInt64(symbol.byteCount) == UInt64(address)
  }

  private func jump(_ state: State, to target: UInt32) -> State {
    var result = state
    result.address = target
    result.conditional = 0
    return result
  }

  /// Applies the instruction to the stack pointer and to what registers are known to hold.
  private func move(
    _ state: inout State, _ instruction: ThumbInstruction, _ isConditional: Bool,
    _ node: inout StackNode
  ) {
    switch instruction.stack {
    case .none: break
    case .moves(let bytes):
      // A conditional shrink may not happen.
      if bytes > 0 || !isConditional { state.depth = max(0, state.depth + bytes) }
    case .fromRegister(let register):
      let isFrame = state.frameRegisters >> UInt16(register) & 1 == 1
      // Back to a frame pointer: the stack shrinks; how far does not matter for a maximum.
      if !isFrame { node.doubts.insert(.dynamic(name(state.address))) }
    case .fresh: state.depth = 0
    case .dynamic: node.doubts.insert(.dynamic(name(state.address)))
    }
    for register in 0..<16 where instruction.clobbers >> UInt16(register) & 1 == 1 {
      state.known[register] = 0
    }
    state.frameRegisters &= ~instruction.clobbers
    if let register = instruction.frameRegister { state.frameRegisters |= 1 << UInt16(register) }
    if let literal = instruction.literal, !isConditional {
      let word = file.word(at: literal.address) ?? 0
      state.known[literal.register] = isCode(word) ? word : 0
    }
  }

  private func isCode(_ word: UInt32) -> Bool {
    guard word & 1 == 1, let symbol = file.symbol(containing: word & ~1) else { return false }
    return symbol.address == word & ~1 && symbol.kind != .object
  }

  private mutating func call(
    _ targets: [UInt32], at site: UInt32, _ next: State, _ node: inout StackNode,
    _ work: inout [State]
  ) {
    var after = next
    var anyReturns = false
    var changes: UInt16 = StackNode.scratch
    for target in targets {
      let callee = analyze(target & ~1)
      anyReturns = anyReturns || callee.returns
      changes |= callee.changes
      node.calls.append(.init(site: site, target: target & ~1, depth: next.depth))
    }
    node.writes |= changes
    for register in 0..<16 where changes >> UInt16(register) & 1 == 1 { after.known[register] = 0 }
    after.frameRegisters &= ~changes
    // A function whose last instruction is a call relies on the callee not to return.
    if anyReturns, !isEnd(next.address, of: site) { work.append(after) }
  }

  private mutating func callThrough(
    _ register: Int, _ state: State, _ next: State, _ node: inout StackNode, _ work: inout [State]
  ) {
    var targets = state.known[register] != 0 ? [state.known[register]] : declared(state.address)
    if targets.isEmpty { node.doubts.insert(.indirectCall(name(state.address))) }
    targets = targets.map { $0 | 1 }
    guard !targets.isEmpty else {
      var after = next
      after.known = [UInt32](repeating: 0, count: 16)
      node.writes |= StackNode.scratch
      work.append(after)
      return
    }
    call(targets, at: state.address, next, &node, &work)
  }

  private mutating func jumpThrough(
    _ register: Int, _ state: State, _ next: State, _ isConditional: Bool, _ node: inout StackNode,
    _ work: inout [State]
  ) {
    let known = state.known[register]
    let targets = known != 0 ? [known] : declared(state.address)
    // `pop {..., r3}; bx r3` is a return of older code: at depth 0 with nothing known.
    if targets.isEmpty, state.depth == 0, register < 4 {
      node.returns = true
      node.doubts.insert(.indirectCall(name(state.address)))
    } else if targets.isEmpty {
      node.doubts.insert(.indirectCall(name(state.address)))
    }
    for target in targets { work.append(jump(next, to: target & ~1)) }
    if isConditional { work.append(next) }
  }

  /// The targets that the user declared for the function at an address.
  private func declared(_ address: UInt32) -> [UInt32] {
    guard let symbol = file.symbol(containing: address) else { return [] }
    let wanted = (edges[symbol.name] ?? []) + (edges[name(address)] ?? [])
    return wanted.compactMap { target in
      file.symbol(named: target)?.address
        ?? file.symbols.first { names[$0.name]?.display == target }?.address
    }
  }

  private func half(_ address: UInt32) -> UInt32? {
    guard address & 1 == 0, let two = file.bytes(at: address, count: 2) else { return nil }
    return UInt32(two[two.startIndex]) | UInt32(two[two.startIndex + 1]) << 8
  }

  private func decode(_ address: UInt32, _ first: UInt32) -> ThumbInstruction? {
    guard ThumbInstruction.isLong(first) else {
      return ThumbInstruction(at: address, first, 0)
    }
    guard let second = half(address &+ 2) else { return nil }
    return ThumbInstruction(at: address, first, second)
  }

  /// The targets of a TBB or TBH whose table follows it: it ends where the nearest target starts.
  private func tableTargets(after table: UInt32, entryByteCount: UInt32) -> Set<UInt32> {
    var result: Set<UInt32> = []
    var limit = UInt32.max
    var address = table
    while address < limit, result.count < 512,
      let bytes = file.bytes(at: address, count: Int(entryByteCount))
    {
      let entry = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let target = table &+ 2 * entry
      guard entry > 0 else { break }
      limit = min(limit, target)
      result.insert(target)
      address &+= entryByteCount
    }
    return result
  }
}

/// Which addresses of code hold data, by the Arm mapping symbols.
struct DataMap {
  private var starts: [(address: UInt32, isData: Bool)]

  init(_ file: ELFFile) {
    starts = file.symbols.compactMap { symbol in
      symbol.mapping.map { (symbol.address, $0 == .data) }
    }.sorted { ($0.address, $0.isData ? 0 : 1) < ($1.address, $1.isData ? 0 : 1) }
  }

  func contains(_ address: UInt32) -> Bool {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 && starts[low - 1].isData
  }
}
