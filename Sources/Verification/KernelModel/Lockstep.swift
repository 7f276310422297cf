// KernelModel/Lockstep.swift: whether the kernel and the model are in the same state.
// The kernel's words are taken apart here by hand, not by the code that put them together.

import ApusABI
import ApusKernel

extension Walk {
  /// What differs between kernel and model, or is wrong with the kernel alone; `nil` if nothing.
  func disagreement(compareMemory: Bool) -> String? {
    if let misuse = machine.misuses.first { return "the kernel asked for a \(misuse)" }
    for index in 0..<Self.taskCount {
      if let wrong = disagreement(on: index) { return "task \(index): \(wrong)" }
    }
    if kernel.now != model.now { return "now is \(kernel.now), model \(model.now)" }
    for (number, word) in machine.interrupts.enumerated() {
      let line = model.lines[number] ?? Model.Line()
      let expected = UInt32(line.isEnabled ? 1 : 0) + (line.isPending ? 2 : 0)
      if word != expected { return "interrupt \(number) is \(word), model \(expected)" }
    }
    if let wrong = resetDisagreement { return wrong }
    if compareMemory && model.memory != Self.memory(of: machine) { return memoryDisagreement }
    // A machine that is being reset has no next moment: its supervisor cannot run.
    if model.reset != nil { return nil }
    if Int(kernel.current) != model.current {
      return "task \(kernel.current) runs, model \(model.current)"
    }
    return brokenInvariant(of: kernel)
  }

  private var resetDisagreement: String? {
    guard let expected = model.reset else {
      return machine.resets.isEmpty ? nil : "reset \(machine.resets), model none"
    }
    guard machine.resets.count == 1, let record = machine.resets.first else {
      return "resets \(machine.resets), model \(expected)"
    }
    let seen = Model.Reset(
      cause: record.cause & 0xFF, kind: record.state >> 8 & 0xFF, address: record.address,
      programCounter: record.programCounter)
    return seen == expected && record.cause >> 8 == 0x41_5055
      ? nil : "reset \(seen), model \(expected)"
  }

  private var memoryDisagreement: String {
    let memory = Self.memory(of: machine)
    let places = memory.keys.filter { memory[$0] != model.memory[$0] }.sorted()
    return "memory differs at \(places.prefix(4).map { String($0, radix: 16) })"
  }

  private func disagreement(on index: Int) -> String? {
    let task = kernel.tasks[index]
    let actor = model.actors[index]
    let word = task.state.rawValue
    let life = Int(word >> 21)
    let peer = Int(word >> 16 & 31)
    let doing: Model.Doing? =
      switch word & 0xFF {
      case 0: .running
      case 1: .receiving
      case 2: .waiting
      case 3: .sending(to: peer, life: life)
      case 4: .awaitingReply(from: peer, life: life)
      default: nil
      }
    if doing != actor.doing { return "does \(doing as Any), model \(actor.doing)" }
    let kind = word >> 8 & 0xFF
    if kind != actor.record?.kind ?? 0 { return "fault \(kind), model \(actor.record as Any)" }
    if let record = actor.record {
      let seen = Model.Record(
        kind: kind, address: task.deadlineOrAddress,
        programCounter: task.deadlineOrProgramCounter, detail: task.timerBitsOrDetail)
      if seen != record { return "record \(seen), model \(record)" }
      let text = [task.registers.r5, task.registers.r6]
      if kind == 11 && text != Array(actor.r[5...6]) { return "panic text \(text)" }
    } else {
      let seen = [
        task.registers.r4, task.registers.r5, task.registers.r6, task.registers.r7,
        task.registers.r8, task.registers.r9, task.registers.r10, task.registers.r11,
      ]
      if seen != Array(actor.r[4...11]) { return "registers \(seen), model \(actor.r[4...11])" }
    }
    let isArmed = kernel.armed.rawValue >> UInt32(31 - index) & 1 == 1
    let deadline = UInt64(task.deadlineOrProgramCounter) << 32 | UInt64(task.deadlineOrAddress)
    let timer = isArmed ? Model.Timer(deadline: deadline, bits: task.timerBitsOrDetail) : nil
    if timer != actor.timer { return "timer \(timer as Any), model \(actor.timer as Any)" }
    if task.pending != actor.bits { return "pending \(task.pending), model \(actor.bits)" }
    if task.stackPointer != actor.stack { return "stack \(task.stackPointer)" }
    let name = actor.isGivenUp ? 31 : index
    if Int(task.life) != name + 32 * actor.restarts { return "life \(task.life)" }
    return nil
  }
}
