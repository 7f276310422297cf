// BootTests/BarrierLint.swift: which barrier which write of the port needs, checked on a linked kernel.
// QEMU orders everything, so nothing that runs there can miss a barrier; this reads the disassembly.

import Foundation

/// What is wrong with the barriers of a kernel's code, path by path.
///
/// A path begins at reset, at an exception's entry, at a call's target or after a table of jumps, and
/// follows every branch. Registers are known as far as constants go. A call is taken to store
/// something, and to return with nothing known.
struct BarrierLint {
  /// The manual's rules: DDI 0403E is the ARMv7-M architecture, DAI 0321A its note on barriers.
  enum Rule: String {
    /// Every store is completed by a DSB before an exception return, which then is the ISB.
    ///
    /// A write to the system control space, the MPU's map among them, shows to the instructions
    /// after it only then (DDI 0403E, A3.7.3); without it an interrupt that was just masked may still
    /// come (DAI 0321A, 4.6); and a store that overlaps the return can fetch a wrong vector (Arm
    /// erratum 838869 of the Cortex-M3 and M4).
    case exceptionReturn = "a store may overlap the exception return"
    /// Reset code completes every store before it admits interrupts (DDI 0403E, A3.7.3).
    case admission = "interrupts are admitted before a store is complete"
    /// A reset is asked for when everything before it is in memory: a DSB before AIRCR, and a DSB and
    /// a loop after it, since the reset takes its time (DDI 0403E, B1.5.16).
    case reset = "a store may be lost to the reset"
    case resetLoop = "after AIRCR, no DSB and loop"
    /// Reset code sees the MPU off after a DSB and an ISB: before them it stores nowhere but to the
    /// system control space (DDI 0403E, B3.5, A3.7.3).
    case protection = "memory is used before a write to MPU_CTRL holds"
    /// The stack pointer that CONTROL selects is in use after an ISB (DDI 0403E, B1.4.4).
    case control = "the stack is used before a write to CONTROL holds"
    /// A coprocessor is there after a DSB, and an ISB or an exception (DDI 0403E, B3.2.20, A3.7.3).
    case coprocessor = "floating point is used before a write to CPACR holds"
  }

  /// An instruction of llvm-objdump's listing.
  struct Instruction {
    var address: UInt32
    /// Without the width.
    var name: String
    var operands: String
    /// The address that the operands name, of a branch or of a literal.
    var target: UInt32?
  }

  private var code: [UInt32: Instruction] = [:]
  private var next: [UInt32: UInt32] = [:]
  private var words: [UInt32: UInt32] = [:]
  private var symbols: [String: UInt32] = [:]
  private var afterData: [UInt32] = []
  /// The addresses of all barriers.
  private(set) var barriers: [UInt32] = []

  /// Reads what `llvm-objdump -d --no-show-raw-insn` says of a kernel.
  init(listing: String) {
    var last: Instruction?
    for line in listing.split(separator: "\n") {
      if let match = line.wholeMatch(of: /([0-9a-f]{8}) <(.+)>:/) {
        if let address = UInt32(match.1, radix: 16) { symbols[String(match.2)] = address }
        continue
      }
      guard let match = line.wholeMatch(of: /\s*([0-9a-f]+):\s+(.*)/),
        let address = UInt32(match.1, radix: 16)
      else { continue }
      if let data = match.2.firstMatch(of: /\.word\s+0x([0-9a-f]{8})/) {
        words[address] = UInt32(data.1, radix: 16)
        last = nil
        continue
      }
      if match.2.contains(/\t\.(short|byte)/) {
        last = nil
        continue
      }
      let (text, note) = match.2.splitOnce { $0 == "@" }
      let (name, operands) = text.splitOnce(\.isWhitespace)
      let place = (name.hasPrefix("b") || name.hasPrefix("cb") ? operands : note)
        .firstMatch(of: /0x([0-9a-f]+)/)
      let instruction = Instruction(
        address: address, name: name.replacing(/\.[wn]$/, with: ""), operands: operands,
        target: place.flatMap { UInt32($0.1, radix: 16) })
      code[address] = instruction
      if let last { next[last.address] = address } else { afterData.append(address) }
      if ["dsb", "isb", "dmb"].contains(instruction.name) { barriers.append(address) }
      last = instruction
    }
  }

  /// Everything that breaks a rule, if the instruction at `missing` did nothing.
  func findings(without missing: UInt32? = nil) -> [String] {
    var walk = Walk(lint: self, missing: missing)
    if let reset = symbols["apus_reset"] { walk.enter(reset, State(isThread: true)) }
    let called = code.values.filter { $0.name == "bl" }.compactMap(\.target)
    let entries = symbols.filter { $0.key.hasPrefix("apus_") && $0.key != "apus_reset" }.values
    for address in Set(called + entries + afterData) { walk.enter(address, State(stored: true)) }
    walk.run()
    return walk.findings.sorted()
  }

  /// What may be pending at an instruction.
  private struct State: Equatable {
    /// Whether the path began at reset, not at an exception.
    var isThread = false
    /// A store that no DSB has completed.
    var stored = false
    /// Writes that need an ISB, and with `stored` a DSB before it.
    var control = false
    var protection = false
    var coprocessor = false
    /// The constants that a register may hold.
    var registers: [Int: Set<UInt32>] = [:]

    /// Adds what another way here may bring.
    mutating func join(_ other: Self) {
      isThread = isThread || other.isThread
      stored = stored || other.stored
      control = control || other.control
      protection = protection || other.protection
      coprocessor = coprocessor || other.coprocessor
      for (number, values) in registers {
        guard let others = other.registers[number] else {
          registers[number] = nil
          continue
        }
        let union = values.union(others)
        // A pointer that moves in a loop stays in its page, and more is not asked of it.
        let isLoop = union.count > 16
        registers[number] = !isLoop ? union : Set(union.map { $0 >> 12 }).count == 1 ? values : nil
      }
    }
  }

  private struct Walk {
    let lint: BarrierLint
    let missing: UInt32?
    var findings: Set<String> = []
    private var states: [UInt32: State] = [:]
    private var waiting: [UInt32] = []

    init(lint: BarrierLint, missing: UInt32?) { (self.lint, self.missing) = (lint, missing) }

    mutating func enter(_ address: UInt32, _ state: State) {
      guard let known = states[address] else {
        states[address] = state
        waiting.append(address)
        return
      }
      var joined = known
      joined.join(state)
      if joined != known {
        states[address] = joined
        waiting.append(address)
      }
    }

    mutating func run() {
      while let address = waiting.popLast() {
        guard let instruction = lint.code[address], var state = states[address] else { continue }
        let ways = address == missing ? nil : execute(instruction, &state)
        for way in ways ?? [lint.next[address]].compactMap(\.self) { enter(way, state) }
      }
    }

    private mutating func find(_ rule: Rule, _ instruction: Instruction) {
      findings.insert("\(String(instruction.address, radix: 16)): \(rule.rawValue)")
    }

    /// Where it goes on; `nil` for the next instruction.
    private mutating func execute(_ it: Instruction, _ state: inout State) -> [UInt32]? {
      let registers = it.operands.matches(of: /\b(r\d+|sp|lr|pc)\b/).map { Self.number($0.1) }
      let following = [lint.next[it.address]].compactMap(\.self)
      switch it.name {
      case "dsb":
        state.stored = false
      case "isb":
        // Without the DSB before it, what was stored may come later.
        state.control = false
        if !state.stored { (state.protection, state.coprocessor) = (false, false) }
      case "cpsie": if state.isThread && state.stored { find(.admission, it) }
      case "msr":
        if it.operands.hasPrefix("control") { state.control = true }
      case "bl", "blx":
        if state.isThread && state.control { find(.control, it) }
        if state.isThread && state.protection { find(.protection, it) }
        if it.name == "bl", it.target == lint.symbols["apus_boot"] { state.coprocessor = true }
        state.stored = true
        for register in [0, 1, 2, 3, 12, 14] { state.registers[register] = nil }
      case "bx" where registers == [14]:
        // Only an exception return has a constant in its link register.
        if state.registers[14] != nil && state.stored { find(.exceptionReturn, it) }
        return []
      case "bx", "udf", "tbb", "tbh": return []
      case "b": return it.target.map { [$0] } ?? []
      case "cbz", "cbnz": return following + (it.target.map { [$0] } ?? [])
      case _ where it.name.hasPrefix("b") && it.target != nil && registers.isEmpty:
        return following + (it.target.map { [$0] } ?? [])
      case _ where it.name.hasPrefix("str") || it.name.hasPrefix("stm") || it.name.hasPrefix("vst"),
        "push", "vpush":
        store(it, registers, &state)
      case _ where it.name.hasPrefix("ldr") || it.name.hasPrefix("ldm") || it.name == "pop":
        load(it, registers, &state)
        if registers.contains(15) && (it.name == "pop" || registers.first == 15) { return [] }
      case "cmp", "cmn", "tst", "teq", "nop", "wfi": break
      case _ where it.name.hasPrefix("v"):
        if state.isThread && state.coprocessor { find(.coprocessor, it) }
      default: calculate(it, registers, &state)
      }
      return nil
    }

    // MARK: Memory

    private mutating func store(_ it: Instruction, _ registers: [Int], _ state: inout State) {
      if it.name.hasPrefix("v"), state.isThread, state.coprocessor { find(.coprocessor, it) }
      let base = it.name.hasSuffix("push") ? 13 : baseRegister(it, registers)
      let addresses = state.registers[base].map { $0.map { $0 &+ offset(it) } } ?? []
      useMemory(it, base, addresses, &state)
      if addresses.contains(0xE000_ED0C) {
        if state.stored { find(.reset, it) }
        checkLoop(after: it)
      }
      if addresses.contains(0xE000_ED94) { state.protection = true }
      if addresses.contains(0xE000_ED88) { state.coprocessor = true }
      state.stored = true
      moveBase(it, base, &state)
    }

    private mutating func load(_ it: Instruction, _ registers: [Int], _ state: inout State) {
      if let target = it.target, let word = lint.words[target], let register = registers.first {
        // A literal lies in the code, which everybody may read.
        state.registers[register] = [word]
        return
      }
      let base = it.name == "pop" ? 13 : baseRegister(it, registers)
      let addresses = state.registers[base].map { $0.map { $0 &+ offset(it) } } ?? []
      useMemory(it, base, addresses, &state)
      for register in registers where register != base || it.name.hasPrefix("ldr") {
        state.registers[register] = nil
      }
      moveBase(it, base, &state)
    }

    /// An access to what is no system control space, as far as one can tell.
    private mutating func useMemory(
      _ it: Instruction, _ base: Int, _ addresses: [UInt32], _ state: inout State
    ) {
      guard state.isThread else { return }
      if base == 13, state.control { find(.control, it) }
      if addresses.isEmpty || addresses.contains(where: { $0 >> 12 != 0xE000E }) {
        if state.protection { find(.protection, it) }
      }
    }

    /// The access to AIRCR is followed by a DSB and a jump to itself.
    private mutating func checkLoop(after it: Instruction) {
      guard let second = lint.next[it.address], let third = lint.next[second],
        second != missing, lint.code[second]?.name == "dsb", lint.code[third]?.name == "b",
        lint.code[third]?.target == third
      else { return find(.resetLoop, it) }
    }

    private func baseRegister(_ it: Instruction, _ registers: [Int]) -> Int {
      let inner = it.operands.firstMatch(of: /\[(r\d+|sp|lr|pc)/).map { Self.number($0.1) }
      return inner ?? registers.first ?? 0
    }

    /// The constant offset; what an index register adds is not known, and taken for 0.
    private func offset(_ it: Instruction) -> UInt32 {
      it.operands.firstMatch(of: /\[\w+, (#\S+)\]/).flatMap { Self.constant($0.1) } ?? 0
    }

    /// Writes the base back.
    private func moveBase(_ it: Instruction, _ base: Int, _ state: inout State) {
      let list = it.operands.firstMatch(of: /!, \{(.*)\}/)
      let step = it.operands.firstMatch(of: /\[\w+\], (#\S+)/).flatMap { Self.constant($0.1) }
      let move: UInt32
      if let list {
        move = 4 * UInt32(list.1.split(separator: ",").count)
      } else if it.operands.hasSuffix("!") {
        move = offset(it)
      } else if let step {
        move = step
      } else {
        return
      }
      state.registers[base] = state.registers[base].map { Set($0.map { $0 &+ move }) }
    }

    // MARK: Registers

    private static func number(_ name: Substring) -> Int {
      ["sp": 13, "lr": 14, "pc": 15][name] ?? Int(name.dropFirst()) ?? 0
    }

    /// The first constant in `text`, decimal or hexadecimal.
    private static func constant(_ text: Substring) -> UInt32? {
      guard let match = text.firstMatch(of: /#(-?)(0x)?([0-9a-f]+)/),
        let value = UInt32(match.3, radix: match.2 == nil ? 10 : 16)
      else { return nil }
      return match.1.isEmpty ? value : 0 &- value
    }

    private func calculate(_ it: Instruction, _ registers: [Int], _ state: inout State) {
      guard let target = registers.first else { return }
      let constant = Self.constant(it.operands[...])
      let source = registers.count > 1 ? state.registers[registers[1]] : state.registers[target]
      switch (it.name, constant) {
      case ("mov", let value?), ("movs", let value?), ("movw", let value?):
        state.registers[target] = [value]
      case ("mvn", let value?): state.registers[target] = [~value]
      case ("mov", nil) where registers.count == 2, ("movs", nil) where registers.count == 2:
        state.registers[target] = source
      case ("movt", let value?):
        state.registers[target] = state.registers[target].map {
          Set($0.map { $0 & 0xFFFF | value << 16 })
        }
      case ("add", let value?), ("adds", let value?), ("addw", let value?):
        state.registers[target] = source.map { Set($0.map { $0 &+ value }) }
      case ("sub", let value?), ("subs", let value?), ("subw", let value?):
        state.registers[target] = source.map { Set($0.map { $0 &- value }) }
      default: state.registers[target] = nil
      }
    }
  }
}

extension StringProtocol {
  /// What is before and after the first separator, without white space at the ends.
  fileprivate func splitOnce(_ isSeparator: (Character) -> Bool) -> (String, String) {
    let parts = split(maxSplits: 1, whereSeparator: isSeparator)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
  }
}
